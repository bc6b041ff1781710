"""A region's number is shown as what it means: the value with its unit, under the region's title."""

from __future__ import annotations

import time

import pytest
from web_client import Running, reading

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import expect
from web_browser import Visit


def test_live_shows_the_value_with_its_unit_and_the_title(visit: Visit, metered: Running, size: str) -> None:
    page = visit("live", size)
    expect(page.locator("#live-picture")).to_have_attribute(
        "aria-label", "The camera's picture: 298 m³, 720, 640910, 09"
    )
    metered.feed.publish(reading("0123", time.time(), decimals=1))
    card = page.locator("#settled .named").first
    expect(card.locator("b")).to_have_text("12.3 m³")
    expect(card).to_contain_text("read as 0123")
    expect(card).to_contain_text("Cold water")
    metered.feed.publish(reading("01?3", time.time(), decimals=1))
    expect(card.locator("b")).to_have_text("01?3")


def test_a_number_that_is_wiped_is_said_to_be_gone(visit: Visit, metered: Running, size: str) -> None:
    page = visit("live", size)
    metered.feed.publish(reading("", time.time()))
    card = page.locator("#settled .named").first
    expect(card.locator("b")).to_have_text("gone")
    expect(card).not_to_contain_text("%")


def test_the_record_and_what_is_tried_have_value_unit_and_title(visit: Visit, metered: Running, size: str) -> None:
    page = visit("readings", size)
    expect(page.locator("#rec-table tbody tr").first).to_contain_text("Cold water")
    expect(page.locator("#rec-table tbody tr td b").first).to_contain_text(" m³")
    expect(page.locator("#rec-region")).to_contain_text("Cold water")
    expect(page.locator("#chart")).to_contain_text("Cold water")
    page.click("nav a[href='#setup']")
    page.click("#region-try")
    expect(page.locator("#regions .found b").first).to_have_text("298 m³")
    expect(page.locator("#regions .found").first).to_contain_text("read as 2980")
