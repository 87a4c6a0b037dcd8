#!/bin/sh
# Installs a requirements file into .venv, which it makes first: ./install.sh requirements.txt
# PYTHON names the interpreter to make it with.
set -eu
cd "$(dirname "$0")"

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "KTRDR needs Python 3.11 or newer, and $(python3 --version 2>&1 || echo 'no python3') was found." \
        "Install one, or name one: make PYTHON=/path/to/python3.11 $*"
}

if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        fail "$python cannot make a virtual environment: its venv or ensurepip module is missing." \
            "On Debian and Ubuntu: apt install python3-venv. Or name another: make PYTHON=/path/to/python3.11"
    fi
fi

echo "Installing $1 into .venv, once. Where no CPU build of torch is at hand this downloads about 3 GB."
[ -t 1 ] && quiet= || quiet=--quiet
if ! .venv/bin/python -m pip install $quiet --disable-pip-version-check -c constraints.txt -r "$1"; then
    fail "Not everything in $1 could be installed: the lines above say what and why." \
        "The installation needs the network and several GB of free disk."
fi
