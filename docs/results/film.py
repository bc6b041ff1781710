"""``python -m docs.results.film``: six pictures for docs/guide/teach.md: a misread number is tapped, taught and read.

Nothing in them is a stand-in: a hand of the simulation is looked for whose number is misread, the camera reader runs
with its page, a browser of a phone's size taps, labels and teaches, and what ships learns. Needs the extra ``browser``
and Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from device.cameras.camera import Camera, Kind
from device.config.load import load_config
from docs.results.program import result_parser, run_program
from edge_digits.errors import ConfigError, DataError
from edge_digits.system.atomic_write import atomic_path
from edge_digits.system.extras import require
from edge_digits.types import Frame, Image, Line

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

PROGRAM = "python -m docs.results.film"
FOLDER = Path(__file__).parents[1] / "guide" / "teach"
ROWS, SEED = 4, 31
"""Numbers of four digits on a page; of the hands that are tried, one after another."""

LESSON_PAGES = 6
_HANDS = 300
_PHONE = {"viewport": {"width": 390, "height": 700}, "is_mobile": True, "has_touch": True}
_CONFIG = """\
[web]
listen = "127.0.0.1:0"
frame_rate = 10
[teach]
folder = "{folder}"
unsure = 0.0
random = 0.0
"""


@dataclass(frozen=True)
class Story:
    """lessons: pages by one hand, with the numbers that stand there; a number of the first is misread. test: a page of
    which one is misread as well until the hand is taught."""

    lessons: list[tuple[Image, list[str]]]
    test: tuple[Image, list[str]]


class Desk(Camera):
    """A live camera over a page that can be changed."""

    kind: Kind = "live"
    name = "desk"

    def __init__(self, page: Image) -> None:
        self.page = page
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        number = 0
        while not self._closed.wait(0.1):
            yield Frame(self.page, number, time.time())
            number += 1

    def close(self) -> None:
        """Deliver no more."""
        self._closed.set()


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures; returns the exit status."""
    return run_program(result_parser(PROGRAM, "Make the pictures of docs/guide/teach.md."), _make, arguments)


def _make(options: argparse.Namespace) -> None:
    require(PROGRAM, "browser", ["playwright"])
    if (chromium := shutil.which("chromium")) is None:
        raise ConfigError("Chromium is not installed")
    story = _story()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        desk = Desk(story.lessons[0][0])
        address = stack.enter_context(_camera(folder, desk))
        from playwright.sync_api import sync_playwright

        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(
            closing(playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]))
        )
        tab = browser.new_context(**_PHONE, locale="en-GB", timezone_id="UTC").new_page()
        tab.goto(address)
        _play(tab, address, desk, story)


def _play(tab: Tab, address: str, desk: Desk, story: Story) -> None:
    """From the misread number to the one that is read."""
    from playwright.sync_api import expect

    from edge_digits.reader import open_reader

    expect.set_options(timeout=180_000)
    read = open_reader().read
    for number, (image, texts) in enumerate(story.lessons):
        desk.page = image
        lines = read(image).lines
        _until_read(tab, [line.text for line in lines])
        if number == 0:
            _shot(tab, "1-misread")
        wrong = next((k for k, line in enumerate(lines) if number == 0 and line.text != texts[k]), 0)
        for k in [wrong, *(k for k in range(ROWS) if k != wrong)]:
            _tap(tab, lines[k], image.shape[1])
            tab.fill("#correct-typed", texts[k])
            if (number, k) == (0, wrong):
                _shot(tab, "2-tapped")
            tab.tap("#correct button.primary")
            expect(tab.locator("#correct-said")).to_contain_text("labelled")
    desk.page, texts = story.test
    _until_read(tab, [line.text for line in read(desk.page).lines])
    _shot(tab, "3-before")
    tab.goto(f"{address}/teach")
    tab.check("#all")
    _shot(tab, "4-labels")
    tab.tap("#teach")
    expect(tab.locator("#summary")).to_contain_text("Taken:")
    _shot(tab, "5-taught", "#summary")
    tab.goto(address)
    _until_read(tab, texts)
    _shot(tab, "6-read")


