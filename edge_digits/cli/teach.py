"""``edge-digits teach``: learn one hand from labels, or forget it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

_EXAMPLES = """examples:
  edge-digits teach hand
  edge-digits read --hand hand/hand.npz photo.jpg
  edge-digits teach hand --undo
Exit status: 0 what was learned is taken, 1 it is not, or something failed."""


def add_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser's ``commands``."""
    teach = commands.add_parser(
        "teach",
        parents=[common],
        help="learn a hand from labels",
        description="Learn one writer's hand from the labels in FOLDER; writes FOLDER/hand.npz if that reads better.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    teach.add_argument("folder", metavar="FOLDER", help="folder of labelled samples, as edge-digits label makes it")
    teach.add_argument("--undo", action="store_true", help="read as shipped again; labels stay")
    teach.set_defaults(run=_teach)


def _teach(options: argparse.Namespace) -> int:
    # Read when NumPy is imported. The matrices are small, and a camera may run beside this.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from edge_digits.errors import LabelError
    from edge_digits.teach.keep import undo
    from edge_digits.teach.private import HAND_FILE
    from edge_digits.teach.teach import teach

    folder = Path(options.folder)
    try:
        if options.undo:
            forgotten = undo(folder)
            print("Forgotten: read as shipped." if forgotten else f"{folder / HAND_FILE}: nothing was learned")
            return 0
        taught = teach(folder)
    except OSError as error:
        raise LabelError(f"{error.filename or folder}: {error.strerror}") from error
    print(taught.summary)
    if taught.taken:
        print(f"{folder / HAND_FILE}, in {taught.seconds:.1f} s; --undo takes it back", file=sys.stderr)
    return 0 if taught.taken else 1
