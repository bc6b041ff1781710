#!/usr/bin/env bash
# Home Assistant itself, on a real Mosquitto, beside a reader: .ci/home_assistant.py says what is tried. Its packages go
# into an environment of their own, in WORK if that is set. HOME_ASSISTANT is the version: 2024.3.3 is the last one for
# Python 3.11; with HOME_ASSISTANT_PYTHON=python3.12 there are later ones.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${HOME_ASSISTANT:-2024.3.3}
work=${WORK:-$(mktemp -d)}
house=$work/homeassistant-$version
if [[ ! -e $house/ready ]]; then
    "${HOME_ASSISTANT_PYTHON:-${PYTHON:-.venv/bin/python}}" -m venv --clear "$house"
    # What Home Assistant would install by itself for the integrations that are used here.
    "$house/bin/pip" install --quiet "homeassistant==$version" paho-mqtt==1.6.1 janus==1.0.0 numpy Pillow \
        --disable-pip-version-check 2>&1 | grep -v '^WARNING: Location' >&2 || true
    touch "$house/ready"
fi
"$house/bin/python" .ci/home_assistant.py "${PYTHON:-.venv/bin/python}"
