"""The live picture: what is read, paused, and how soon it is there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from web_client import Running, reading, refusal

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import Browser, Page, expect
from web_browser import SIZES, Visit, shot


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
    expect(page.locator("#live-stages")).to_contain_text("component tree")
    expect(page.locator("#state")).to_contain_text("frames/s")
    shot(page, "live", size)


def test_a_rejected_number_stands_below_the_accepted_one_with_its_reason(
    visit: Visit, server: Running, size: str
) -> None:
    page = visit("live", size)
    server.feed.publish(reading("2980", time.time()))
    server.feed.refuse(refusal("298", time.time()))
    cards = page.locator("#settled .named")
    expect(cards.locator("b")).to_have_text(["2980", "298"])
    expect(cards.nth(1)).to_have_class("named refused")
    expect(cards.nth(1)).to_contain_text("rejected: 3 digits, expected 4")
    expect(cards.nth(1)).to_contain_text("80 %")
    server.feed.publish(reading("2981", time.time()))
    expect(cards.locator("b")).to_have_text(["2981"])


def test_what_came_before_live_was_looked_at_is_there(visit: Visit, server: Running, size: str) -> None:
    page = visit("draw", size)
    expect(page.locator("#state")).to_contain_text("frames/s")
    server.feed.publish(reading("2983", time.time()))
    server.feed.refuse(refusal("298", time.time()))
    server.feed.publish(reading("2984", time.time()))
    page.wait_for_timeout(1000)
    page.click("nav a[href='#live']")
    expect(page.locator("#settled .named b")).to_have_text(["2984"])
    expect(page.locator("#live-facts")).to_contain_text("Frames a second")


def test_pause_holds_the_picture_and_single_frame_shows_one_more(visit: Visit, server: Running) -> None:
    page = visit("live")
    expect(page.locator("#live-note")).to_be_hidden()
    page.click("#live-pause")
    held = number_shown(page)
    page.wait_for_timeout(700)
    assert number_shown(page) == held
    # The server learns of it when it sends the next picture.
    deadline = time.monotonic() + 20
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


def number_shown(page: Page) -> int:
    return int((page.locator("#live-number").text_content() or "frame -1").split()[-1])


def test_boxes_can_be_left_out(visit: Visit) -> None:
    page = visit("live")
    expect(page.locator("#live-picture")).to_have_attribute("aria-label", "The camera's picture: 2980, 720, 640910, 09")
    page.click("#live-pause")
    page.wait_for_function(COLOURED)
    page.uncheck("#live-boxes")
    page.wait_for_function(f"() => !({COLOURED})()")


COLOURED = """() => {
    const canvas = document.getElementById("live-picture");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let k = 0; k < data.length; k += 4) if (Math.abs(data[k] - data[k + 1]) > 40) return true;
    return false;
}"""
"""Whether the live picture shows anything that is not grey."""


TIMES = """async () => {
    const [page] = performance.getEntriesByType("navigation");
    const [picture] = performance.getEntriesByName("first-picture");
    const began = performance.now();
    await (await fetch("/api/frame.jpg")).blob();
    return [page.loadEventEnd, picture.startTime, performance.now() - began];
}"""
"""Milliseconds from the start to the page without its picture and to its first picture; and what one alone takes."""


def test_the_first_view_is_small_and_soon_there(server: Running, browser: Browser) -> None:
    """Soon: the picture keeps nobody waiting much longer than the page around it and one picture take on this machine,
    as busy as it is now."""
    delays = []
    for _ in range(3):
        context = browser.new_context(**SIZES["phone"])
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        received = {"bytes": 0}
        session = context.new_cdp_session(page)
        session.send("Network.enable")

        def count(event: dict[str, Any], received: dict[str, int] = received) -> None:
            received["bytes"] += max(event.get("encodedDataLength", 0), event.get("dataLength", 0))

        session.on("Network.dataReceived", count)
        page.goto(server.client.base)
        expect(page.locator("#live-note")).to_be_hidden()
        assert 30_000 < received["bytes"] < 200_000
        assert len(asked) <= 12, asked
        loaded, first, alone = page.evaluate(TIMES)
        delays.append((first - loaded) / (loaded + alone))
        context.close()
    assert min(delays) < 5
