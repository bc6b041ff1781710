"""The page in a real Chromium, used as a person would, on a desk and on a phone.

Needs Chromium (Debian: ``apt install chromium``) and the extra ``browser``; skipped without. EDGE_DIGITS_SCREENSHOTS
names the folder to which the pictures of docs/web.md are written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import Running, reading, refusal

pytest.importorskip("playwright", reason="needs the extra browser")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from device.config import load_config
from edge_digits.types import Image

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = os.environ.get("EDGE_DIGITS_SCREENSHOTS")
PARTS = ("live", "draw", "upload", "models", "setup", "readings")
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}

expect.set_options(timeout=20_000)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visit]:
    """Opens a part of the page; afterwards, no page may have complained or asked another host."""
    complaints: list[str] = []
    contexts = []

    def open_part(part: str, size: str = "desktop", base: str | None = None, **more: Any) -> Page:
        context = browser.new_context(**{**SIZES[size], **more}, locale="en-GB", timezone_id="UTC")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if is_foreign(asked.url, server) else None)
        page.goto(f"{base or server.client.base}/#{part}")
        expect(page.locator(f"#part-{part}")).to_be_visible()
        return page

    yield open_part
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Whether the console shows an error; that a request was refused with a reason is none of the page's."""
    return said.type == "error" and not re.search("responded with a status of (400|422)", said.text)


def is_foreign(url: str, server: Running) -> bool:
    return not url.startswith((server.client.base, "data:", "blob:"))


def shot(page: Page, part: str, size: str) -> None:
    """A picture for the documentation, if it is wanted."""
    if SCREENSHOTS:
        page.evaluate("scrollTo(0, 0)")
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)
        page.screenshot(path=Path(SCREENSHOTS) / f"{part}-{size}.png")


def number_shown(page: Page) -> int:
    return int((page.locator("#live-number").text_content() or "frame -1").split()[-1])


def test_live_shows_the_picture_what_is_read_and_how_the_reader_does(visit: Visit, server: Running, size: str) -> None:
    page = visit("live", size)
    expect(page.locator("#live-note")).to_be_hidden()
    expect(page.locator("#live-picture")).to_have_attribute("aria-label", "The camera's picture: 2980, 720, 640910, 09")
    now = time.time()
    server.feed.publish(reading("720", now - 2, None))
    server.feed.publish(reading("2980", now))
    expect(page.locator("#settled .named b").first).to_have_text("2980")
    expect(page.locator("#settled")).to_contain_text("720")
    expect(page.locator("#live-facts")).to_contain_text("Frames a second")
    expect(page.locator("#live-stages")).to_contain_text("segment")
    expect(page.locator("#state")).to_contain_text("frames/s")
    shot(page, "live", size)


def test_a_rejected_number_is_shown_with_its_reason(visit: Visit, server: Running) -> None:
    page = visit("live")
    server.feed.refuse(refusal("298", time.time()))
    expect(page.locator("#settled .refused b")).to_have_text("298")
    expect(page.locator("#settled .refused")).to_contain_text("rejected: 3 digits, expected 4")


def test_pause_holds_the_picture_and_single_frame_shows_one_more(visit: Visit, server: Running) -> None:
    page = visit("live")
    expect(page.locator("#live-note")).to_be_hidden()
    page.click("#live-pause")
    held = number_shown(page)
    page.wait_for_timeout(700)
    assert number_shown(page) == held
    # The server learns of it when it sends the next picture.
    deadline = time.monotonic() + 5
    while server.client.get("/api/status").json()["viewers"] and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert server.client.get("/api/status").json()["viewers"] == 0
    page.click("#live-single")
    expect(page.locator("#live-number")).not_to_have_text(f"frame {held}")
    page.wait_for_timeout(300)
    one_more = number_shown(page)
    page.wait_for_timeout(500)
    assert number_shown(page) == one_more
    page.click("#live-pause")
    expect(page.locator("#live-number")).not_to_have_text(f"frame {one_more}")