def _story() -> Story:
    """The first hand of the simulation that can tell it."""
    from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, open_reader
    from edge_digits.runtime.hand import Hand, save_hand
    from edge_digits.runtime.load import load_model
    from edge_digits.synthesis.page import make_page
    from edge_digits.teach.examples import joined
    from edge_digits.teach.private import HAND_FILE
    from edge_digits.teach.replay import load_replay
    from edge_digits.teach.teach import learn
    from train.adapt.hands import drawn_hand
    from train.adapt.lessons import lesson

    reader, (judge, cnn) = open_reader(), (load_model(MODELS / name) for name in (JUDGE_FILE, CNN_FILE))
    replay = load_replay(judge.spec, cnn.spec)
    for number in range(_HANDS):
        random = np.random.default_rng([SEED, number])
        texts = [["".join(map(str, random.integers(10, size=4))) for _ in range(ROWS)] for _ in range(LESSON_PAGES + 1)]
        write = partial(make_page, digit_height=56.0, kind="plain", others=False, hand=drawn_hand(SEED, number))
        pages = [write(random, texts=rows) for rows in texts]
        readings = [[line.text for line in reader.read(page.image).lines] for page in pages]
        # What is typed must have as many digits as were read.
        if any([len(text) for text in rows] != [4] * ROWS for rows in readings):
            continue
        wrong = [[a != b for a, b in zip(read, rows, strict=True)] for read, rows in zip(readings, texts, strict=True)]
        if not any(wrong[0]) or not any(wrong[-1]):
            continue
        told = [lesson(page, reader, judge, cnn).examples for page in pages[:-1]]
        layers = learn(replay, joined(*told))[0]
        if layers is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / HAND_FILE
            parents = {"judge": judge.spec.sha256, "cnn": cnn.spec.sha256}
            save_hand(path, Hand(layers.judge, layers.cnn, parents, {}))
            after = [line.text for line in open_reader(hand=path).read(pages[-1].image).lines]
        if after == texts[-1]:
            pictures = [(page.image, rows) for page, rows in zip(pages, texts, strict=True)]
            return Story(pictures[:-1], pictures[-1])
    raise DataError(f"{PROGRAM}: none of {_HANDS} hands is misread and learned")


@contextmanager
def _camera(folder: Path, desk: Desk) -> Iterator[str]:
    """A camera reader over ``desk``, as the program runs it; gives the address of its page."""
    from device.collect.collector import Collector
    from device.collect.questions import answers
    from device.loop import run
    from device.web.feed import Feed
    from edge_digits.reader import open_reader
    from edge_digits.teach.private import HAND_FILE

    path = folder / "camera.toml"
    path.write_text(_CONFIG.format(folder=folder / "hand"))
    config = load_config(path)
    collector = Collector(folder / "hand", config.teach)
    with closing(Feed(config, path, "desk")) as feed:
        feed.answers |= answers(collector)
        read = collector.reading(open_reader(hand=folder / "hand" / HAND_FILE).read)
        stop = threading.Event()
        arguments = (desk, read, config.tracking, [feed, collector], [feed.watch])
        more = {"stop": stop, "beat": feed.beat, "looks": collector.looked}
        thread = threading.Thread(target=lambda: run(*arguments, **more))
        thread.start()
        try:
            yield f"http://127.0.0.1:{feed.address.port}"
        finally:
            stop.set()
            thread.join()


def _until_read(tab: Tab, texts: Sequence[str]) -> None:
    from playwright.sync_api import expect

    expect(tab.locator("#live-picture")).to_have_attribute("aria-label", f"The camera's picture: {', '.join(texts)}")
    expect(tab.locator("#settled")).to_contain_text(texts[-1])


def _tap(tab: Tab, line: Line, width: int) -> None:
    seen = tab.locator("#live-picture").bounding_box()
    assert seen is not None
    scale, box = seen["width"] / width, line.box
    tab.touchscreen.tap(seen["x"] + scale * (box.x + box.width / 2), seen["y"] + scale * (box.y + box.height / 2))


def _shot(tab: Tab, name: str, at: str = "body") -> None:
    """A picture of the phone, in as few colours as its page has."""
    tab.locator(at).scroll_into_view_if_needed()
    tab.wait_for_timeout(400)
    image = cv2.imdecode(np.frombuffer(tab.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    with atomic_path(FOLDER / f"{name}.png", make_folder=True) as place:
        data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
        place.write_bytes(data.tobytes())


if __name__ == "__main__":
    sys.exit(main())
