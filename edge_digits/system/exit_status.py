"""How every program ends: the exit status, and one line on standard error where something failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.system.terminal import escaped

INTERRUPTED = 130
"""What shells give a program that Ctrl-C ended."""


def exit_status(program: str, work: Callable[[], int], debug: bool = False, interrupted: int = INTERRUPTED) -> int:
    """Do ``work``; returns its exit status, or 2 if the command line or the configuration is wrong, and 1 if anything
    else fails, which is said in one line.

    program: its name, for that line. debug: let exceptions through, so that their traceback is seen. interrupted: the
    status after Ctrl-C.
    """
    # None where the program was started with them closed (`>&-`), although their type says otherwise.
    output: TextIO | None = sys.stdout
    errors: TextIO | None = sys.stderr
    if errors is None:
        # What is printed to None goes to standard output, among the records that a program reads there.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (until the program ends)
    try:
        try:
            status = work()
        except SystemExit:
            # So argparse ends after --help and --version, with their text not yet written.
            _flush(output)
            raise
        _flush(output)
        return status
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`).
        _abandon(output)
        return 1
    except KeyboardInterrupt:
        return interrupted
    except Exception as error:
        if debug:
            raise
        print(f"{program}: error: {escaped(in_one_line(error))}", file=sys.stderr)
        _abandon(output)
        return 2 if isinstance(error, ConfigError) else 1


def _flush(output: TextIO | None) -> None:
    if output is not None:
        output.flush()


def _abandon(output: TextIO | None) -> None:
    """What still waits and cannot be written goes nowhere: Python would try it again at its end, and complain."""
    try:
        _flush(output)
    except OSError:
        if output is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def in_one_line(error: Exception, source: str | None = None) -> str:
    """What went wrong, for a user; an error that is not the project's own is a fault of the program and says so.

    source: the file that it happened with, named if the error does not. Names of files stand in it as they are: where
    it is printed, ``edge_digits.system.terminal.escaped`` keeps it one line.
    """
    if isinstance(error, EdgeDigitsError):
        return str(error).strip()
    text = " ".join(str(error).split())
    where = f"{source}: " if source else ""
    if isinstance(error, OSError) and error.strerror:
        return f"{where}{error.filename}: {error.strerror}" if error.filename else f"{where}{error.strerror}"
    return f"{where}this should not have happened ({type(error).__name__}: {text}); --debug tells more"
