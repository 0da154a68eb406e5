#!/bin/sh
# Makes .venv and installs exactly what requirements.lock names, then this project itself.
# Works with `python3 -m venv`, or, where a system's Python comes without it, with pip's own virtualenv.
# Byte code is left to be made when a module is first used: most of these modules never are.
set -eu
PYTHON="${PYTHON:-python3}"

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "histobench needs Python 3.11 or newer; $PYTHON is $("$PYTHON" --version 2>&1). Set PYTHON=/path/to/python3." >&2
    exit 2
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$PYTHON" -m venv .venv; then
        rm -rf .venv .venv-bootstrap
        "$PYTHON" -m pip install --quiet --target .venv-bootstrap virtualenv
        PYTHONPATH=.venv-bootstrap "$PYTHON" -m virtualenv .venv
        rm -rf .venv-bootstrap
    fi
fi

echo "Installing the locked packages (about 6 GB with CUDA; the README says how to use CPU wheels) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
echo "Installed. The command is .venv/bin/bench; after '. .venv/bin/activate' it is bench."
