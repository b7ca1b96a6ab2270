#!/bin/sh
# Installs what the tests of the examples need, when it is missing and this is root on a Debian; what it cannot install,
# those tests say that they were skipped for.
#
#   install.sh browser            Chromium
#   install.sh python VENV REQS   a virtual environment with these requirements
set -eu

debian() {
    test "$(id -u)" = 0 && command -v apt-get >/dev/null &&
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"
}

skip() {
    echo "$1: tests of examples will be skipped" >&2
    exit 0
}

case $1 in
    browser)
        command -v chromium >/dev/null || debian chromium || skip "chromium is missing"
        ;;
    python)
        python=${PYTHON:-python3}
        "$python" -c 'import ensurepip, venv' 2>/dev/null || debian python3-venv || skip "Python's venv is missing"
        "$python" -m venv "$2"
        "$2/bin/pip" install --quiet --disable-pip-version-check -r "$3"
        touch "$2/ready"
        ;;
esac
