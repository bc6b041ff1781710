"""A converter's crash is an error message that names its log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convert import child
from convert.errors import ConversionError


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that does what its first argument says."""
    (tmp_path / "some_converter.py").write_text(
        "import os, signal, sys, time\n"
        "print('working')\n"
        "if sys.argv[1] == 'fail': raise RuntimeError('layer 3 is odd')\n"
        "if sys.argv[1] == 'crash': os.kill(os.getpid(), signal.SIGSEGV)\n"
        "if sys.argv[1] == 'hang': time.sleep(60)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "some_converter"


def test_what_it_prints_goes_to_its_log_only(module: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    child.run(module, ["work"], tmp_path / "log")
    assert (tmp_path / "log").read_text() == "working\n"
    assert capfd.readouterr() == ("", "")


def test_its_error_is_the_message(module: str, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="some_converter: RuntimeError: layer 3 is odd; its log: "):
        child.run(module, ["fail"], tmp_path / "log")


def test_a_crash_names_the_signal_and_keeps_the_log(module: str, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="killed by SIGSEGV") as caught:
        child.run(module, ["crash"], tmp_path / "log")
    kept = re.search(r"its log: (\S+)", str(caught.value))
    assert kept and Path(kept[1]).is_file()
    assert Path(kept[1]) != tmp_path / "log"


def test_one_that_hangs_is_stopped(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "TIME_LIMIT", 0.5)
    with pytest.raises(ConversionError, match="no end after"):
        child.run(module, ["hang"], tmp_path / "log")
