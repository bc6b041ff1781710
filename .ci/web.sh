#!/usr/bin/env bash
# What the page's tests are too short for: 2,000 malformed uploads, and whether the camera's reader is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

EDGE_DIGITS_UPLOADS=2000 "$PYTHON" -m pytest -q -rP tests/device/web/test_web_uploads.py |
    grep -E 'malformed uploads|at once|passed|failed'
"$PYTHON" -m docs.results.web viewers --seconds 120 2>/dev/null
"$PYTHON" -m docs.results.web uploads --seconds 120 2>/dev/null
