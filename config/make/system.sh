#!/bin/sh
# Sees to what the tests need beside Python: a real browser with fonts, PostgreSQL, and git. Says plainly what is missing.
set -eu
cd "$(dirname "$0")/../.."

missing=""
need() {
    missing="$missing $1"
}

command -v git >/dev/null 2>&1 || need git
if ! command -v chromium >/dev/null 2>&1; then
    need chromium
fi
fonts=${FONTS_FOLDER:-/usr/share/fonts}
if [ ! -d "$fonts" ] || [ -z "$(find "$fonts" -name '*.ttf' -print -quit)" ]; then
    need fonts-liberation
fi
if ! command -v initdb >/dev/null 2>&1 && ! ls ${POSTGRESQL_FOLDER:-/usr/lib/postgresql}/*/bin/initdb >/dev/null 2>&1; then
    need postgresql
fi
if [ -n "$missing" ] && ! config/make/packages.sh $missing; then
    echo "Missing here, and this account may not install it:$missing"
    echo "On Debian or Ubuntu: sudo apt install$missing"
    echo "Tests that need a browser are skipped without Chromium, and those on PostgreSQL without PostgreSQL."
fi
