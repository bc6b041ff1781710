"""``edge-digits read | label | teach | models | accuracy | doctor``: numbers from pictures, on the command line.

Exit status: 0 done, 1 the work failed or part of it did, 2 the command line is wrong. What takes long to import
(NumPy, OpenCV, the runtime) is imported where it is used, so that help and wrong command lines answer at once.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edge_digits import report
from edge_digits.cli.accuracy import add_parser as add_accuracy_parser
from edge_digits.cli.label import add_parser as add_label_parser
from edge_digits.cli.teach import add_parser as add_teach_parser
from edge_digits.errors import ConfigError, EdgeDigitsError, ImageError
from edge_digits.io.sources import pictures
from edge_digits.system.exit_status import exit_status, in_one_line
from edge_digits.system.terminal import ArgumentParser, escaped, log_to_stderr

if TYPE_CHECKING:
    from edge_digits.page import Page
    from edge_digits.reader import DigitReader
    from edge_digits.types import Image

PROGRAM = "edge-digits"

logger = logging.getLogger(__name__)

_LONGEST_JPEG = 65_500

_MAIN_EXAMPLES = """examples:
  edge-digits read photo.jpg
  edge-digits read --format json --draw out scans/ > numbers.jsonl
  edge-digits models show cnn-int8.tflite
  edge-digits doctor"""

_READ_EXAMPLES = """examples:
  edge-digits read photo.jpg
  edge-digits read scans/ 'more/*.png' --draw out
  curl -s http://camera.local/shot.jpg | edge-digits read - --format json"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (by default the process's own) and return the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in given
    level = logging.DEBUG if debug else logging.WARNING
    log_to_stderr(level, "%(name)s: %(message)s")
    # File names need not be text in the terminal's encoding.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return exit_status(PROGRAM, lambda: _command(given), debug)


def _command(given: Sequence[str]) -> int:
    options = _parser().parse_args(given)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    common = ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="say more, and show tracebacks")
    plain = argparse.RawDescriptionHelpFormatter
    description = "Read handwritten numbers from pictures."
    parser = ArgumentParser(PROGRAM, description=description, epilog=_MAIN_EXAMPLES, formatter_class=plain)
    parser.add_argument("--version", action=_PrintVersion)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    read = commands.add_parser(
        "read",
        parents=[common],
        help="read the numbers in pictures",
        description="Read the numbers in pictures.",
        epilog=_READ_EXAMPLES,
        formatter_class=plain,
    )
    read.add_argument("paths", nargs="+", metavar="PATH", help="picture, folder, pattern, or - for standard input")
    read.add_argument("--model", default="auto", help="name of a shipped model, or a model file (default: auto)")
    help_text = "share of wrong digits to allow, such as 0.01; what is less sure is not read"
    read.add_argument("--max-error", type=float, metavar="SHARE", help=help_text)
    read.add_argument("--format", choices=["text", "json"], default="text", help="json: one object a line")
    read.add_argument("--hand", metavar="FILE", help="what edge-digits teach has learned of a writer")
    read.add_argument("--draw", metavar="DIR", help="write each picture with its reading into DIR")
    read.set_defaults(run=_read)

    add_label_parser(commands, common)
    add_teach_parser(commands, common)

    description = "List the shipped models, or show all that is known about one."
    models = commands.add_parser(
        "models", parents=[common], help="list the models, or show one", description=description
    )
    models.set_defaults(run=_list_models)
    show = models.add_subparsers(metavar="[show MODEL]").add_parser(
        "show", parents=[common], help="print a model's spec", description="Print a model's spec as JSON."
    )
    show.add_argument("model", metavar="MODEL", help="name of a shipped model, or a model file")
    show.set_defaults(run=_show_model)

    add_accuracy_parser(commands, common)

    description = "Check this installation, and say how to mend what is wrong."
    doctor = commands.add_parser("doctor", parents=[common], help="check this installation", description=description)
    doctor.set_defaults(run=_doctor)
    return parser


