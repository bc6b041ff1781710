"""Regions that are drawn on the picture, and the record of what was read in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from web_client import Running

from device.config import load_config

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import expect
from web_browser import Visit, shot, stroke


@pytest.mark.usefixtures("regions_put_back")
def test_a_region_is_drawn_tried_and_saved(visit: Visit, server: Running, size: str) -> None:
    page = visit("setup", size)
    expect(page.locator("#regions .region")).to_have_count(1)
    expect(page.locator("#aim")).to_contain_text("Focus")
    expect(page.locator("#setup-note")).to_be_hidden()
    stroke(page, "#setup-picture", [(0.03, 0.32), (0.3, 0.4), (0.52, 0.51)], size)
    expect(page.locator("#regions .region")).to_have_count(2)
    page.locator("#regions .region").nth(1).get_by_label("Name").fill("clock")
    page.click("#region-try")
    expect(page.locator("#regions .region").nth(0).locator(".found b")).to_have_text("2980")
    expect(page.locator("#regions .region").nth(1).locator(".found b")).to_have_text("720")
    shot(page, "setup", size)
    page.click("#region-save")
    expect(page.locator("#setup-said")).to_have_text("Saved, and read from now on.")
    saved = load_config(server.config).region
    assert [region.name for region in saved] == ["score", "clock"]
    assert abs(saved[1].box.x - 0.03 * 640) <= 3
    assert abs(saved[1].box.height - 0.19 * 480) <= 4
    assert "# the counter" in server.config.read_text()


def test_a_region_that_is_wrong_is_named_and_not_saved(visit: Visit, server: Running) -> None:
    before = server.config.read_text()
    page = visit("setup")
    page.locator("#regions .region").get_by_label("Name").fill("a b")
    page.click("#region-save")
    expect(page.locator("#setup-said")).to_contain_text("region[1].name: expected up to 64 letters")
    assert server.config.read_text() == before


def test_readings_are_a_table_a_chart_and_a_file(visit: Visit, size: str) -> None:
    page = visit("readings", size)
    expect(page.locator("#rec-table tbody tr")).to_have_count(40)
    assert page.locator("#chart circle").count() == 40
    shot(page, "readings", size)
    with page.expect_download() as download:
        page.click("#rec-csv")
    assert Path(download.value.path()).read_text().startswith("id,time,region,text,")
    page.select_option("#rec-region", "score")
    page.select_option("#rec-time", "3600")
    expect(page.locator("#rec-table tbody tr").first).to_contain_text("score")
    page.select_option("#rec-kind", "refusals")
    expect(page.locator("#rec-table tbody tr")).to_have_count(1)
    expect(page.locator("#rec-table")).to_contain_text("3 digits, expected 4")
    picture = page.locator("#rec-table img")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('#rec-table img').naturalWidth > 100")
