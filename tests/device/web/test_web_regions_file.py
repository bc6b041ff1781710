"""Regions in the TOML file: what people wrote stays, and nothing half or wrong is ever written."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tomlkit", reason="needs the extra web")

from hypothesis import given, settings
from hypothesis import strategies as st

from device.config.load import load_config, parse_config
from device.web.regions_file import (
    MOST_BYTES,
    ChangedError,
    as_rows,
    only_regions,
    read_text,
    save,
    version_of,
    with_regions,
)
from edge_digits.errors import ConfigError, EdgeDigitsError

PATH = Path("camera.toml")

TEXT = """\
# The camera on the desk.
source = "demo"  # for now

[[region]]  # the counter
name = "score"
box = [10, 20, 30, 40]  # x, y, width, height
digits = 4
# It is never more.
range = [0, 9000]

[[region]]
name = "clock"
box = [100, 20, 30, 40]

[record]
path = "readings.sqlite"  # on the stick
"""

row = st.fixed_dictionaries(
    {
        "name": st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True),
        "box": st.tuples(*[st.integers(0, 5000)] * 2, *[st.integers(1, 5000)] * 2).map(list),
        "digits": st.none() | st.integers(1, 100),
        "range": st.none() | st.tuples(st.none() | st.floats(-1e6, 0), st.none() | st.floats(1, 1e6)).map(list),
        "change_per_minute": st.none() | st.floats(0, 1e6),
        "title": st.none() | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9),
        "decimals": st.none() | st.just("seen") | st.integers(0, 6),
        "unit": st.none() | st.sampled_from(["m³", "°C", 'k"W\\h']),
        "device_class": st.none() | st.just("water"),
        "state_class": st.none() | st.just("total_increasing"),
        "counter": st.just(True),
        "rise_per_hour": st.floats(0, 1e6),
        "rollover": st.none() | st.integers(7, 100),
        "min_confidence": st.none() | st.floats(0, 1),
        "accept_after": st.integers(1, 1_000_000),
    }
)
rows = st.lists(row, max_size=4, unique_by=lambda region: str(region["name"]))


def test_a_box_that_is_moved_leaves_every_other_line_as_it_is() -> None:
    found = as_rows(TEXT, PATH)
    found[0]["box"] = [11, 22, 33, 44]
    changed = with_regions(TEXT, found, PATH)
    assert changed == TEXT.replace("[10, 20, 30, 40]", "[11, 22, 33, 44]")


def test_a_region_that_is_removed_takes_nothing_else_with_it() -> None:
    changed = with_regions(TEXT, as_rows(TEXT, PATH)[:1], PATH)
    assert [region.name for region in parse_config(changed, PATH).region] == ["score"]
    assert "# It is never more." in changed
    assert 'path = "readings.sqlite"  # on the stick' in changed


def test_a_region_that_is_new_stands_beside_the_others() -> None:
    added = [*as_rows(TEXT, PATH), {"name": "new", "box": [1, 2, 3, 4], "digits": 2}]
    changed = with_regions(TEXT, added, PATH)
    assert [region.name for region in parse_config(changed, PATH).region] == ["score", "clock", "new"]
    assert "# the counter" in changed


def test_the_last_region_can_go_and_one_can_come_again() -> None:
    without = with_regions(TEXT, [], PATH)
    assert parse_config(without, PATH).region == ()
    again = with_regions(without, [{"name": "a", "box": [1, 2, 3, 4]}], PATH)
    assert [region.name for region in parse_config(again, PATH).region] == ["a"]
    assert "# The camera on the desk." in again


@settings(max_examples=12, deadline=None)
@given(rows, rows)
def test_what_is_written_is_what_is_read(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    text = with_regions('source = "demo"\n[camera]\nwidth = 640\n', before, PATH)
    assert as_rows(text, PATH) == before
    changed = with_regions(text, after, PATH)
    assert as_rows(changed, PATH) == after
    assert parse_config(changed, PATH).camera.width == 640


BETWEEN = """\
[[region]]
name = "score"
box = [10, 20, 30, 40]

