"""What a region means and what is expected of it, typed into its form; and its last value, set by hand."""

from __future__ import annotations

import time

import pytest
from web_client import Running, eventually

from device.config.load import load_config
from device.guard.memory import Memory

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import Locator, Page, expect
from web_browser import Visit

SAVED = "Saved, and read from now on."


def form(page: Page) -> Locator:
    """The one region's, with all of it to be seen."""
    region = page.locator("#regions .region")
    expect(region).to_have_count(1)
    region.evaluate("(form) => form.querySelectorAll('details').forEach((part) => { part.open = true; })")
    return region


@pytest.mark.usefixtures("regions_put_back")
def test_what_a_counter_is_and_may_do_is_typed_and_saved(visit: Visit, server: Running, size: str) -> None:
    page = visit("setup", size)
    region = form(page)
    region.get_by_label("Title").fill("Cold water")
    region.get_by_label("Unit").fill("m³")
    region.get_by_label("Decimals").select_option("2")
    region.get_by_label("Least confidence").fill("0.75")
    expect(region.get_by_label("Largest rise an hour")).to_be_disabled()
    region.get_by_label("Only rises, as a meter does").check()
    region.get_by_label("Largest rise an hour").fill("1.5")
    region.get_by_label("Rolls over after digits").fill("6")
    page.click("#region-save")
    expect(page.locator("#setup-said")).to_have_text(SAVED)
    [rule] = load_config(server.config).region
    assert (rule.title, rule.unit, rule.decimals, rule.min_confidence) == ("Cold water", "m³", 2, 0.75)
    assert (rule.counter, rule.rise_per_hour, rule.rollover, rule.digits) == (True, 1.5, 6, 4)
    page.reload()
    region = form(page)
    expect(region.get_by_label("Title")).to_have_value("Cold water")
    expect(region.get_by_label("Decimals")).to_have_value("2")
    expect(region.get_by_label("Only rises, as a meter does")).to_be_checked()
    expect(region.get_by_label("Rolls over after digits")).to_have_value("6")


@pytest.mark.usefixtures("regions_put_back")
def test_what_is_emptied_is_no_longer_set(visit: Visit, server: Running) -> None:
    found = server.client.get("/api/regions").json()
    more = {"title": "T", "unit": "l", "decimals": "seen", "counter": True, "rise_per_hour": 5, "rollover": 4}
    rows = [found["regions"][0] | more]
    assert server.client.send("PUT", "/api/regions", {"regions": rows, "version": found["version"]}).json()["saved"]
    page = visit("setup")
    region = form(page)
    expect(region.get_by_label("Decimals")).to_have_value("seen")
    region.get_by_label("Title").fill(" ")
    region.get_by_label("Unit").fill("")
    region.get_by_label("Decimals").select_option("none")
    region.get_by_label("Only rises, as a meter does").uncheck()
    page.click("#region-save")
    expect(page.locator("#setup-said")).to_have_text(SAVED)
    [rule] = load_config(server.config).region
    assert (rule.title, rule.unit, rule.decimals, rule.counter) == (None, None, None, False)
    assert (rule.rise_per_hour, rule.rollover) == (None, None)


def test_a_field_that_is_wrong_is_named_and_not_saved(visit: Visit, server: Running, size: str) -> None:
    before = server.config.read_text()
    page = visit("setup", size)
    region = form(page)
    for label, wrong, error in (
        ("Least confidence", "75", "region[1].min_confidence: expected 0 to 1, not 75"),
        ("Digits", "0", "region[1].digits: expected 1 to 100, not 0"),
    ):
        region.get_by_label(label, exact=True).fill(wrong)
        page.click("#region-save")
        expect(page.locator("#setup-said")).to_have_text(error)
        region.get_by_label(label, exact=True).fill("")
    region.get_by_label("Only rises, as a meter does").check()
    region.get_by_label("Rolls over after digits").fill("5")
    page.click("#region-save")
    expect(page.locator("#setup-said")).to_contain_text("region[1].rollover: expected rise_per_hour too")
    assert server.config.read_text() == before


def test_the_last_value_is_seen_and_set(visit: Visit, server: Running, size: str) -> None:
    server.memories.remember("score", Memory(((time.time(), 1234.5),)))
    page = visit("setup", size)
    region = form(page)
    expect(region).to_contain_text("It is 1234.5.")
    region.get_by_label("Set it to").fill("2980")
    region.get_by_role("button", name="Set", exact=True).click()
    expect(region).to_contain_text("Set to 2980.")
    taken: dict[str, float] = {}
    assert eventually(lambda: bool(taken.update(server.memories.take_values()) or taken))
    assert taken == {"score": 2980.0}


def test_a_last_value_that_cannot_be_is_refused(visit: Visit, server: Running) -> None:
    page = visit("setup")
    region = form(page)
    for wrong in ("", "-5"):
        region.get_by_label("Set it to").fill(wrong)
        region.get_by_role("button", name="Set", exact=True).click()
        expect(region).to_contain_text("value: expected a number such as 1234.5")
    assert not server.memories.take_values()


def test_a_region_that_is_not_saved_has_no_last_value(visit: Visit, size: str) -> None:
    page = visit("setup", size)
    expect(page.locator("#regions .region")).to_have_count(1)
    page.click("#region-add")
    regions = page.locator("#regions .region")
    expect(regions.nth(0).get_by_text("Last value")).to_be_visible()
    expect(regions.nth(1).get_by_text("Last value")).to_be_hidden()
