"""Outages: each is said once, and once that it is over."""

from __future__ import annotations

import logging

import pytest

from device.sinks.outage import Outage

LOGGER = logging.getLogger("test")


def test_an_outage_is_said_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(LOGGER, "disk")
    for _ in range(2):
        assert outage.end("fine")
        outage.begin("full")
        outage.begin("full")
        assert outage.end("fine again")
        assert outage.end("fine again")
    assert caplog.messages == ["disk: full", "disk: fine again"] * 2


def test_what_fails_now_and_then_is_one_outage(caplog: pytest.LogCaptureFixture) -> None:
    times = iter([0, 7, 7, 14, 14, 19, 25])
    outage = Outage(LOGGER, "disk", settled=10.0, clock=lambda: next(times))
    for _ in range(3):
        outage.begin("full")
        assert not outage.end("fine again")
    assert outage.is_on
    assert outage.end("fine again")
    assert caplog.messages == ["disk: full", "disk: fine again"]
