"""The last value of a region, set by hand: from the page, over MQTT, or with ``edge-digits-camera set-value``."""

from __future__ import annotations

from collections.abc import Sequence

from device.config.regions import RegionRule
from device.guard.memory import GuardStore
from device.guard.values import in_words
from edge_digits.errors import ConfigError

MOST_CHARACTERS = 40
"""Of a value that is typed."""


def set_value(store: GuardStore, regions: Sequence[RegionRule], name: str, text: str) -> float:
    """Have the reader take the number ``text`` for the last value of the region ``name``; may be called from any
    thread. Returns the value. Raises ConfigError, in one line, as ``checked_value`` does."""
    value = checked_value(regions, name, text)
    store.set_value(name, value)
    return value


def checked_value(regions: Sequence[RegionRule], name: str, text: str) -> float:
    """The value that ``text`` is for the region ``name``. Raises ConfigError, in one line, for an unknown region, for
    what is no number, and for a number that the region can never show."""
    rule = next((region for region in regions if region.name == name), None)
    if rule is None:
        known = ", ".join(region.name for region in regions)
        raise ConfigError(f"{name[:64]!r}: no such region; expected {f'one of {known}' if known else 'a [[region]]'}")
    plain = text.strip()
    digits = plain.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(plain) > MOST_CHARACTERS:
        raise ConfigError(f"{name}: expected a number such as 1234.5, not {text[:MOST_CHARACTERS]!r}")
    value = float(plain)
    reason = why_never(rule, value)
    if reason is not None:
        raise ConfigError(f"{name}: {reason}")
    return value


def why_never(rule: RegionRule, value: float) -> str | None:
    """Why a region can never show ``value``, in words; None if it can."""
    if rule.range is not None and not rule.range[0] <= value <= rule.range[1]:
        return f"{in_words(value)} is outside its range, {rule.range[0]:g} to {rule.range[1]:g}"
    if rule.rollover is not None and value >= 10.0 ** (rule.rollover - _decimals(rule)):
        return f"{in_words(value)} has more digits than it rolls over at, {rule.rollover}"
    return None


def _decimals(rule: RegionRule) -> int:
    return rule.decimals if isinstance(rule.decimals, int) else 0
