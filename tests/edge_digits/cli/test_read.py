"""``edge-digits read``: rows as JSON and as text, sources, and pictures drawn over."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from command_line import picture


class TestReadAsJson:
    def test_gives_the_row_of_the_contract(self, run, tmp_path: Path) -> None:
        source = picture(tmp_path / "a.png")
        status, out, err = run("read", "--format", "json", source)
        row = json.loads(out)
        assert (status, err) == (0, "")
        assert row.pop("ms") >= 0
        assert row == {
            "source": source,
            "width": 64,
            "height": 48,
            "lines": [
                {
                    "text": "4 2",
                    "confidence": 0.88,
                    "box": [10, 10, 15, 9],
                    "digits": [
                        {"value": 4, "confidence": 0.9877, "box": [10, 10, 5, 9]},
                        {"value": 2, "confidence": 0.9, "box": [20, 10, 5, 9]},
                    ],
                }
            ],
            "rejected": [{"box": [1, 2, 3, 4], "reason": "too-small"}],
        }

    def test_a_picture_without_digits_has_no_lines(self, run, tmp_path: Path) -> None:
        status, out, _ = run("read", "--format", "json", picture(tmp_path / "a.png", 0))
        assert status == 0
        assert json.loads(out)["lines"] == []

    def test_one_object_a_line_and_errors_do_not_stop_the_others(self, run, tmp_path: Path) -> None:
        good, missing = picture(tmp_path / "ä.png"), str(tmp_path / "none.png")
        status, out, err = run("read", "--format", "json", missing, good)
        rows = [json.loads(line) for line in out.splitlines()]
        assert (status, err) == (1, "")
        assert rows[0] == {"source": missing, "error": f"{missing}: no such file"}
        assert rows[1]["source"] == good
        assert "error" not in rows[1]

    def test_a_fault_of_the_reader_is_a_row_too(self, run, tmp_path: Path) -> None:
        status, out, _ = run("read", "--format", "json", picture(tmp_path / "a.png", 255), picture(tmp_path / "b.png"))
        rows = [json.loads(line) for line in out.splitlines()]
        assert status == 1
        assert "a.png: this should not have happened (ZeroDivisionError: white)" in rows[0]["error"]
        assert rows[1]["lines"]

    def test_what_the_reader_refuses_is_named(self, run, tmp_path: Path) -> None:
        source = picture(tmp_path / "a.png", 77)
        _, out, _ = run("read", "--format", "json", source)
        assert json.loads(out)["error"] == f"{source}: too narrow"

    def test_a_file_is_named_once_whatever_it_was_given_as(self, run) -> None:
        _, _, err = run("read", "./two  spaces.png")
        assert err == "edge-digits: two  spaces.png: no such file\n"

    def test_names_are_exact_whatever_is_in_them(self, run, tmp_path: Path) -> None:
        good, missing = picture(tmp_path / "a\nb\x1b[2J  c.png"), str(tmp_path / "no\nne.png")
        _, out, err = run("read", "--format", "json", good, missing)
        rows = [json.loads(line) for line in out.splitlines()]
        assert [row["source"] for row in rows] == [good, missing]
        assert (rows[1]["error"], err) == (f"{missing}: no such file", "")


class TestReadAsText:
    def test_shows_lines_confidence_and_what_was_not_read(self, run, tmp_path: Path) -> None:
        source = picture(tmp_path / "a.png")
        assert run("read", source) == (0, f"{source}\n  4 2   88 %\n  not read: 1 too-small\n", "")

    def test_says_that_there_are_no_digits(self, run, tmp_path: Path) -> None:
        assert "no digits" in run("read", picture(tmp_path / "a.png", 0))[1]

    def test_complains_in_one_line_and_goes_on(self, run, tmp_path: Path) -> None:
        good, missing = picture(tmp_path / "a.png"), str(tmp_path / "none.png")
        status, out, err = run("read", missing, good)
        assert status == 1
        assert err == f"edge-digits: {missing}: no such file\n"
        assert out.startswith(good)

    def test_control_characters_in_names_are_escaped(self, run, tmp_path: Path) -> None:
        good, missing = picture(tmp_path / "a\nb\x1b[2J.png"), str(tmp_path / "no\nne\x07.png")
        _, out, err = run("read", good, missing)
        assert out.splitlines()[0] == rf"{tmp_path}/a\nb\x1b[2J.png"
        assert err == rf"edge-digits: {tmp_path}/no\nne\x07.png: no such file" + "\n"


class TestSources:
    def names(self, out: str) -> list[str]:
        return [Path(json.loads(line)["source"]).name for line in out.splitlines()]

    def test_a_folder_gives_its_pictures_in_natural_order_and_not_deeper(self, run, tmp_path: Path) -> None:
        for name in ("p10.png", "p9.JPG", "P1.png", ".hidden.png", "deeper/x.png"):
            picture(tmp_path / name)
        (tmp_path / "notes.txt").write_text("no picture")
        status, out, _ = run("read", "--format", "json", str(tmp_path))
        assert (status, self.names(out)) == (0, ["P1.png", "p9.JPG", "p10.png"])

    def test_heic_files_in_a_folder_are_not_passed_over_in_silence(self, run, tmp_path: Path) -> None:
        (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
        status, _, err = run("read", str(tmp_path))
        assert status == 1
        assert "heif-convert" in err

    def test_a_pattern_gives_what_it_matches(self, run, tmp_path: Path) -> None:
        for name in ("a2.png", "a10.png", "b.png", "sub/a1.png"):
            picture(tmp_path / name)
        _, out, _ = run("read", "--format", "json", str(tmp_path / "a*.png"))
        assert self.names(out) == ["a2.png", "a10.png"]
        _, out, _ = run("read", "--format", "json", str(tmp_path / "s*"))
        assert self.names(out) == ["a1.png"]

    def test_a_file_whose_name_looks_like_a_pattern(self, run, tmp_path: Path) -> None:
        assert run("read", picture(tmp_path / "a[1].png"))[0] == 0

    def test_an_empty_folder(self, run, tmp_path: Path) -> None:
        status, out, err = run("read", str(tmp_path))
        assert (status, out, err) == (1, "", f"edge-digits: {tmp_path}: no pictures in this folder\n")

    def test_a_pattern_without_match(self, run, tmp_path: Path) -> None:
        status, out, _ = run("read", "--format", "json", str(tmp_path / "*.png"))
        assert status == 1
        assert json.loads(out)["error"] == f"{tmp_path}/*.png: no file matches this pattern"

    def test_a_pattern_that_also_matches_an_empty_folder_warns_and_gives_the_rest(
        self, run, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for name in ("a.png", "full/b.png", "none/.hidden.png"):
            picture(tmp_path / name)
        status, out, _ = run("read", "--format", "json", str(tmp_path / "*"))
        assert (status, self.names(out)) == (0, ["a.png", "b.png"])
        assert caplog.messages == [f"{tmp_path}/none: no pictures in this folder"]

    def test_a_pattern_that_only_matches_empty_folders(self, run, tmp_path: Path) -> None:
        (tmp_path / "none").mkdir()
        status, out, err = run("read", str(tmp_path / "*"))
        assert (status, out) == (1, "")
        assert err == f"edge-digits: {tmp_path}/*: no pictures in the folders that match this pattern\n"

    def test_a_folder_among_the_matches_that_cannot_be_listed_is_an_error_of_its_own(
        self, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        picture(tmp_path / "a.png")
        picture(tmp_path / "closed" / "b.png")

        def refuse(folder: Path) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "iterdir", refuse)
        status, out, err = run("read", "--format", "json", str(tmp_path / "*"))
        rows = [json.loads(line) for line in out.splitlines()]
        assert (status, err) == (1, "")
        assert ["error" in row for row in rows] == [False, True]

    def test_what_cannot_be_looked_at_does_not_stop_the_others(self, run, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        loop, long = str(tmp_path / "loop"), str(tmp_path / ("a" * 300))
        status, out, err = run("read", loop, long, picture(tmp_path / "a.png"))
        assert (status, "4 2" in out) == (1, True)
        assert [line.split(": ")[1] for line in err.splitlines()] == [loop, long]

    def test_an_empty_path_is_not_the_current_folder(self, run) -> None:
        assert run("read", "") == (1, "", "edge-digits: an empty path names no picture\n")

    def test_standard_input(self, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        content = Path(picture(tmp_path / "a.png")).read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        status, out, _ = run("read", "-", "--format", "json")
        row = json.loads(out)
        assert (status, row["source"], row["width"]) == (0, "-", 64)
        status, _, err = run("read", "-")
        assert (status, err) == (1, "edge-digits: standard input: the file is empty\n")


class TestDraw:
    def test_writes_each_picture_with_its_reading(self, run, tmp_path: Path) -> None:
        out = tmp_path / "new" / "out"
        status, *_ = run("read", picture(tmp_path / "a.png"), "--draw", str(out))
        drawn = cv2.imread(str(out / "a-read.jpg"))
        assert status == 0
        assert max(drawn.shape) >= 640

    def test_two_sources_of_the_same_name_both_stay(self, run, tmp_path: Path) -> None:
        sources = [picture(tmp_path / name) for name in ("x/1.png", "y/1.png", "y/1.jpg")]
        out = tmp_path / "out"
        run("read", *sources, "--draw", str(out))
        assert sorted(path.name for path in out.iterdir()) == ["1-read-2.jpg", "1-read-3.jpg", "1-read.jpg"]

    def test_a_source_is_never_overwritten(self, run, tmp_path: Path) -> None:
        sources = [picture(tmp_path / name) for name in ("1.png", "1-read.jpg")]
        before = [Path(source).read_bytes() for source in sources]
        run("read", str(tmp_path), "--draw", str(tmp_path))
        assert [Path(source).read_bytes() for source in sources] == before
        assert {"1-read-2.jpg", "1-read-read.jpg"} < {path.name for path in tmp_path.iterdir()}

    def test_a_second_run_replaces_the_first(self, run, tmp_path: Path) -> None:
        source, out = picture(tmp_path / "a.png"), tmp_path / "out"
        run("read", source, "--draw", str(out))
        run("read", source, "--draw", str(out))
        assert [path.name for path in out.iterdir()] == ["a-read.jpg"]

    def test_a_reading_is_not_lost_with_its_picture(self, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(path: Path, data: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("edge_digits.system.atomic_write.atomic_write", full)
        source = picture(tmp_path / "a.png")
        status, out, err = run("read", source, "--draw", str(tmp_path), "--format", "json")
        assert status == 1
        assert json.loads(out)["lines"][0]["text"] == "4 2"
        assert err == f"edge-digits: {tmp_path}/a-read.jpg: cannot be written: No space left on device\n"

    def test_nothing_is_drawn_through_a_symbolic_link(self, run, tmp_path: Path) -> None:
        source, precious = picture(tmp_path / "a.png"), tmp_path / "precious"
        precious.write_text("not a picture")
        (tmp_path / "a-read.jpg").symlink_to(precious)
        status, out, err = run("read", source, "--draw", str(tmp_path))
        assert (status, "4 2" in out, precious.read_text()) == (1, True, "not a picture")
        assert err.endswith("a-read.jpg: cannot be written: is a symbolic link, through which nothing is written\n")

    def test_an_empty_folder_name_is_refused(self, run, tmp_path: Path) -> None:
        status, out, err = run("read", picture(tmp_path / "a.png"), "--draw", "")
        assert (status, out, err) == (2, "", "edge-digits: error: --draw: an empty path names no folder\n")

    def test_a_picture_too_long_for_a_jpeg_is_read(self, run, tmp_path: Path) -> None:
        cv2.imwrite(str(tmp_path / "a.png"), np.full((2, 65_501), 128, np.uint8))
        status, out, err = run("read", str(tmp_path / "a.png"), "--draw", str(tmp_path / "out"))
        assert (status, "4 2" in out, "at most 65500 pixels" in err) == (1, True, True)

    def test_a_folder_that_cannot_be_made(self, run, tmp_path: Path) -> None:
        source = picture(tmp_path / "a.png")
        status, out, err = run("read", source, "--draw", source)
        assert (status, out) == (2, "")
        assert err == f"edge-digits: error: --draw {source}: cannot be made a folder: File exists\n"