def test_boxes_can_be_left_out(visit: Visit) -> None:
    page = visit("live")
    expect(page.locator("#live-picture")).to_have_attribute("aria-label", "The camera's picture: 2980, 720, 640910, 09")
    page.click("#live-pause")
    assert coloured(page, "#live-picture")
    page.uncheck("#live-boxes")
    assert not coloured(page, "#live-picture")


def coloured(page: Page, canvas: str) -> bool:
    """Whether a canvas shows anything that is not grey."""
    return page.locator(canvas).evaluate(
        """(canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let k = 0; k < data.length; k += 4) if (Math.abs(data[k] - data[k + 1]) > 40) return true;
            return false;
        }"""
    )


def write(page: Page, strokes: list[list[tuple[float, float]]], size: str) -> None:
    """Draw on the paper; places are shares of it."""
    box = page.locator("#paper").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        for step, (x, y) in enumerate(places):
            if size == "phone":
                kind = "touchMove" if step else "touchStart"
                session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
            else:
                page.mouse.move(x, y, steps=4)
                if not step:
                    page.mouse.down()
        if size == "phone":
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            page.mouse.up()


SEVEN = [[(0.2, 0.25), (0.3, 0.25), (0.4, 0.25), (0.36, 0.45), (0.32, 0.6), (0.28, 0.8)]]
ONE = [[(0.6, 0.25), (0.6, 0.4), (0.6, 0.55), (0.6, 0.7), (0.6, 0.8)]]


