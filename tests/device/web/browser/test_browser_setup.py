"""Regions that are drawn on the picture, and the record of what was read in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from web_client import Running

from device.config.load import load_config

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


@pytest.mark.usefixtures("regions_put_back")
def test_the_picture_is_turned_and_cropped(visit: Visit, server: Running, size: str) -> None:
    page = visit("setup", size)
    expect(page.locator("#aim")).to_contain_text("640 × 480")
    page.select_option("#geometry-rotate", "180")
    page.click("#geometry-save")
    expect(page.locator("#geometry-said")).to_have_text("Saved; regions were moved along.")
    config = load_config(server.config)
    assert (config.camera.rotate, config.region[0].box.as_list()) == (180, [280, 350, 320, 100])
    expect(page.locator("#regions .region").get_by_label("x", exact=True)).to_have_value("280")
    page.click("#geometry-drag")
    stroke(page, "#setup-picture", [(0.25, 0.5), (0.5, 0.8), (1.0, 1.0)], size)
    expect(page.locator("#geometry-said")).to_have_text("Save, to see this part only.")
    expect(page.locator("#regions .region")).to_have_count(1)
    page.click("#geometry-save")
    expect(page.locator("#geometry-said")).to_have_text("Saved; regions were moved along.")
    crop = load_config(server.config).camera.crop
    assert crop is not None
    assert abs(crop.x - 160) <= 3 and abs(crop.y - 240) <= 3 and crop.right >= 637
    expect(page.locator("#aim")).to_contain_text(f"{crop.width} × {crop.height}")
    page.click("#geometry-whole")
    page.select_option("#geometry-rotate", "0")
    page.click("#geometry-save")
    expect(page.locator("#aim")).to_contain_text("640 × 480")
    assert load_config(server.config).region[0].box.as_list() == [40, 30, 320, 100]


def test_a_crop_is_typed_and_a_wrong_one_is_named(visit: Visit, server: Running) -> None:
    before = server.config.read_text()
    page = visit("setup")
    picture = page.get_by_role("group", name="Picture")
    for label, value in (("Crop x", "0"), ("y", "0"), ("width", "700"), ("height", "100")):
        picture.get_by_label(label, exact=True).fill(value)
    page.click("#geometry-save")
    expect(page.locator("#geometry-said")).to_have_text("crop: [0, 0, 700, 100] leaves the picture of 640x480")
    page.select_option("#geometry-flip", "horizontal")
    expect(picture.get_by_label("Crop x", exact=True)).to_have_value("")
    assert server.config.read_text() == before


def test_regions_that_are_not_saved_are_not_lost_by_turning(visit: Visit, server: Running) -> None:
    before = server.config.read_text()
    page = visit("setup")
    page.locator("#regions .region").get_by_label("Name").fill("other")
    page.select_option("#geometry-rotate", "90")
    page.click("#geometry-save")
    expect(page.locator("#geometry-said")).to_contain_text("Save the regions first")
    expect(page.locator("#regions .region").get_by_label("Name")).to_have_value("other")
    assert server.config.read_text() == before


def test_what_would_be_rejected_is_tried_with_its_reason(visit: Visit, size: str) -> None:
    page = visit("setup", size)
    region = page.locator("#regions .region")
    expect(region).to_have_count(1)
    region.get_by_label("Digits", exact=True).fill("5")
    page.click("#region-try")
    expect(region.locator(".found b")).to_have_text("2980")
    expect(region.locator(".found")).to_contain_text("rejected: 4 digits, expected 5")


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
