"""The page in a real Chromium, used as a person would, on a desk and on a phone.

Needs Chromium (Debian: ``apt install chromium``) and the extra ``browser``; skipped without.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from web_client import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page
    from web_browser import Visit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import expect, sync_playwright

    # As long as a busy machine may need.
    expect.set_options(timeout=90_000)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> str:
    """A name of ``web_browser.SIZES``."""
    return request.param


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visit]:
    """Opens a part of the page; afterwards, no page may have complained or asked another host."""
    complaints: list[str] = []
    contexts = []
    from playwright.sync_api import expect
    from web_browser import SIZES

    def open_part(part: str, size: str = "desktop", **more: Any) -> Page:
        context = browser.new_context(**{**SIZES[size], **more}, locale="en-GB", timezone_id="UTC")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(90_000)
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if is_foreign(asked.url, server) else None)
        page.goto(f"{server.client.base}/#{part}")
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
