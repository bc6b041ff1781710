"""What reaches a terminal or a journal is one line without control characters, whatever a file is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_digits.system.terminal import ArgumentParser, escaped

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nERROR: forged", r"a\nERROR: forged"),
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("\x9b2J \u2028 \u202egpj", r"\x9b2J \u2028 \u202egpj"),
        ("\udcff\t\r", r"\udcff\t\r"),
        ("Käse\u202füber\u3000数字 🧀.png", "Käse\u202füber\u3000数字 🧀.png"),
        (r"back\slash", r"back\slash"),
    ],
)
def test_what_could_forge_a_line_or_move_the_cursor_is_escaped_and_scripts_of_the_world_are_not(
    name: str, shown: str
) -> None:
    assert escaped(name) == shown


def test_an_unknown_argument_is_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ArgumentParser("program").parse_args(["--\x1b[2J\nname"])
    assert capsys.readouterr().err.splitlines()[-1] == r"program: error: unrecognized arguments: --\x1b[2J\nname"


@pytest.mark.slow
def test_the_log_is_one_line_a_message_and_tracebacks_stay() -> None:
    program = """
import logging
from edge_digits.system.terminal import log_to_stderr
log_to_stderr(logging.WARNING, "%(levelname)s: %(message)s")
try:
    1 / 0
except ZeroDivisionError:
    logging.error("%s: cannot be read", "a\\nERROR: forged\\x1b[2J", exc_info=True)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    first, second, *_, last = done.stderr.splitlines()
    assert first == r"ERROR: a\nERROR: forged\x1b[2J: cannot be read"
    assert (second, last) == ("Traceback (most recent call last):", "ZeroDivisionError: division by zero")


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["--source", "file:{}"],
        ["--config", "{}"],
        ["--source", "demo", "--{}"],
        ["set-value", "a", "1", "--config", "x", "--{}"],
    ],
)
def test_the_camera_reader_names_files_escaped(arguments: list[str]) -> None:
    name = "no\nsuch\x1b[2J.png"
    command = [sys.executable, "-m", "device", *(argument.format(name) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode in (1, 2)
    assert r"no\nsuch\x1b[2J.png" in done.stderr.splitlines()[-1]
    assert "\x1b" not in done.stderr