# the broker is the old NAS under the stairs
[camera]
width = 640
"""


@pytest.mark.parametrize("names", [["score"], ["counter"], [], ["score", "new"], ["new", "score"], ["a", "b", "c"]])
def test_the_comment_above_the_next_table_stays_above_it(names: list[str]) -> None:
    changed = with_regions(BETWEEN, [{"name": name, "box": [1, 2, 3, 4]} for name in names], PATH)
    assert changed.endswith(BETWEEN[BETWEEN.index("\n# the broker") :])
    assert [region.name for region in parse_config(changed, PATH).region] == names


def test_a_region_under_another_name_stays_under_the_comment_above_it() -> None:
    text = "# the hall\n" + BETWEEN
    changed = with_regions(text, [as_rows(text, PATH)[0] | {"name": "counter"}], PATH)
    assert changed == text.replace("score", "counter")


def test_a_new_region_stands_in_lines_of_the_file_s_kind() -> None:
    changed = with_regions(BETWEEN.replace("\n", "\r\n"), [{"name": "new", "box": [1, 2, 3, 4]}], PATH)
    assert changed.count("\n") == changed.count("\r\n")


def test_regions_in_one_line_become_tables() -> None:
    text = 'region = [{name = "a", box = [1, 2, 3, 4]}]  # short\n# the desk\n[camera]\nwidth = 640\n'
    changed = with_regions(text, [*as_rows(text, PATH), {"name": "b", "box": [1, 2, 3, 4]}], PATH)
    assert [region.name for region in parse_config(changed, PATH).region] == ["a", "b"]
    assert "# the desk\n[camera]\nwidth = 640\n" in changed


TABLES = {
    "camera": "[camera]\nwidth = 640\n",
    "tracking": "[tracking]\nsettle = 3\n",
    "record": "[record]  # kept\nkeep_days = 7\n",
    "web": "[web]\nframe_rate = 2\n",
}
REGIONS = {name: f'[[region]]\nname = "{name}"\n# own\nbox = [1, 2, 3, 4]\n' for name in ("a", "b", "c")}
comments = st.lists(st.just("# free"), max_size=2)
gap = comments | st.lists(st.sampled_from(["", "# free"]), max_size=4).map(lambda lines: ["", *lines])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A configuration with comments of two kinds: within regions, and between tables, these numbered."""
    wanted = st.lists(st.sampled_from(sorted(TABLES | REGIONS)), unique=True)
    text = draw(st.sampled_from(["", "duration = 1\n"]))
    for name in draw(wanted):
        text += "".join(f"{line}\n" for line in draw(gap)) + (TABLES | REGIONS)[name]
    text += "".join(f"{line}\n" for line in ["", *draw(comments)])
    first, *rest = text.split("# free")
    return first + "".join(f"# free {number}{part}" for number, part in enumerate(rest))


def outside(text: str) -> list[str]:
    """The comments between tables and the headers of tables that are no regions, in their order."""
    return re.findall(r"^# free \d+|^\[[a-z]+\]|# kept", text, re.MULTILINE)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(files(), st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True))
def test_whatever_becomes_of_the_regions_all_else_stays_in_its_place(text: str, names: list[str]) -> None:
    wanted = [{"name": name, "box": [5, 6, 7, 8]} for name in names]
    changed = with_regions(text, wanted, PATH)
    assert outside(changed) == outside(text)
    assert [region.name for region in parse_config(changed, PATH).region] == names
    assert replace(parse_config(changed, PATH), region=()) == replace(parse_config(text, PATH), region=())
    kept = {row["name"] for row in as_rows(text, PATH)} & {*names}
    assert changed.count("# own") == len(kept)