class _PrintVersion(argparse.Action):
    """``argparse``'s own would need the version before it is asked for, and importlib.metadata takes its time."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and end")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(PROGRAM, version(PROGRAM))
        except PackageNotFoundError:
            print(PROGRAM, "(from a checkout that is not installed)")
        parser.exit()


def _read(options: argparse.Namespace) -> int:
    from edge_digits.reader import open_reader
    from edge_digits.runtime.hand import load_hand

    if options.draw is not None:
        # An unset variable in a script; pathlib would take it for the current folder.
        if not options.draw:
            raise ConfigError("--draw: an empty path names no folder")
        options.draw = Path(options.draw)
        try:
            options.draw.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--draw {options.draw}: cannot be made a folder: {error.strerror}") from error
    sources: list[str | report.Row] = []
    for argument in options.paths:
        try:
            sources += pictures(argument)
        except EdgeDigitsError as error:
            sources.append(report.error_row(argument, str(error)))
    # A picture with its reading must not take the place of a source, nor of another one's reading.
    taken = {Path(os.path.realpath(source)) for source in sources if isinstance(source, str)}
    if options.hand is not None:
        # A running camera goes on without it; whoever names it wants it.
        load_hand(Path(options.hand))
    reader = open_reader(options.model, max_error=options.max_error, hand=options.hand)
    status = 0
    for source in sources:
        row, undrawn = (source, None) if isinstance(source, dict) else _read_one(source, reader, options, taken)
        if "error" in row or undrawn:
            status = 1
        if "error" in row and options.format == "text":
            _complain(row["error"])
        else:
            print(report.as_json(row) if options.format == "json" else report.as_text(row), flush=True)
        if undrawn:
            _complain(undrawn)
    return status


def _read_one(
    source: str, reader: DigitReader, options: argparse.Namespace, taken: set[Path]
) -> tuple[report.Row, str | None]:
    """The row of one picture; and why the picture with its reading could not be written, if it could not."""
    from edge_digits.io.image import load_grey, read_grey

    undrawn, name = None, "standard input" if source == "-" else source
    try:
        grey = read_grey(sys.stdin.buffer, name) if source == "-" else load_grey(source)
        start = time.perf_counter()
        try:
            page = reader.read(grey)
        except ImageError as error:
            raise ImageError(f"{name}: {error}") from error
        seconds = time.perf_counter() - start
        row = report.page_row(source, grey.shape[1], grey.shape[0], page, seconds)
        if options.draw is not None:
            undrawn = _draw(grey, page, _free_path(options.draw, source, taken))
    except Exception as error:
        logger.debug("traceback", exc_info=True)
        row = report.error_row(source, in_one_line(error, name))
    return row, undrawn


def _free_path(folder: Path, source: str, taken: set[Path]) -> Path:
    """Where the picture with its reading goes: ``scan.png`` gives ``scan-read.jpg``, a second one
    ``scan-read-2.jpg``. Takes that place."""
    stem = "stdin" if source == "-" else Path(source).stem
    # Not the file itself: where that is a link, another file would be the place.
    number, path = 1, folder.resolve() / f"{stem}-read.jpg"
    while path in taken or path.resolve() in taken:
        number += 1
        path = path.with_name(f"{stem}-read-{number}.jpg")
    taken.add(path)
    return path


def _draw(grey: Image, page: Page, path: Path) -> str | None:
    """Write the picture with its reading; what went wrong, if it did: the reading itself is not lost with it."""
    import cv2

    from edge_digits.system.atomic_write import atomic_write

    picture = page.draw(grey)
    if max(picture.shape) > _LONGEST_JPEG:
        return f"{path}: cannot be written: a JPEG has at most {_LONGEST_JPEG} pixels a side"
    encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    try:
        atomic_write(path, encoded.tobytes())
    except OSError as error:
        return f"{path}: cannot be written: {error.strerror}"
    return None


def _list_models(_: argparse.Namespace) -> int:
    from edge_digits.reader import shipped_models
    from edge_digits.runtime.spec import check_spec, read_spec

    status = 0
    for path in shipped_models():
        try:
            spec = read_spec(path)
            check_spec(path, spec)
        except EdgeDigitsError as error:
            _complain(str(error))
            status = 1
            continue
        # The crops that choose, and MNIST; `show` tells all.
        scores = ", ".join(f"{name} {100 * score:.2f} %" for name, score in [*spec.scores.items()][:2])
        print(f"{escaped(path.name):24}{path.stat().st_size / 1000:7.0f} kB   {scores}".rstrip())
    return status


def _show_model(options: argparse.Namespace) -> int:
    from edge_digits.reader import line_models, shipped_models
    from edge_digits.runtime.spec import check_spec, read_spec, spec_path

    # Of a network that reads lines, the file for the narrowest strips: the others differ in nothing but their width.
    strips = line_models(options.model) if options.model.isidentifier() else []
    names = (options.model, f"{options.model}-int8.tflite", *(path.name for path in strips[:1]))
    path = next((path for path in shipped_models() if path.name in names), Path(options.model))
    check_spec(path, read_spec(path))
    print(spec_path(path).read_text(encoding="utf-8"), end="")
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from edge_digits.cli.doctor import diagnose, gather

    checks = diagnose(gather())
    for check in checks:
        print(f"{check.level:5} {escaped(check.finding)}")
        if check.remedy:
            print(f"      -> {escaped(check.remedy)}")
    return int(any(check.level == "FAIL" for check in checks))


def _complain(message: str) -> None:
    print(f"{PROGRAM}: {escaped(message)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
