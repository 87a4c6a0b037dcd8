#!/bin/sh
# Installs a requirements file into .venv, which it makes first: ./install.sh requirements.txt
# Or what requirements.lock and torch.lock say, by their hashes: ./install.sh --locked
# PYTHON names the interpreter to make it with, TORCH_INDEX_URL an index to take torch from.
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

pip() {
    command=$1
    shift
    .venv/bin/python -m pip "$command" ${quiet:+"$quiet"} --disable-pip-version-check "$@"
}

# Of a lock: one package, with its hashes.
locked_block() {
    sed -n "/^$1==/,/[^\\\\]\$/p" requirements.lock
}

has_nvidia_driver() {
    [ -e /proc/driver/nvidia/version ] || command -v nvidia-smi >/dev/null
}

say_what_comes() {
    echo "Installing $1 into .venv, once. Where no CPU build of torch is at hand this downloads about 3 GB."
    if [ -z "${TORCH_INDEX_URL:-}" ] && ! has_nvidia_driver && [ "$(uname -sm)" = "Linux x86_64" ]; then
        echo "No NVIDIA driver was found here: with the address of PyTorch's index of CPU builds (its installation page" \
            "shows it) as make demo TORCH_INDEX_URL=… those are 200 MB."
    fi
}

# An index of one's own may have no pip: the one that Python brought goes on then.
upgrade_pip() {
    pip install --upgrade "$@" || echo "pip could not be upgraded; the one that Python brought goes on." >&2
}

install_as_asked() {
    upgrade_pip -c constraints.txt pip
    if [ -n "${TORCH_INDEX_URL:-}" ]; then
        torch=$(sed -n 's/^\(torch==[^ #]*\).*/\1/p' requirements.txt)
        pip install --index-url "$TORCH_INDEX_URL" --no-deps --upgrade "$torch" || return
    fi
    pip install -c constraints.txt -r "$1"
}

# A file where pip looks for links goes before the index, of which pip would take it that tells hashes.
install_locked_torch() {
    if [ -n "${TORCH_INDEX_URL:-}" ]; then
        pip install --index-url "$TORCH_INDEX_URL" --require-hashes --no-deps -r torch.lock
    elif ! pip install --no-index --require-hashes --no-deps -r torch.lock >/dev/null 2>&1; then
        pip install --require-hashes --no-deps -r torch.lock
    fi
}

# Torch's own line, without hashes, brings what only a CUDA build needs: its metadata pins that.
install_locked() {
    locked_block pip >.venv/pip.lock
    upgrade_pip --require-hashes --no-deps -r .venv/pip.lock
    pip install --require-hashes --no-deps -r requirements.lock &&
        install_locked_torch &&
        pip install -c constraints.txt "$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' torch.lock)" &&
        pip check
}

[ -t 1 ] && quiet= || quiet=--quiet
if [ "$1" = --locked ]; then
    say_what_comes requirements.lock
    install_locked || fail "Not everything could be installed as it is locked: the lines above say what and why." \
        "An index that serves builds of its own has other hashes: ./install.sh requirements.txt asks for none."
else
    say_what_comes "$1"
    install_as_asked "$1" || fail "Not everything in $1 could be installed: the lines above say what and why." \
        "The installation needs the network and several GB of free disk."
fi
ln -sf ../../ktrdr .venv/bin/ktrdr
