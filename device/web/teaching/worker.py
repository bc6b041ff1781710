"""``python -m device.web.teaching.worker FOLDER``: teach what the labels of a folder say; what it came to goes to
standard output, as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from edge_digits.errors import EdgeDigitsError
from edge_digits.system.exit_status import in_one_line

NICENESS = 10
"""The camera's reader and the page go first."""


def main(arguments: list[str]) -> int:
    """Returns 0, whatever it came to."""
    os.nice(NICENESS)
    # Late: it imports what reads and learns, and only this process does.
    from edge_digits.teach.teach import teach

    try:
        taught = teach(Path(arguments[0]))
        answer = {"taken": taught.taken, "summary": taught.summary}
    except (EdgeDigitsError, OSError) as error:
        answer = {"error": in_one_line(error)}
    print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
