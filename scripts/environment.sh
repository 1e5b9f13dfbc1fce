#!/usr/bin/env bash
# Makes .venv as requirements/NAME.txt locks it, and does nothing when nothing changed.
#
#   scripts/environment.sh base      what serving needs
#   scripts/environment.sh tracking  that, and MLflow
#   scripts/environment.sh dev       both, and what training, testing and linting need
#
# All share .venv and only ever add to it. uv is used when present, else Python's own venv and pip.
# A stamp in .venv holds a checksum of all that an installation depends on. Runs on bash 3.2 (macOS) too.
set -euo pipefail

set_name="${1:?usage: environment.sh base|tracking|dev}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
cd "$root"
venv=".venv"
lock="requirements/$set_name.txt"
python="$venv/bin/python"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "multimodal: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

checksum() { # of the lock $1, the project's metadata, the Python in use and the place where all of it lies
    { echo "$root"; cat "requirements/$1.txt" pyproject.toml "$venv/pyvenv.cfg"; } | cksum
}

stamp() {
    checksum "$1" >"$venv/.$1.stamp"
}

is_current() {
    [ -x "$python" ] && [ "$(cat "$venv/.$set_name.stamp" 2>/dev/null)" = "$(checksum "$set_name" 2>/dev/null)" ]
}

suits() { # a shim may be there and still not run, so ask the interpreter itself
    "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if have "$candidate" && suits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

how_to_get_python() {
    case "$(uname -s)" in
        Darwin) echo "macOS:  brew install python@3.13" ;;
        *) echo "Debian, Ubuntu:  sudo apt-get install python3 python3-venv    Fedora:  sudo dnf install python3.13" ;;
    esac
}

make_venv_with_uv() {
    local found="$1"
    uv venv --quiet --clear --python "${found:-3.13}" "$venv" || fail "uv could not make $venv (its message is above)." \
        "Without a Python 3.11, 3.12 or 3.13 on this machine, uv downloads one: that needs the network." \
        "$(how_to_get_python)"
}

make_venv_with_pip() {
    local found="$1"
    [ -n "$found" ] || fail "no Python 3.11, 3.12 or 3.13 found." "$(how_to_get_python)" \
        "Or install uv (docs.astral.sh/uv), which brings its own Python. Then run this again."
    "$found" -c 'import ensurepip, venv' >/dev/null 2>&1 || fail "$found has no venv module, so it cannot make $venv." \
        "Debian, Ubuntu:  sudo apt-get install python$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" \
        "Or install uv (docs.astral.sh/uv). Then run this again."
    "$found" -m venv --clear "$venv" || fail "$found could not make $venv (its message is above)."
}

moved() { # the scripts inside an environment hold its absolute path
    [ -f "$venv/.root" ] && [ "$(cat "$venv/.root")" != "$root" ]
}

make_venv() {
    if [ -x "$python" ] && suits "$python" && ! moved; then return; fi
    local found
    found="$(find_python)"
    if have uv; then make_venv_with_uv "$found"; else make_venv_with_pip "$found"; fi
    echo "$root" >"$venv/.root"
}

install() {
    if have uv; then
        uv pip install --quiet --python "$python" "$@"
    else
        "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
        PIP_DISABLE_PIP_VERSION_CHECK=1 "$python" -m pip install --quiet "$@"
    fi
}

install_locked() {
    install --no-deps --require-hashes -r "$lock" || fail "the packages in $lock could not be installed (the reason is above)." \
        "Without a network: run this again when there is one; what was downloaded already is kept." \
        "Behind a proxy or with an index of your own: set what pip (PIP_INDEX_URL) or uv (UV_DEFAULT_INDEX) reads."
    install --no-deps --no-build-isolation -e . || fail "the project itself could not be installed (the reason is above)."
}

if is_current; then exit 0; fi
say "multimodal: installing $lock into $venv (once; takes about a minute) ..."
make_venv
install_locked
stamp "$set_name"
if [ "$set_name" != base ]; then stamp base; fi # the others hold all of base
if [ "$set_name" = dev ]; then stamp tracking; fi # and dev holds all of tracking
