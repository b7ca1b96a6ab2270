#!/bin/sh
# Installs the Autobahn test suite into the folder that is given. It runs on Python 2.7 only, which is looked for in pyenv and on
# the PATH; where there is none, this says so and ends with 77.
set -eu

folder=${1:?the folder to install into}
here=$(dirname "$0")

find_python() {
    for python in "$(pyenv prefix 2.7.18 2>/dev/null || true)/bin/python2.7" python2.7; do
        if "$python" -m pip --version >/dev/null 2>&1; then
            command -v "$python"
            return
        fi
    done
    echo "conformance: no Python 2.7 with pip, neither in pyenv (2.7.18) nor as python2.7 on the PATH" >&2
    exit 77
}

installed=$folder/installed.txt
wanted=$(cat "$here/virtualenv.txt" "$here/requirements.txt")
if [ -x "$folder/python/bin/wstest" ] && [ "$wanted" = "$(cat "$installed" 2>/dev/null)" ]; then
    exit
fi
python=$(find_python)
rm -rf "$folder"
mkdir -p "$folder"
export PIP_DISABLE_PIP_VERSION_CHECK=1
# Every package is named with its version, and none is taken that is not named.
"$python" -W ignore -m pip install --quiet --no-deps --target "$folder/virtualenv" --requirement "$here/virtualenv.txt"
PYTHONPATH=$folder/virtualenv "$python" -m virtualenv --quiet --python "$python" --no-download "$folder/python"
"$folder/python/bin/python" -W ignore -m pip install --quiet --no-deps --requirement "$here/requirements.txt"
printf '%s\n' "$wanted" > "$installed"
