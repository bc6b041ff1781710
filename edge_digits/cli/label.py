"""``edge-digits label``: say in the terminal what samples are, list them, delete them, or add those of photographs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.io.sources import pictures
from edge_digits.system.terminal import escaped

PHOTOGRAPH = "photograph"
"""Why a sample is there that was read in one."""

_EXAMPLES = """examples:
  edge-digits label hand
  edge-digits label photos/*.jpg --into hand
  edge-digits label hand --delete"""


def add_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser's ``commands``."""
    label = commands.add_parser(
        "label",
        parents=[common],
        help="say what collected digits are",
        description="Say what collected digits are, one key a digit.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    label.add_argument("paths", nargs="+", metavar="PATH", help="folder of samples; with --into pictures, as for read")
    what = label.add_mutually_exclusive_group()
    what.add_argument("--into", metavar="FOLDER", help="add every digit of these pictures to FOLDER")
    what.add_argument("--list", action="store_true", help="print how many there are of each, and what has no label")
    what.add_argument("--delete", action="store_true", help="delete all samples and labels in the folder")
    label.add_argument("--yes", action="store_true", help="delete without asking")
    label.set_defaults(run=_label)


def _label(options: argparse.Namespace) -> int:
    if options.yes and not options.delete:
        raise ConfigError("--yes: expected --delete too")
    if options.into is not None:
        return _add(options.paths, options.into)
    if len(options.paths) > 1:
        raise ConfigError(f"{options.paths[1]}: expected one folder; --into FOLDER adds the digits of pictures")
    folder = Path(options.paths[0])
    if folder.is_file():
        raise ConfigError(f"{folder}: is no folder; --into FOLDER adds the digits of pictures")
    if options.list:
        return _list(folder)
    return _delete(folder, options.yes) if options.delete else _ask(folder)


def _ask(folder: Path) -> int:
    import cv2

    from edge_digits.cli.blocks import drawing
    from edge_digits.cli.keys import keys
    from edge_digits.cli.labelling import EXPECTED, Labelling, in_words
    from edge_digits.errors import LabelError
    from edge_digits.types import as_image

    labelling = Labelling(folder)
    in_colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    with keys(sys.stdin) as pressed:
        key = ""
        while labelling.left:
            row = labelling.row
            picture = cv2.imread(str(folder / row.file), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise LabelError(f"{folder / row.file}: is no picture")
            print(drawing(as_image(picture), row.box, in_colour))
            print(f"{labelling.left} left: {escaped(in_words(row))}. {EXPECTED}", flush=True)
            key = next(pressed, "q")
            if key == "q":
                break
            print(escaped(labelling.press(key)), flush=True)
    print(f"{len(labelling.rows) - labelling.left} labelled, {labelling.left} left")
    return 0


def _list(folder: Path) -> int:
    from edge_digits.cli.labelling import in_words
    from edge_digits.teach.labels import LABELS, read_labels, read_samples

    rows, labels = read_samples(folder), read_labels(folder)
    counts = Counter(labels[row.file] for row in rows if row.file in labels)
    for label in LABELS:
        print(f"{label:6}{counts[label]:6}")
    open_rows = [row for row in rows if row.file not in labels]
    print(f"without a label: {len(open_rows)}")
    for row in open_rows:
        print(escaped(f"  {row.file}  {in_words(row)}"))
    return 0


def _delete(folder: Path, without_asking: bool) -> int:
    from edge_digits.teach.keep import remove_all

    if not without_asking:
        print(f"delete all samples and labels in {escaped(str(folder))}? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            print("nothing is deleted")
            return 1
    try:
        count = remove_all(folder)
    except OSError as error:
        raise EdgeDigitsError(f"{error.filename or folder}: cannot be deleted: {error.strerror}") from error
    print(f"{count} samples are deleted")
    return 0


def _add(arguments: list[str], into: str) -> int:
    """Add what stands in pictures; 1 if any cannot be read."""
    from edge_digits.io.image import load_grey, read_grey
    from edge_digits.reader import open_reader
    from edge_digits.teach.keep import LOW, Wanted, keep
    from edge_digits.trace import Seen

    if not into:
        raise ConfigError("--into: an empty path names no folder")
    folder, reader, status = Path(into), open_reader(), 0
    for argument in arguments:
        try:
            for source in pictures(argument):
                grey = read_grey(sys.stdin.buffer, "standard input") if source == "-" else load_grey(source)
                seen: list[Seen] = []
                page = reader.read(grey, observe=seen.append)
                items = [digit for line in page.lines for digit in line.digits]
                wanted = [Wanted.of(one) for one in (*items, *(r for r in page.rejected if r.reason == LOW))]
                now = time.time()
                kept = [keep(folder, seen[0], one, PHOTOGRAPH, "", now) for one in wanted]
                print(escaped(f"{source}: {len(kept) - kept.count(None)} samples"), flush=True)
        except OSError as error:
            raise ConfigError(f"--into {folder}: cannot be written: {error.strerror}") from error
        except EdgeDigitsError as error:
            print(f"edge-digits: {escaped(str(error))}", file=sys.stderr, flush=True)
            status = 1
    return status
