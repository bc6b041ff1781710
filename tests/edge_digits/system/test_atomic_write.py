"""Pictures on disk: whole or not at all, and never through a symbolic link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge_digits.system import atomic_write as module
from edge_digits.system.atomic_write import atomic_write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_an_old_one_hold_what_was_written(tmp_path: Path) -> None:
    for data in (b"first", b"second"):
        atomic_write(tmp_path / "page.png", data)
        assert (tmp_path / "page.png").read_bytes() == data
    assert names(tmp_path) == ["page.png"]


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "target"
    if there:
        target.write_bytes(b"precious")
    (tmp_path / "page.png").symlink_to(target)
    with pytest.raises(OSError, match="is a symbolic link, through which nothing is written"):
        atomic_write(tmp_path / "page.png", b"picture")
    assert target.exists() == there
    assert not there or target.read_bytes() == b"precious"
    assert (tmp_path / "page.png").is_symlink()


def test_a_link_that_comes_in_between_is_replaced_and_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "page.png").symlink_to(tmp_path / "target")
    monkeypatch.setattr(Path, "is_symlink", lambda path: False)
    atomic_write(tmp_path / "page.png", b"picture")
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_a_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "frames").symlink_to(tmp_path / "disk")
    atomic_write(tmp_path / "frames" / "page.png", b"picture")
    assert names(tmp_path / "disk") == ["page.png"]


def test_what_cannot_be_finished_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic_write(tmp_path / "page.png", b"old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(tmp_path / "page.png", b"new")
    assert names(tmp_path) == ["page.png"]
    assert (tmp_path / "page.png").read_bytes() == b"old"


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    atomic_write(tmp_path / ("p" * 251 + ".png"), b"picture")
    assert names(tmp_path) == ["p" * 251 + ".png"]


def test_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "page.png", b"picture")
    finally:
        os.umask(before)
    assert (tmp_path / "page.png").stat().st_mode & 0o777 == 0o640


def test_a_file_and_its_folder_are_there_at_the_end_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "some.txt"
    with module.atomic_path(path, make_folder=True) as part:
        part.write_text("all")
        assert not path.exists()
    assert path.read_text() == "all"
    assert list(path.parent.iterdir()) == [path]


def test_an_interruption_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), module.atomic_path(path) as part:
        part.write_text("ha")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_two_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    with module.atomic_path(path) as one:
        one.write_text("one")
        with module.atomic_path(path) as other:
            other.write_text("other")
        assert path.read_text() == "other"
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]
