"""Pages of results: each is written whole by the command that is listed for it, with the words that stand in its
program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs.results.__main__ import COMMANDS, main
from docs.results.cases import main as write_cases
from docs.results.page import RESULTS, write_page
from docs.results.prose import accuracy, benchmarks, lines, published, published_benchmark, robustness

ROOT = RESULTS.parents[1]
PROSE = {
    "accuracy.md": (accuracy.HEAD, accuracy.TAIL),
    "benchmarks.md": (benchmarks.HEAD, ""),
    "lines.md": (lines.HEAD, ""),
    "published.md": (published.OPENING, ""),
    "published-benchmark.md": (published_benchmark.HEAD, ""),
    "robustness.md": (robustness.HEAD, robustness.TAIL),
}


def test_every_page_is_listed_with_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert {path.relative_to(RESULTS).as_posix() for path in RESULTS.rglob("*.md")} <= set(COMMANDS)
    assert main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(COMMANDS)


@pytest.mark.parametrize("page", COMMANDS)
def test_the_command_of_a_page_is_there(page: str) -> None:
    for command in COMMANDS[page].split(" && "):
        first, *words = command.split()
        if first == "python":
            assert (ROOT / (words[1].replace(".", "/") + ".py")).is_file() or (
                ROOT / words[1].replace(".", "/") / "__main__.py"
            ).is_file()
        else:
            assert (ROOT / first).is_file()


@pytest.mark.parametrize("page", PROSE)
def test_the_words_of_a_page_are_those_of_its_program(page: str) -> None:
    head, tail = PROSE[page]
    text = (RESULTS / page).read_text(encoding="utf-8")
    assert text.startswith(head)
    assert text.endswith(tail)


def test_the_cases_are_those_of_their_table(tmp_path: Path) -> None:
    out = tmp_path / "cases.md"
    assert write_cases(["--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == (RESULTS / "cases.md").read_text(encoding="utf-8")


def test_pages_that_are_named_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(COMMANDS, "cases.md", f"python -m docs.results.cases --out {tmp_path / 'a.md'}")
    assert main(["cases.md"]) == 0
    assert (tmp_path / "a.md").is_file()
    monkeypatch.setitem(COMMANDS, "cases.md", "python -m docs.results.nothing")
    assert main(["cases.md"]) == 1


def test_an_unknown_page_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing.md"]) == 2
    assert "nothing.md: no page of results" in capsys.readouterr().err


def test_a_page_has_its_parts_an_empty_line_apart_and_no_empty_ones(tmp_path: Path) -> None:
    write_page(tmp_path / "page.md", "# Title\n", "", "\n", "text")
    assert (tmp_path / "page.md").read_text() == "# Title\n\ntext\n"


@pytest.mark.parametrize(("old", "new"), [("lines", "docs.results.lines"), ("published", "train.published")])
def test_a_command_that_moved_still_runs_and_says_its_new_name(old: str, new: str) -> None:
    done = subprocess.run([sys.executable, "-m", "train", old, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == f"python -m train {old} is now python -m {new}\n"
    assert f"usage: python -m {new}" in done.stdout
