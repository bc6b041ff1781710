"""A file is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.atomic_write import written_whole


def test_a_file_and_its_folder_are_there_at_the_end_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "some.txt"
    with written_whole(path) as part:
        part.write_text("all")
        assert not path.exists()
    assert path.read_text() == "all"
    assert list(path.parent.iterdir()) == [path]


def test_an_interruption_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), written_whole(path) as part:
        part.write_text("ha")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_two_processes_may_write_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.txt"
    with written_whole(path) as one:
        one.write_text("one")
        monkeypatch.setattr("os.getpid", lambda: 1)
        with written_whole(path) as other:
            other.write_text("other")
        assert path.read_text() == "other"
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]
