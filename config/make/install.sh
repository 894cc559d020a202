#!/bin/sh
# Makes .venv and installs Grand Round into it, editable, with the extras that are named as arguments.
# When that has been done for this version, nothing is installed and nothing is fetched.
set -eu
cd "$(dirname "$0")/../.."

venv=.venv
stamp=$venv/installed
version=$({ pwd; cat setup.cfg pyproject.toml config/make/install.sh; } | cksum)
kept=""
if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$version" ] && "$venv/bin/python" -c "" 2>/dev/null; then
    kept=$(sed -n 2p "$stamp")
else
    rm -f "$stamp"
fi

extras=$kept
is_complete=true
for extra in core "$@"; do
    case " $kept " in
        *" $extra "*) ;;
        *) is_complete=false; extras="$extras $extra" ;;
    esac
done
if $is_complete; then
    exit 0
fi

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Grand Round needs Python 3.11 or newer, and there is none here. Install it, or name it: make PYTHON=/path/to/python" >&2
    exit 1
}

# uv is quicker; where it fails (a proxy whose certificate only the system knows, say), pip has its turn.
install_with_uv() {
    command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1 || return 1
    export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true
    if $is_new; then
        rm -rf "$venv"
        uv venv --quiet --python "$python" "$venv" || return 1
    fi
    uv pip install --quiet --python "$venv/bin/python" --editable "$wanted"
}

install_with_pip() {
    if $is_new || ! "$venv/bin/python" -c "import pip" 2>/dev/null; then
        if ! "$python" -c "import ensurepip" 2>/dev/null && ! config/make/packages.sh python3-venv; then
            echo "Python's venv is missing here. On Debian or Ubuntu: sudo apt install python3-venv" >&2
            exit 1
        fi
        rm -rf "$venv"
        "$python" -m venv "$venv"
    fi
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --editable "$wanted"
}

names=$(echo "$extras" | tr -s ' ' '\n' | sed '/^$/d; /^core$/d' | paste -sd, -)
wanted=".${names:+[$names]}"
python=$(find_python)
is_new=true
if [ -f "$stamp" ]; then
    is_new=false
    echo "Installing what is missing in $venv ($names)."
else
    echo "Installing Grand Round into $venv. This takes a minute or two, once."
fi
install_with_uv || install_with_pip
printf '%s\n%s\n' "$version" "$(echo "core $names" | tr ',' ' ')" > "$stamp"