@pytest.mark.parametrize(
    "wrong",
    [
        [{"name": "a b", "box": [1, 2, 3, 4]}],
        [{"name": "a", "box": [1, 2, 0, 4]}],
        [{"name": "a"}],
        [{"name": "a", "box": [1, 2, 3, 4], "digit": 3}],
        [{"name": "a", "box": [1, 2, 3, 4]}, {"name": "a", "box": [1, 2, 3, 4]}],
        [{"name": "a", "box": [1, 2, 3, 4], "range": [5, 1]}],
    ],
)
def test_what_is_wrong_is_refused_and_the_file_left_alone(tmp_path: Path, wrong: list[dict[str, Any]]) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ConfigError):
        save(path, wrong, version_of(TEXT))
    assert read_text(path) == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(TEXT + "# more\n", encoding="utf-8")
    with pytest.raises(ChangedError):
        save(path, [], version_of(TEXT))
    assert read_text(path) == TEXT + "# more\n"


def test_an_open_end_of_a_range_is_null_in_json_and_stays_in_the_file() -> None:
    text = TEXT.replace("[0, 9000]", "[0, inf]")
    found = as_rows(text, PATH)
    assert '"range": [0.0, null]' in json.dumps(found, allow_nan=False)
    assert with_regions(text, json.loads(json.dumps(found)), PATH) == text
    found[0]["box"] = [11, 22, 33, 44]
    assert "range = [0, inf]" in with_regions(text, found, PATH)


def padded(size: int) -> str:
    """TEXT with comments, of so many bytes; not of so many characters."""
    line = f"# {'ä' * 400}\n"
    missing = size - len(TEXT.encode())
    count, rest = divmod(missing - 2, len(line.encode()))
    return TEXT + line * count + f"#{'x' * rest}\n"


@pytest.mark.slow
def test_a_large_file_is_saved_whole(tmp_path: Path) -> None:
    file = tmp_path / "camera.toml"
    text = padded(MOST_BYTES)
    file.write_text(text, encoding="utf-8")
    found = as_rows(read_text(file), file)
    found[0]["box"] = [11, 22, 33, 44]
    save(file, found, version_of(text))
    assert file.read_text(encoding="utf-8") == text.replace("[10, 20, 30, 40]", "[11, 22, 33, 44]")


@pytest.mark.parametrize("more", [1, 100_000, 2_000_000])
def test_a_file_that_is_too_large_is_refused_whole_and_left_alone(tmp_path: Path, more: int) -> None:
    file = tmp_path / "camera.toml"
    data = padded(MOST_BYTES + more).encode()
    file.write_bytes(data)
    version = version_of(data[:MOST_BYTES].decode(errors="ignore"))
    for attempt in (lambda: read_text(file), lambda: save(file, [], version)):
        with pytest.raises(ConfigError, match=r"^camera\.toml: more than 1000 kB, which the page does not change$"):
            attempt()
    assert file.read_bytes() == data
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_would_become_too_large_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "camera.toml"
    text = padded(MOST_BYTES)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="more than 1000 kB"):
        save(file, [*as_rows(text, file), {"name": "new", "box": [1, 2, 3, 4]}], version_of(text))
    assert file.read_text(encoding="utf-8") == text


def test_a_disk_that_ends_while_it_is_written_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "camera.toml"
    file.write_text(TEXT, encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EdgeDigitsError, match=r"camera\.toml: cannot be written: No space left on device"):
        save(file, [], version_of(TEXT))
    assert file.read_text(encoding="utf-8") == TEXT
    assert list(tmp_path.iterdir()) == [file]


def test_who_may_read_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o640)
    save(path, as_rows(TEXT, path)[:1], version_of(TEXT))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(load_config(path).region) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "camera.toml"
    path.symlink_to("real.toml")
    save(path, [], version_of(TEXT))
    assert path.is_symlink()
    assert load_config(tmp_path / "real.toml").region == ()


def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(TEXT, encoding="utf-8")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EdgeDigitsError, match=r"camera\.toml: cannot be written: No space left"):
        save(path, [], version_of(TEXT))
    assert read_text(path) == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_regions_alone_hold_nothing_else_of_the_file() -> None:
    assert only_regions([{"name": "a", "box": [1, 2, 3, 4], "range": [0.0, 9.5], "digits": None}]) == (
        '[[region]]\nname = "a"\nbox = [1, 2, 3, 4]\nrange = [0, 9.5]\n'
    )
