"""A misread number is tapped, labelled and taught, on a phone; and samples are labelled with the keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fake_camera import FakeCamera
from web_client import STUB_TEACH, Client, Running

from device.collect.collector import Collector
from device.collect.questions import answers
from device.config.load import load_config
from device.loop import run
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.teach.keep import remove_all
from edge_digits.teach.labels import SampleRow, add_sample, read_labels, read_samples
from edge_digits.teach.samples import candidate_at, sample_of
from edge_digits.trace import Observe, Seen
from edge_digits.types import Frame, Image

pytest.importorskip("playwright", reason="needs the extra browser")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab
from web_browser import SIZES, shot

from device.web.feed import Feed

CONFIG = """\
[web]
listen = "127.0.0.1:0"
frame_rate = 10

[teach]
folder = "{folder}/hand"
unsure = 1.0
random = 0.0
"""

TRUE, READ = "2980", "2900"
"""What stands there, and what is read until the reader is taught."""


class Desk(FakeCamera):
    """A live camera over a page that lies still."""

    def __init__(self, image: Image) -> None:
        super().__init__("live", pause=0.1)
        self._image = image

    def __iter__(self) -> Iterator[Frame]:
        return (replace(frame, image=self._image) for frame in super().__iter__())


class Learner:
    """Reads an 8 of one number as 0 until there is a hand; reads as quickly as it remembers."""

    def __init__(self, hand: Path) -> None:
        self._hand = hand
        self._seen: list[Seen] = []
        self._page: Page | None = None

    def __call__(self, image: Image, /, observe: Observe | None = None) -> Page:
        if self._page is None:
            self._page = open_reader().read(image, observe=self._seen.append)
        if observe is not None:
            observe(self._seen[0])
        if self._hand.exists():
            return self._page
        lines = list(self._page.lines)
        place = next(k for k, line in enumerate(lines) if line.text == TRUE)
        digits = tuple(replace(d, value=int(v)) for d, v in zip(lines[place].digits, READ, strict=True))
        lines[place] = replace(lines[place], text=READ, digits=digits)
        return replace(self._page, lines=tuple(lines))


@dataclass(frozen=True)
class Camera:
    """folder: of its samples. client: asks its page."""

    folder: Path
    client: Client


@pytest.fixture
def camera(tmp_path: Path, picture: Image, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    """A whole camera reader: loop, collector and page; only learning is a stand-in."""
    monkeypatch.setenv("PYTHONPATH", str(STUB_TEACH))
    path, stop = tmp_path / "camera.toml", threading.Event()
    path.write_text(CONFIG.format(folder=tmp_path))
    config = load_config(path)
    assert config.teach.folder is not None
    collector = Collector(config.teach.folder, config.teach)
    with closing(Feed(config, path, "desk")) as feed:
        feed.answers |= answers(collector)
        read = collector.reading(Learner(config.teach.folder / "hand.npz"))
        more = {"stop": stop, "beat": feed.beat, "looks": collector.looked}
        arguments = (Desk(picture), read, config.tracking, [feed, collector], [feed.watch])
        thread = threading.Thread(target=lambda: run(*arguments, **more))
        thread.start()
        client = Client("127.0.0.1", feed.address.port)
        try:
            client.wait()
            yield Camera(config.teach.folder, client)
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[list[Tab]]:
    """Tabs that the test opens; closed afterwards, and none of them has failed."""
    tabs: list[Tab] = []
    yield tabs
    for tab in tabs:
        tab.context.close()


def opened(browser: Browser, tabs: list[Tab], address: str, size: str, **more: object) -> Tab:
    tab = browser.new_context(**{**SIZES[size], **more}, locale="en-GB", timezone_id="UTC").new_page()  # pyright: ignore[reportArgumentType]
    tabs.append(tab)
    tab.set_default_timeout(90_000)
    tab.goto(address)
    return tab


def test_a_misread_number_is_tapped_labelled_taught_and_read(
    browser: Browser, open_tab: list[Tab], camera: Camera, page: Page
) -> None:
    tab = opened(browser, open_tab, camera.client.base, "phone")
    expect(tab.locator("#settled")).to_contain_text(READ)
    expect(tab.locator("#live-collects")).to_be_visible()
    expect(tab.locator("#live-picture")).to_have_attribute(
        "aria-label", f"The camera's picture: {READ}, 720, 640910, 09"
    )
    seen = tab.locator("#live-picture").bounding_box()
    assert seen is not None
    box = next(line.box for line in page.lines if line.text == TRUE)
    scale = seen["width"] / 640
    tab.touchscreen.tap(seen["x"] + scale * (box.x + box.width / 2), seen["y"] + scale * (box.y + box.height / 2))
    expect(tab.locator("#correct-read")).to_have_text(READ)
    shot(tab, "correct", "phone")
    tab.fill("#correct-typed", TRUE)
    tab.tap("#correct button.primary")
    expect(tab.locator("#correct-said")).to_have_text("4 digits are labelled. Teach")
    labels = read_labels(camera.folder)
    labelled = [(row.read, labels[row.file]) for row in read_samples(camera.folder) if row.file in labels]
    assert labelled == [("2", "2"), ("9", "9"), ("0", "8"), ("0", "0")]

    tab.tap("#correct-said a")
    expect(tab.locator("#counts")).to_have_text("4 labelled · 11 to label")
    tab.tap(".sample:visible >> nth=1")
    expect(tab.locator("#about")).to_contain_text("read as 2")
    tab.tap("#keys >> text='2'")
    expect(tab.locator("#counts")).to_have_text("5 labelled · 10 to label")
    shot(tab, "teach", "phone")
    tab.tap("#keys >> text=undo")
    expect(tab.locator("#counts")).to_have_text("4 labelled · 11 to label")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    tab.tap("#teach")
    expect(tab.locator("#summary")).to_have_text("4 labels.\nTaken: read so from the next picture on.")
    tab.tap("header a")
    expect(tab.locator("#settled")).to_contain_text(TRUE)

    tab.goto(f"{camera.client.base}/teach")
    tab.tap("#undo-teaching")
    expect(tab.locator("#said")).to_have_text("Undone: numbers are read as before.")
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.tap("#delete")
    expect(tab.locator("#said")).to_contain_text("samples are deleted.")
    expect(tab.locator("#none")).to_contain_text("No samples yet.")
    assert read_samples(camera.folder) == []


@pytest.fixture
def samples(server: Running, picture: Image) -> Iterator[Path]:
    """The digits of the page's first number, 2980, wait to be labelled."""
    folder, seen = server.config.parent / "hand", []
    page = open_reader().read(picture, observe=seen.append)
    for number, digit in enumerate(page.lines[0].digits):
        index = candidate_at(seen[0], digit.box)
        assert index is not None
        sample = sample_of(seen[0], index)
        row = SampleRow(f"{number}.png", str(digit.value), digit.confidence, "unsure", "", 1000.0, sample.box)
        add_sample(folder, row, sample)
    yield folder
    remove_all(folder)


