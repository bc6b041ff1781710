"""A command line that runs in this process, with a stand-in for the reader."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from command_line import StubReader

from edge_digits import reader
from edge_digits.cli import main


@pytest.fixture(autouse=True)
def stub_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "open_reader", lambda model, max_error=None, hand=None: StubReader())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command line; gives exit status, standard output and standard error."""

    def run_it(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return run_it
