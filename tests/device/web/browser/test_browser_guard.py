"""Who is let in: the token's owner, and no page from elsewhere."""

from __future__ import annotations

import pytest
from web_client import Running

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import Browser, Error, expect
from web_browser import SIZES


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
    expect(page).to_have_url(f"{guarded.client.base}/")
    expect(page.locator("#live-note")).to_be_hidden()
    [cookie] = context.cookies()
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    context.close()


def test_the_printed_link_lets_one_in_from_a_new_tab(browser: Browser, guarded: Running) -> None:
    context = browser.new_context(**SIZES["phone"])
    page = context.new_page()
    page.goto(f"{guarded.client.base}/login#{guarded.token}")
    expect(page).to_have_url(f"{guarded.client.base}/")
    expect(page.locator("#live-note")).to_be_hidden()
    context.close()


def test_a_page_elsewhere_can_neither_ask_nor_show_the_camera(browser: Browser, server: Running) -> None:
    """From another origin: what changes state is refused, and no answer can be read."""
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "http://elsewhere.example/**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page.goto("http://elsewhere.example/")
    ask = "([url, method, mode]) => fetch(url, { method, mode, body: '{}' }).then((r) => r.type, () => 'refused')"
    before = server.config.read_text()
    assert page.evaluate(ask, [f"{server.client.base}/api/regions/try", "POST", "no-cors"]) == "refused"
    assert page.evaluate(ask, [f"{server.client.base}/api/regions", "PUT", "cors"]) == "refused"
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