def test_samples_are_labelled_with_one_key_each(
    browser: Browser, open_tab: list[Tab], server: Running, samples: Path
) -> None:
    tab = opened(browser, open_tab, f"{server.client.base}/teach", "desktop")
    expect(tab.locator("#counts")).to_have_text("0 labelled · 4 to label")
    for key in ("2", "x", "u", "9", "ArrowRight", "0", "s"):
        tab.keyboard.press(key)
    expect(tab.locator("#counts")).to_have_text("4 labelled · 0 to label")
    # The third was passed over and came last.
    expect(tab.locator(".sample b")).to_have_text(["2", "9", "–", "0"])
    shot(tab, "teach", "desktop")
    tab.keyboard.press("Control+z")
    expect(tab.locator("#counts")).to_have_text("3 labelled · 1 to label")
    tab.keyboard.press("8")
    expect(tab.locator("#counts")).to_have_text("4 labelled · 0 to label")
    expect(tab.locator("#about")).to_contain_text("read as 8, > 99 % · labelled 8 · unsure")
    wanted = {"0.png": "2", "1.png": "9", "2.png": "8", "3.png": "0"}
    for _ in range(300):
        # The page shows a label before it is written.
        if read_labels(samples) == wanted:
            break
        tab.wait_for_timeout(100)
    assert read_labels(samples) == wanted
    tab.reload()
    expect(tab.locator("#none")).to_have_text("All samples are labelled.")
    tab.check("#all")
    expect(tab.locator(".sample:visible")).to_have_count(4)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
@pytest.mark.usefixtures("samples")
def test_axe_finds_nothing_serious(
    browser: Browser, open_tab: list[Tab], server: Running, size: str, scheme: str
) -> None:
    tab = opened(browser, open_tab, f"{server.client.base}/teach", size, color_scheme=scheme, bypass_csp=True)
    expect(tab.locator(".sample")).to_have_count(4)
    violations = Axe().run(tab).response["violations"]
    serious = [one for one in violations if one["impact"] in ("serious", "critical")]
    assert [(one["id"], node["html"][:120]) for one in serious for node in one["nodes"]] == []
