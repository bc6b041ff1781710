"""The documentation holds: its links lead somewhere, and its commands, options and settings exist."""

from __future__ import annotations

import dataclasses
import importlib
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from device.config.camera import CameraSettings
from device.config.load import parse_config
from device.config.reading import LampConfig, ReadConfig, TrackingRule
from device.config.regions import RegionRule
from device.config.settings import (
    Config,
    DriftConfig,
    InfluxConfig,
    MqttConfig,
    RecordConfig,
    TeachConfig,
    WebConfig,
    WebhookConfig,
)
from edge_digits.types import Box

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("calibration_data/*.md")])
DOCS = ROOT / "docs"
SHELVES = (DOCS / "guide", DOCS / "models", DOCS / "develop")
BY_HAND = [page for page in PAGES if page.parent in (ROOT, ROOT / "calibration_data", *SHELVES)] + [DOCS / "README.md"]
MOST_WORDS = 1500
"""Of a page that is written by hand."""
OWN = ("convert", "device", "docs", "edge_digits", "train")
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)")
PART_OF_REPOSITORY = re.compile(r"(?:edge_digits|device|train|convert|tests|docs|\.ci|calibration_data)/[\w./-]*")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return FENCED.sub("", text_of(page))


def fenced(page: Path, language: str) -> list[str]:
    return [block for name, block in FENCED.findall(text_of(page)) if name == language]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Module and arguments of our own programs, in blocks of shell and between backticks; what "…" stands for is left
    out."""
    lines = [line for block in fenced(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    lines += [code.partition("…")[0] for code in INLINE.findall(prose(page))]
    for line in lines:
        for part in re.split(r"&&|[|<>]", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                # An apostrophe or half a string: none of our commands.
                continue
            for place, word in enumerate(words):
                if Path(word).name in SCRIPTS and (not place or words[place - 1] in ("sudo", "-v")):
                    yield SCRIPTS[Path(word).name].partition(":")[0], words[place + 1 :]
                    break
                if word == "-m" and words[place + 1 :] and words[place + 1].split(".")[0] in OWN:
                    yield words[place + 1], words[place + 2 :]
                    break


@cache
def help_of(module: str, arguments: tuple[str, ...]) -> str:
    """What ``--help`` shows behind these arguments. Fails if there is no such program or command."""
    program = importlib.import_module(module)
    if not hasattr(program, "main"):
        program = importlib.import_module(f"{module}.__main__")
    with (
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
        pytest.raises(SystemExit) as ended,
    ):
        program.main([*arguments, "--help"])
    assert ended.value.code == 0, err.getvalue()
    return out.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not link.startswith("https://") and (not target.exists() or (anchor and anchor not in anchors(target))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_what_is_written_by_hand_is_short(page: Path) -> None:
    assert len(text_of(page).split()) <= MOST_WORDS


def test_every_page_can_be_found_from_the_index() -> None:
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(text_of(DOCS / "README.md"))}
    assert {page for page in PAGES if page.parent in SHELVES} <= listed


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_of_the_repository_that_are_named_are_there(page: Path) -> None:
    named = [code for code in INLINE.findall(prose(page)) if PART_OF_REPOSITORY.fullmatch(code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_tests_that_are_named_are_there() -> None:
    named = [(page, *found) for page in PAGES for found in TEST.findall(text_of(page))]
    assert named
    for page, file, name in named:
        assert re.search(rf"def {name}\b", (ROOT / file).read_text(encoding="utf-8")), (
            f"{name_of(page)}: {file}::{name}"
        )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_options_exist(page: Path) -> None:
    for module, arguments in commands(page):
        first_option = next((k for k, word in enumerate(arguments) if word.startswith("-")), len(arguments))
        shown = help_of(module, tuple(arguments[:first_option]))
        options = {word.partition("=")[0] for word in arguments[first_option:] if word.startswith("--")}
        missing = options - set(re.findall(r"--[\w-]+", shown))
        assert not missing, f"{module} {' '.join(arguments)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_that_are_shown_can_be_used(page: Path) -> None:
    for block in fenced(page, "toml"):
        parse_config(block, page)


def described(kind: type) -> dict[str, tuple[str, str]]:
    """By key of a table of the configuration, its default and what it accepts, in the words of the documentation."""
    hints = get_type_hints(kind)
    rows = {}
    for field in dataclasses.fields(kind):
        values = [hint for hint in (get_args(hints[field.name]) or [hints[field.name]]) if hint is not type(None)]
        if any(map(dataclasses.is_dataclass, values)) and Box not in values:
            continue
        default = field.default
        if default is dataclasses.MISSING or default is None:
            shown = "none" if default is None else "needed"
        else:
            shown = f"`{json.dumps(str(default) if isinstance(default, Path) else default)}`"
        least, most = (field.metadata.get(end) for end in ("least", "most"))
        limits = "" if least is None else f"at least {least:g}" if most is None else f"{least:g} to {most:.0f}"
        rows[field.name] = (shown, limits)
    return rows


TABLES = {
    ("configuration", "At the top"): Config,
    ("configuration", "`[camera]`"): CameraSettings,
    ("configuration", "`[lamp]`"): LampConfig,
    ("regions", "`[[region]]`"): RegionRule,
    ("regions", "`[tracking]`"): TrackingRule,
    ("regions", "`[read]`"): ReadConfig,
    ("regions", "`[drift]`"): DriftConfig,
    ("record", "`[record]`"): RecordConfig,
    ("mqtt", "`[mqtt]`"): MqttConfig,
    ("sinks", "`[webhook]`"): WebhookConfig,
    ("sinks", "`[influx]`"): InfluxConfig,
    ("web", "`[web]`"): WebConfig,
    ("teach", "`[teach]`"): TeachConfig,
}
"""By page of the guide and heading."""


def test_every_table_of_the_configuration_is_documented() -> None:
    hints = get_type_hints(Config)
    tables = {
        value
        for hint in hints.values()
        for value in (hint, *get_args(hint))
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }
    assert {*TABLES.values()} == {Config, *tables}


@pytest.mark.parametrize(("page", "title"), TABLES)
def test_every_setting_is_documented_with_its_default_and_limits(page: str, title: str) -> None:
    text = prose(DOCS / "guide" / f"{page}.md")
    section = re.split(r"\n#+ ", re.split(rf"\n#+ {re.escape(title)}\n", text)[1])[0]
    shown = {key: (default, accepts) for key, default, accepts in re.findall(SETTING, section, re.MULTILINE)}
    expected = described(TABLES[page, title])
    assert list(shown) == list(expected)
    for key, (default, accepts) in expected.items():
        assert shown[key][0] == default, key
        assert not accepts or shown[key][1] == accepts, key


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_extras_that_are_installed_exist(page: Path) -> None:
    named = re.findall(r"'(?:\.|edge-digits|[\w./-]+\.whl)\[([\w,]+)\]'", text_of(page))
    assert {extra for extras in named for extra in extras.split(",")} <= set(EXTRAS)


def test_commands_are_found_in_the_readme() -> None:
    """What is looked for above is there: the tests are not empty."""
    found = list(commands(ROOT / "README.md"))
    assert ("edge_digits.cli.main", ["read", "photo.jpg", "--max-error", "0.01"]) in found
    assert ("device.__main__", ["--source", "demo", "--duration", "12"]) in found
    assert ("train", ["cnn"]) in found
    assert ("device.benchmark", []) in found