def test_drawing_is_answered_with_what_the_model_saw(visit: Visit, size: str) -> None:
    page = visit("draw", size)
    write(page, SEVEN + ONE, size)
    expect(page.locator("#draw-result .lines b")).to_have_text("71")
    expect(page.locator("#draw-result .inputs li")).to_have_count(2)
    seen = page.locator("#draw-result .inputs li").first
    expect(seen.locator("img")).to_have_attribute("alt", "seen as 7")
    expect(seen.locator(".bars span")).to_have_count(11)
    assert seen.locator("img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [28, 28]
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
    assert whole.locator("canvas").evaluate("(canvas) => canvas.width") == 640
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
    scribble: Image = np.full((300, 400), 235, np.uint8)
    ink = (20.0,)
    cv2.putText(scribble, "42", (40, 170), cv2.FONT_HERSHEY_SIMPLEX, 4, ink, 8)
    cv2.circle(scribble, (330, 130), 60, ink, 8)
    cv2.line(scribble, (270, 190), (390, 70), ink, 8)
    cv2.line(scribble, (270, 70), (390, 190), ink, 8)
    cv2.imwrite(str(tmp_path / "scribble.png"), scribble)
    page = visit("upload")
    page.set_input_files("#files", tmp_path / "scribble.png")
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


def test_a_region_is_drawn_tried_and_saved(visit: Visit, server: Running, size: str) -> None:
    before = server.config.read_text()
    page = visit("setup", size)
    try:
        expect(page.locator("#regions .region")).to_have_count(1)
        expect(page.locator("#aim")).to_contain_text("Focus")
        expect(page.locator("#setup-note")).to_be_hidden()
        drag(page, (0.03, 0.32), (0.52, 0.51), size)
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
    finally:
        server.config.write_text(before)


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float], size: str) -> None:
    """From one place of the set-up picture to another; places are shares of it."""
    canvas = page.locator("#setup-picture")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    [(x, y), (u, v)] = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (begin, end)]
    if size == "phone":
        session = page.context.new_cdp_session(page)
        for kind, place in (("touchStart", (x, y)), ("touchMove", ((x + u) / 2, (y + v) / 2)), ("touchMove", (u, v))):
            points = [{"x": place[0], "y": place[1]}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    else:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(u, v, steps=5)
        page.mouse.up()


def test_a_region_is_made_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit("setup")
    expect(page.locator("#regions .region")).to_have_count(1)
    page.focus("#region-add")
    page.keyboard.press("Enter")
    page.keyboard.type("by-keys")
    for _ in range(2):
        page.keyboard.press("Tab")
    for side in ("60", "150", "200", "90"):
        page.keyboard.type(side)
        page.keyboard.press("Tab")
    page.focus("#region-try")
    page.keyboard.press("Enter")
    expect(page.locator("#regions .region").nth(1).locator(".found b")).to_have_text("720")


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
    page.wait_for_timeout(200)
    assert picture.evaluate("(image) => image.naturalWidth") > 100


def test_the_first_view_is_small_and_soon_there(visit: Visit, server: Running, browser: Browser) -> None:
    times, sizes = [], []
    for _ in range(3):
        context = browser.new_context(**SIZES["phone"])
        page = context.new_page()
        received = {"bytes": 0}
        session = context.new_cdp_session(page)
        session.send("Network.enable")

        def count(event: dict[str, Any], received: dict[str, int] = received) -> None:
            received["bytes"] += max(event.get("encodedDataLength", 0), event.get("dataLength", 0))

        session.on("Network.dataReceived", count)
        page.goto(server.client.base)
        expect(page.locator("#live-note")).to_be_hidden()
        sizes.append(received["bytes"])
        times.append(page.evaluate("performance.getEntriesByName('first-picture')[0].startTime"))
        context.close()
    assert min(sizes) > 30_000
    assert max(sizes) < 200_000
    assert min(times) < 1000


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_axe_finds_nothing_serious(visit: Visit, size: str, scheme: str, png: bytes, tmp_path: Path) -> None:
    """All parts with something in them (axe-core, rules of WCAG 2.2 A and AA and best practices)."""
    (tmp_path / "page.png").write_bytes(png)
    page = visit("live", size, color_scheme=scheme, bypass_csp=True)
    expect(page.locator("#live-note")).to_be_hidden()
    found: list[str] = []
    for part in PARTS:
        page.click(f"nav a[href='#{part}']")
        expect(page.locator(f"#part-{part}")).to_be_visible()
        if part == "draw":
            page.click("#draw-example")
            expect(page.locator("#draw-result .inputs")).to_be_visible()
        if part == "upload":
            page.set_input_files("#files", tmp_path / "page.png")
            expect(page.locator("#uploads .inputs").first).to_be_visible()
        if part == "models":
            page.click("#model-last")
            expect(page.locator("#model-verdict")).not_to_be_empty()
        if part == "readings":
            expect(page.locator("#rec-table tbody tr").first).to_be_visible()
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [f"{part}: {violation['id']}: {node['html'][:120]}" for node in violation["nodes"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{part} is wider than the screen"
    assert found == []


def test_every_part_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit("live")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "#draw":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.locator("#part-draw")).to_be_visible()
    expect(page.locator("nav a[href='#draw']")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "draw-clear"


def test_the_printed_link_lets_one_in_and_a_wrong_token_does_not(browser: Browser, guarded: Running) -> None:
    assert guarded.token is not None
    context = browser.new_context(**SIZES["desktop"])
    page = context.new_page()
    page.goto(guarded.client.base)
    assert page.url.endswith("/login")
    page.fill("#token", "not the token at all")
    page.click("button")
    expect(page.locator("#said")).to_have_text("this is not the token")
    page.goto(f"{guarded.client.base}/login#{guarded.token}")
    page.reload()
    expect(page.locator("#live-note")).to_be_hidden()
    assert guarded.token not in page.url
    [cookie] = context.cookies()
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    context.close()


def test_a_page_elsewhere_can_neither_ask_nor_show_the_camera(browser: Browser, server: Running) -> None:
    """From another origin: what changes state is refused, and no answer can be read."""
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "http://elsewhere.example/**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page.goto("http://elsewhere.example/")
    ask = "(url) => fetch(url, { method: 'PUT', mode: 'no-cors', body: '{}' }).then((r) => r.type, () => 'refused')"
    before = server.config.read_text()
    page.evaluate(ask.replace("PUT", "POST"), f"{server.client.base}/api/regions/try")
    image = """(url) => new Promise((done) => {
        const image = new Image();
        image.onload = () => done("shown");
        image.onerror = () => done("refused");
        image.src = url;
    })"""
    assert page.evaluate(image, f"{server.client.base}/api/frame.jpg") == "refused"
    assert server.config.read_text() == before
    with pytest.raises(Error):
        page.evaluate("(url) => fetch(url).then((r) => r.text())", f"{server.client.base}/api/status")
    context.close()
