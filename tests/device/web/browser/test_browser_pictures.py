"""Pictures that are drawn, dropped or chosen, and models that read them side by side."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_digits.types import Image

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import expect
from web_browser import Visit, shot, stroke

SEVEN = [(0.2, 0.25), (0.3, 0.25), (0.4, 0.25), (0.36, 0.45), (0.32, 0.6), (0.28, 0.8)]
ONE = [(0.6, 0.25), (0.6, 0.4), (0.6, 0.55), (0.6, 0.7), (0.6, 0.8)]


def test_drawing_is_answered_with_what_the_model_saw(visit: Visit, size: str) -> None:
    page = visit("draw", size)
    for places in (SEVEN, ONE):
        stroke(page, "#paper", places, size)
    expect(page.locator("#draw-result .lines b")).to_have_text("71")
    expect(page.locator("#draw-result .inputs li")).to_have_count(2)
    seen = page.locator("#draw-result .inputs li").first
    expect(seen.locator("img")).to_have_attribute("alt", "seen as 7")
    expect(seen.locator(".bars span")).to_have_count(11)
    expect(seen.locator("img")).to_have_js_property("naturalWidth", 28)
    expect(seen.locator("img")).to_have_js_property("naturalHeight", 28)
    page.click("#draw-undo")
    expect(page.locator("#draw-result .lines b")).to_have_text("7")
    page.click("#draw-clear")
    expect(page.locator("#draw-result")).to_contain_text("The answer comes while you write.")
    expect(page.locator("#paper-hint")).to_be_visible()
    page.click("#draw-example")
    expect(page.locator("#draw-result .lines b")).to_have_text("2026")
    shot(page, "draw", size)


def test_uploads_are_read_several_at_once(visit: Visit, png: bytes, tmp_path: Path, size: str) -> None:
    for name, data in {"page.png": png, "broken.png": png[:5000], "notes.png": b"no picture"}.items():
        (tmp_path / name).write_bytes(data)
    page = visit("upload", size)
    page.set_input_files("#files", [tmp_path / "page.png", tmp_path / "broken.png", tmp_path / "notes.png"])
    expect(page.locator("#uploads article")).to_have_count(3)
    whole = page.get_by_role("article", name="page.png")
    expect(whole.locator(".lines b").first).to_have_text("2980")
    expect(whole.locator("canvas")).to_have_js_property("width", 640)
    expect(page.get_by_role("article", name="broken.png")).to_contain_text("damaged or cut short")
    expect(page.get_by_role("article", name="notes.png")).to_contain_text("not a picture that can be read")
    whole.get_by_text("JSON").click()
    assert json.loads(whole.locator("pre").text_content() or "")["lines"][0]["text"] == "2980"
    whole.get_by_text("JSON").click()
    page.set_input_files("#files", [tmp_path / "page.png"])
    expect(page.locator("#uploads article")).to_have_count(4)
    expect(page.locator("#uploads article").first.locator(".inputs").first).to_be_visible()
    shot(page, "upload", size)


GIVE_PNG = """(target, [event, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], `${event}.png`, { type: "image/png" }));
    const more = event === "paste" ? { clipboardData: data } : { dataTransfer: data };
    const made = event === "paste" ? new ClipboardEvent(event, { ...more, bubbles: true })
        : new DragEvent(event, { ...more, bubbles: true, cancelable: true });
    target.dispatchEvent(made);
}"""


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_pictures_are_dropped_and_pasted(visit: Visit, png: bytes, event: str) -> None:
    page = visit("upload")
    page.locator("#drop").evaluate(GIVE_PNG, [event, list(png)])
    expect(page.get_by_role("article", name=f"{event}.png").locator(".lines b").first).to_have_text("2980")


def test_ink_that_is_rejected_is_shown_with_its_reason(visit: Visit, tmp_path: Path) -> None:
    picture: Image = np.full((300, 400), 235, np.uint8)
    for text, left in (("42", 40), ("K", 270)):
        cv2.putText(picture, text, (left, 170), cv2.FONT_HERSHEY_SIMPLEX, 4, (20.0,), 8)
    cv2.imwrite(str(tmp_path / "letter.png"), picture)
    page = visit("upload")
    page.set_input_files("#files", tmp_path / "letter.png")
    card = page.locator("#uploads article")
    expect(card).to_contain_text("Rejected ink")
    card.get_by_text("Rejected ink").click()
    expect(card.locator(".inputs .rejected b").first).to_have_text("not a digit")


def test_two_models_read_the_same_picture_side_by_side(visit: Visit, size: str) -> None:
    page = visit("models", size)
    expect(page.locator("#model-table tbody tr")).not_to_have_count(0)
    expect(page.locator("#model-table")).to_contain_text("mnist-test")
    page.select_option("#model-b", "cnn-float32.tflite")
    page.click("#model-camera")
    expect(page.locator("#model-verdict")).to_have_text("Both read the same.")
    expect(page.locator("#model-results .card")).to_have_count(2)
    expect(page.locator("#model-results .card").nth(1)).to_contain_text("float32 tflite, the picture read in")
    shot(page, "models", size)


def test_every_model_is_measured_here(visit: Visit) -> None:
    page = visit("models")
    page.click("#model-measure")
    expect(page.locator("#model-measure")).to_have_text("Measure here", timeout=60_000)
    rows = page.locator("#model-table tbody tr")
    expect(rows.first.locator("td").nth(4)).to_contain_text("ms")


def test_a_drawing_is_compared_too(visit: Visit) -> None:
    page = visit("draw")
    page.click("#draw-example")
    expect(page.locator("#draw-result .lines b")).to_have_text("2026")
    page.click("nav a[href='#models']")
    expect(page.locator("#model-a option")).not_to_have_count(0)
    page.click("#model-last")
    expect(page.locator("#model-results .lines b")).to_have_text(["2026", "2026"])
