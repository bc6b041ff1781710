"""Answers that come late: what was asked last counts, whichever answer comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_digits.types import Image

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import Page, expect
from web_browser import FirstHeld, Visit

SMALL = "400 × 300"
"""Of the picture that is chosen; the camera's is larger."""


@pytest.fixture
def small_picture(tmp_path: Path) -> Path:
    paper: Image = np.full((300, 400), 235, np.uint8)
    cv2.putText(paper, "42", (100, 190), cv2.FONT_HERSHEY_SIMPLEX, 3, (20.0,), 7)
    cv2.imwrite(str(tmp_path / "42.png"), paper)
    return tmp_path / "42.png"


def show(page: Page, part: str) -> None:
    page.click(f"nav a[href='#{part}']")
    expect(page.locator(f"#part-{part}")).to_be_visible()


def test_a_late_list_of_readings_does_not_replace_the_refusals_asked_for_since(visit: Visit) -> None:
    page = visit("upload")
    readings = FirstHeld(page, "**/api/readings?kind=readings&*")
    show(page, "readings")
    page.select_option("#rec-kind", "refusals")
    expect(page.locator("#rec-table tbody tr")).to_have_count(1)
    readings.answer()
    assert page.locator("#rec-table tbody tr").count() == 1
    assert "3 digits, expected 4" in page.locator("#rec-table").inner_text()


def without_lines(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"lines": []}


def test_a_late_comparison_says_nothing_about_the_models_chosen_since(visit: Visit) -> None:
    page = visit("models")
    expect(page.locator("#model-a option")).not_to_have_count(0)
    first = FirstHeld(page, "**/api/read?*")
    page.click("#model-camera")
    expect(page.locator("#model-results .card")).to_have_count(2)
    page.select_option("#model-b", "cnn-float32.tflite")
    expect(page.locator("#model-verdict")).to_have_text("Both read the same.")
    first.answer(without_lines)
    assert page.locator("#model-verdict").inner_text() == "Both read the same."


@pytest.mark.parametrize("asks", ["#model-camera", "#model-measure"])
def test_a_late_frame_does_not_replace_the_picture_chosen_since(visit: Visit, small_picture: Path, asks: str) -> None:
    page = visit("models")
    expect(page.locator("#model-a option")).not_to_have_count(0)
    frame = FirstHeld(page, "**/api/frame.jpg")
    page.click(asks)
    page.set_input_files("#model-file", small_picture)
    expect(page.locator("#model-verdict")).not_to_be_empty()
    frame.answer()
    page.select_option("#model-b", "cnn-float32.tflite")
    expect(page.locator("#model-results figcaption").get_by_text("read in")).to_have_count(2)
    for said in page.locator("#model-results figcaption").get_by_text("read in").all_inner_texts():
        assert said.startswith(SMALL)


def test_late_regions_do_not_replace_those_being_changed(visit: Visit) -> None:
    page = visit("upload")
    first = FirstHeld(page, "**/api/regions")
    show(page, "setup")
    show(page, "upload")
    show(page, "setup")
    name = page.locator("#regions .region").get_by_label("Name")
    name.fill("renamed")
    first.answer()
    assert name.input_value() == "renamed"


def test_nothing_is_tried_or_saved_before_the_regions_are_there(visit: Visit) -> None:
    page = visit("live")
    regions = FirstHeld(page, "**/api/regions")
    with page.expect_request("**/api/regions"):
        show(page, "setup")
    for button in ("#region-add", "#region-try", "#region-save"):
        expect(page.locator(button)).to_be_disabled()
    regions.answer()
    for button in ("#region-add", "#region-try", "#region-save"):
        expect(page.locator(button)).to_be_enabled()
