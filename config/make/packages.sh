#!/bin/sh
# Installs the Debian packages that are named as arguments, where this account may. Exit status 1 where it may not.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    exit 1
elif [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing with apt-get: $*"
$as_root apt-get update -qq </dev/null >/dev/null
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
