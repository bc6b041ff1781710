"""Few numbers that people set decide what is read; the rest is learned."""

from __future__ import annotations

import importlib
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("illumination", "proposals", "model_input", "judge", "selection", "lines")
INPUT = ("edge_digits.model_input.views",)
"""What a network sees is no decision: it was trained behind it, its spec holds the numbers, and another is refused."""
MOST = 20


def _settings() -> dict[str, object]:
    """The settings of every stage, by module."""
    folders = [path for stage in STAGES for path in (ROOT / "edge_digits" / stage).glob("*.py")]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in folders] + ["edge_digits.read_page"]
    found = {}
    for name in modules:
        module = importlib.import_module(name)
        own = getattr(module, "SETTINGS", None)
        if own is not None and type(own).__module__ == name and name not in INPUT:
            found[name] = own
    return found


def test_no_more_than_twenty_numbers_decide_what_is_read() -> None:
    counted = {name: [field.name for field in fields(own)] for name, own in _settings().items()}  # pyright: ignore[reportArgumentType]  # each is a dataclass
    assert 10 < sum(map(len, counted.values())) <= MOST, counted


def test_each_of_them_says_what_it_means() -> None:
    for own in _settings().values():
        said = type(own).__doc__ or ""
        assert all(field.name in said for field in fields(own)), type(own)  # pyright: ignore[reportArgumentType]  # each is a dataclass


def test_settings_are_frozen() -> None:
    for own in _settings().values():
        with pytest.raises(FrozenInstanceError):
            setattr(own, fields(own)[0].name, 0)  # pyright: ignore[reportArgumentType]  # each is a dataclass
