"""What a number breaks of the rules of its region, in words."""

from __future__ import annotations

from collections.abc import Sequence

from device.config.regions import RegionRule
from device.guard.values import decimals_of, in_words, number_of, plain_digits
from edge_digits.charset import UNREADABLE

MINUTE = 60.0
HOUR = 3600.0

CHANGES = frozenset({"change", "fall", "rise"})
"""Rules that compare a number with those before it."""

_ROUNDING = 1e-9
"""Share of a value that is rounding: 12.3 - 12.2 is more than 0.1 in binary."""

_MOST_FILLED = 2
"""Digits that could not be read and are filled in."""


def broken(rule: RegionRule, text: str, time: float, accepted: Sequence[tuple[float, float]]) -> dict[str, str]:
    """Rules that a number breaks, by name, each with the reason.

    time: at which it was read, seconds since the epoch. accepted: times and values before it, oldest first.
    """
    if rule.expects_nothing:
        return {}
    value = number_of(text, rule.decimals)
    if value is None:
        return {"unread": "part of it could not be read"}
    reasons: dict[str, str] = {}
    count = len(plain_digits(text))
    if rule.digits is not None and count != rule.digits:
        reasons["digits"] = f"{count} digit{'s' * (count != 1)}, expected {rule.digits}"
    if rule.range is not None:
        least, most = rule.range
        if not least <= value <= most:
            reasons["range"] = f"{in_words(value)} is outside {least:g} to {most:g}"
    if rule.change_per_minute is not None:
        for since, before in within(accepted, time, MINUTE):
            allowed = rule.change_per_minute * max(1.0, (time - since) / MINUTE)
            if exceeds(abs(value - before), allowed):
                changed = f"changed from {in_words(before)} by {in_words(value - before, '+')}"
                reasons["change"] = f"{changed}, more than {allowed:g}"
    return reasons | _broken_by_counter(rule, text, value, time, accepted) if rule.counter else reasons


def _broken_by_counter(
    rule: RegionRule, text: str, value: float, time: float, accepted: Sequence[tuple[float, float]]
) -> dict[str, str]:
    if accepted and rise_of(rule, text, value, accepted[-1][1]) < 0:
        return {"fall": f"fell from {in_words(accepted[-1][1])} to {in_words(value)}"}
    if rule.rise_per_hour is None:
        return {}
    for since, before in within(accepted, time, HOUR):
        allowed = rule.rise_per_hour * max(1.0, (time - since) / HOUR)
        rise = rise_of(rule, text, value, before)
        if exceeds(rise, allowed):
            how = "rose" if value >= before else "fell, or rolled over,"
            return {"rise": f"{how} from {in_words(before)} by {in_words(rise, '+')}, more than {allowed:g}"}
    return {}


def rise_of(rule: RegionRule, text: str, value: float, before: float) -> float:
    """By how much a counter has risen from ``before`` to ``value``, which was read as ``text``; negative if it fell."""
    if value >= before or rule.rollover is None:
        return value - before
    return value - before + 10.0 ** (rule.rollover - decimals_of(text, rule.decimals))


def within(accepted: Sequence[tuple[float, float]], time: float, span: float) -> Sequence[tuple[float, float]]:
    """Those of the last ``span`` seconds before ``time``; the newest alone if there are none."""
    # A clock that was set back makes times of the future.
    return [item for item in accepted if abs(time - item[0]) <= span] or accepted[-1:]


def exceeds(difference: float, allowed: float) -> bool:
    """Whether ``difference`` is more than ``allowed``, rounding apart."""
    return difference > allowed + _ROUNDING * max(1.0, abs(allowed))


def filled(rule: RegionRule, text: str, time: float, accepted: Sequence[tuple[float, float]], length: int) -> str:
    """The reading of a counter with its ``?`` replaced by digits, if they can be no others; else as it is.

    length: digits that the number has, 0 if nobody knows: without it a ``?`` may stand for several.
    """
    unread = text.count(UNREADABLE)
    if not (rule.counter and accepted and 0 < unread <= _MOST_FILLED):
        return text
    if len(text.replace(" ", "").replace(".", "")) != length:
        return text
    template = text.replace(UNREADABLE, "{}")
    candidates = (template.format(*f"{number:0{unread}d}") for number in range(10**unread))
    possible = [candidate for candidate in candidates if not broken(rule, candidate, time, accepted)]
    return possible[0] if len(possible) == 1 else text
