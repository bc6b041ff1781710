"""A server that is fed with one page of the demo camera, ten times a second; one of its numbers is read each time."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from web_client import HEIGHT, STUB_TEACH, WIDTH, Client, Running, eventually, reading, refusal

from device.cameras.demo import DemoCamera
from device.cameras.geometry import Framing, Geometry
from device.config.camera import CameraSettings
from device.config.load import load_config
from device.config.settings import Config
from device.guard.memory import MemoriesOfOneRun
from device.scene.drift import Drift
from device.sinks.record.sqlite import Record
from device.timing.demand import Demand
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.types import Frame, Image

pytest.importorskip("starlette", reason="needs the extra web")

from device.web.feed import Feed
from device.web.regions_file import read_text

NUMBER = np.s_[30:130, 40:360]
"""Where one of the page's numbers stands: the region of the configuration."""

CONFIG = """\
# The camera on the desk.
source = "rtsp://user:hunter2@camera.local/live"

[web]
listen = "{listen}"
token_file = "{folder}/token"
frame_rate = 10

[[region]]  # the counter
name = "score"
box = [40, 30, 320, 100]  # x, y, width, height
digits = 4

[record]
path = "{folder}/readings.sqlite"
"""

TEACH = """
[teach]
folder = "{folder}/hand"
"""


@pytest.fixture(scope="session")
def picture() -> Image:
    """A page with several numbers."""
    return DemoCamera(CameraSettings(WIDTH, HEIGHT, 10)).photograph(55).image


@pytest.fixture(scope="session")
def page(picture: Image) -> Page:
    return open_reader().read(picture)


@pytest.fixture(scope="session")
def png(picture: Image) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


@pytest.fixture(scope="session")
def number_png(picture: Image) -> bytes:
    """One number of the page, which is quickly read."""
    return cv2.imencode(".png", picture[NUMBER])[1].tobytes()


def fill_record(config: Config, picture: Image) -> None:
    """A counter that rises for an hour, and one number that was refused."""
    assert config.record is not None
    record = Record(config.record)
    now = time.time()
    for step in range(40):
        record.publish(reading(f"{1200 + 7 * step + (step % 5) ** 2:04d}", now - 3600 + 88 * step))
    record.refuse(refusal("127", now - 600), picture[40:140, 60:300])
    record.close()


def serve(folder: Path, picture: Image, page: Page, listen: str, more: str = "") -> Iterator[Running]:
    """A running server, fed until the end. more: of the configuration."""
    path = folder / "camera.toml"
    path.write_text((CONFIG + more).format(folder=folder, listen=listen), encoding="utf-8")
    config = load_config(path)
    fill_record(config, picture)
    drift, framing = Drift(config.region), Framing(Geometry.of(config.camera))
    demand, memories = Demand(), MemoriesOfOneRun()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(STUB_TEACH))
        feed = Feed(config, path, "demo:0", drift, framing, demand, memories)
    ended = threading.Event()
    reader = open_reader()
    number = picture[NUMBER]

    def run() -> None:
        with feed.timing(reader) as read:
            for count in itertools.count():
                if ended.wait(0.1):
                    return
                taken = time.time()
                read(number)
                seen = framing.apply(picture, "demo:0")
                if seen is not None:
                    feed.watch(Frame(seen, count, taken), page)
                for answer in demand.take():
                    answer([reading("1234", taken), refusal("127", taken)])
                feed.beat()

    thread = threading.Thread(target=run)
    thread.start()
    client = Client("127.0.0.1", feed.address.port)
    try:
        client.wait()
        yield Running(feed, path, client, feed.token, drift, memories)
    finally:
        ended.set()
        thread.join()
        feed.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, picture: Image, page: Page) -> Iterator[Running]:
    """On this computer alone, without a token; it collects samples. Tests leave its regions as they were."""
    yield from serve(tmp_path_factory.mktemp("web"), picture, page, "127.0.0.1:0", TEACH)


@pytest.fixture
def regions_put_back(server: Running) -> Iterator[None]:
    """Afterwards, the server's regions, its picture and its configuration are as they were."""
    before = read_text(server.config)
    rows = server.client.get("/api/regions").json()["regions"]
    yield
    version = server.client.get("/api/regions").json()["version"]
    upright = {"rotate": 0, "flip": "none", "crop": None, "version": version}
    assert server.client.send("PUT", "/api/geometry", upright).json()["saved"]
    assert eventually(lambda: server.client.get("/api/aim").json()["width"] == WIDTH)
    version = server.client.get("/api/regions").json()["version"]
    assert server.client.send("PUT", "/api/regions", {"regions": rows, "version": version}).json()["saved"]
    server.config.write_text(before, encoding="utf-8")


@pytest.fixture
def metered(server: Running, regions_put_back: None) -> Running:
    """The region has a title, a unit and a decimal."""
    found = server.client.get("/api/regions").json()
    rows = [{**found["regions"][0], "title": "Cold water", "unit": "m³", "decimals": 1}]
    assert server.client.send("PUT", "/api/regions", {"regions": rows, "version": found["version"]}).json()["saved"]
    assert eventually(lambda: any(rule.title for rule in server.feed.new_regions() or ()))
    return server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, picture: Image, page: Page) -> Iterator[Running]:
    """On every address, with a token."""
    yield from serve(tmp_path_factory.mktemp("guarded"), picture, page, "0.0.0.0:0")
