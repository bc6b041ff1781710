"""The page by keyboard alone, and as axe-core sees it on a desk and on a phone, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="needs the extra browser")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web_browser import Visit

PARTS = ("live", "draw", "upload", "models", "setup", "readings")


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
