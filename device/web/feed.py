"""The camera's side of the page: a sink and a watcher that hand on what happens, and start the server's process."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from device.cameras.geometry import Framing, Geometry
from device.collect.looks import Read
from device.config.listen import Address, parse_address
from device.config.load import load_config
from device.config.regions import RegionRule, as_row
from device.config.settings import Config, WebConfig
from device.frame_times import FrameTimes
from device.guard.memory import GuardStore, MemoriesOfOneRun
from device.guard.values import plain_number
from device.scene.drift import Drift
from device.timing.demand import Demand
from device.web.api.messages import event_row, frame_message, reading_message, refusal_message
from device.web.channel import Message
from device.web.listen import bind, load_token
from device.web.process import ServerProcess
from edge_digits.errors import ConfigError
from edge_digits.page import Page
from edge_digits.system.extras import require
from edge_digits.types import Frame, Image, Reading, Refusal

SUMMARY_SECONDS = 1.0
"""Between two messages on how the reader does."""

BEAT_SECONDS = 0.5
"""Between two looks at the server's process and at what the page asks for."""

logger = logging.getLogger(__name__)


class Feed:
    """Hands on frames, readings and refusals; none of its calls waits for the server or raises.

    config: of the run. path: of its file, None if there is none; regions that are drawn in the page are written there.
    source: the camera's name. drift: where the regions are, None if nothing follows them. framing: of the camera's
    frames, which may be changed in the page. demand: is told when somebody asks for a reading. memories: what the
    regions' guards remember, whose last values are set in the page. address: what the server listens on, for people.
    """

    lost = 0

    def __init__(
        self,
        config: Config,
        path: Path | None,
        source: str,
        drift: Drift | None = None,
        framing: Framing | None = None,
        demand: Demand | None = None,
        memories: GuardStore | None = None,
    ) -> None:
        """Raises ConfigError for settings that are wrong, EdgeDigitsError if something is missing or taken."""
        web = config.web or WebConfig()
        # What the server's process imports; this one imports none of it.
        require("--web", "web")
        address = parse_address(web.listen)
        # Before a token is made: the link with a new one is shown once, by the run that made it.
        listener = bind(address)
        try:
            token = None if address.is_loopback else load_token(web.token_file)
        except BaseException:
            listener.close()
            raise
        self.address = Address(address.host, listener.getsockname()[1])
        self.token = None if token is None else token[0]
        self.token_is_new = token is not None and token[1]
        self._path = path
        self._drift = drift
        self._framing = framing or Framing(Geometry.of(config.camera))
        self._demand = demand or Demand()
        self._memories = memories or MemoriesOfOneRun()
        self._settings = _settings(config, path, source, self.address, self.token)
        self._server = ServerProcess(listener, self._settings)
        self._rules: Sequence[RegionRule] = config.region
        self._regions: Sequence[RegionRule] | None = None
        self.answers: dict[str, Callable[[Message], Message]] = {}
        """By kind of question that the page asks and that others answer; what they answer is told who asked."""
        self._summarized_at = self._beaten_at = 0.0
        self._counts = {"readings": 0, "refusals": 0}
        self._times = FrameTimes()

    def timing(self, reader: Any) -> contextlib.AbstractContextManager[Read]:
        """``reader.read``, timed stage by stage while it lasts."""
        return self._times.timing(reader)

    def watch(self, frame: Frame, page: Page) -> None:
        """Take note of a frame and what was last read; hands it on if somebody looks."""
        now = time.monotonic()
        stages = self._times.note(frame, now)
        if self._server.end.picture_wanted(now):
            about = {"read": self._times.was_read, "stages_ms": stages, "source_size": self._source_size(frame)}
            message = {**frame_message(frame, page, self._rules, self._drift), **about}
            self._server.end.send_picture(frame.image, message, now)
        self._times.was_read = False
        if now - self._summarized_at >= SUMMARY_SECONDS:
            self._summarized_at = now
            self._server.end.send(self._summary(stages))

    def beat(self) -> None:
        """Look after the server, and do what the page asks for; to be called again and again, whether frames come or
        not. Looks at the clock and no further if it was called just before."""
        now = time.monotonic()
        if now - self._beaten_at >= BEAT_SECONDS:
            self._beaten_at = now
            self._server.look_after(now)
            self._obey()

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Hand on a reading."""
        self._counts["readings"] += 1
        self._server.end.send(reading_message(reading, self._rules))

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Hand on a refusal."""
        self._counts["refusals"] += 1
        self._server.end.send(refusal_message(refusal, self._rules))

    def new_regions(self) -> Sequence[RegionRule] | None:
        """The regions, once, after they were changed in the page."""
        regions, self._regions = self._regions, None
        return regions

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def _obey(self) -> None:
        """Do what the page asks for."""
        for message in self._server.end.received():
            if message["type"] == "read-now":
                self._demand.ask(partial(self._answer, message["number"]))
            elif message["type"] == "value":
                self._memories.set_value(message["region"], message["value"])
            elif message["type"] in self.answers:
                answer = self.answers[message["type"]](message)
                self._server.end.send({"type": "answer", "number": message["number"], **answer})
            elif message["type"] == "regions" and self._path is not None:
                self._reload(self._path)

    def _answer(self, number: int, events: Sequence[Reading | Refusal]) -> None:
        """Tell who asked for a reading what was read."""
        rows = [event_row(event, self._rules) for event in events]
        self._server.end.send({"type": "answer", "number": number, "events": rows})

    def _reload(self, path: Path) -> None:
        """Take over regions and geometry, which were saved in the configuration."""
        try:
            config = load_config(path)
        except ConfigError as error:
            logger.error("%s", error)
            return
        self._regions = self._rules = config.region
        # Of a server that is started again.
        self._settings["regions"] = [as_row(region) for region in config.region]
        self._framing.geometry = Geometry.of(config.camera)

    def _summary(self, stages: dict[str, float]) -> Message:
        return {
            "type": "summary",
            "time": time.time(),
            "counts": {**self._times.counts, **self._counts},
            **self._times.rates(),
            "stages_ms": stages,
            "drift": None if self._drift is None else self._drift.status.as_json(),
            "last_values": {rule.name: self._last_value(rule.name) for rule in self._rules},
        }

    def _last_value(self, region: str) -> float | int | None:
        memory = self._memories.recall(region)
        return None if memory is None else plain_number(memory.value)

    def _source_size(self, frame: Frame) -> tuple[int, int]:
        """Width and height of the camera's picture."""
        height, width = frame.image.shape
        return self._framing.source_size or (width, height)


@contextlib.contextmanager
def open_feed(
    config: Config,
    path: Path | None,
    source: str,
    reader: Any,
    drift: Drift | None = None,
    framing: Framing | None = None,
    demand: Demand | None = None,
    memories: GuardStore | None = None,
) -> Iterator[tuple[Feed, Read]]:
    """A feed while the block runs, and ``reader.read`` with its stages timed; says on standard error where the page is.
    Raises as ``Feed`` does."""
    feed = Feed(config, path, source, drift, framing, demand, memories)
    try:
        everywhere = feed.address.host in ("0.0.0.0", "::")
        shown = f"http://{replace(feed.address, host=socket.gethostname()) if everywhere else feed.address}/"
        if feed.token_is_new and feed.token is not None:
            # Once, and to the person who starts it; what follows the # is sent to nobody.
            shown += f"login#{feed.token}"
        print(f"the page in the browser: {shown}", file=sys.stderr, flush=True)
        if feed.token is not None and not feed.token_is_new:
            print("its token is in web.token_file", file=sys.stderr, flush=True)
        with feed.timing(reader) as read:
            yield feed, read
    finally:
        feed.close()


def _settings(config: Config, path: Path | None, source: str, address: Address, token: str | None) -> dict[str, Any]:
    """What the server's process needs to know."""
    web = config.web or WebConfig()
    record = None if config.record is None else config.record.path
    for name in config.sinks:
        if record is None and name.startswith("sqlite:"):
            record = Path(name.partition(":")[2])
    return {
        "host": address.host,
        "port": address.port,
        "token": token,
        "frame_rate": web.frame_rate,
        "models": None if web.models is None else str(web.models.expanduser().absolute()),
        "model": config.model,
        "source": source,
        "timeout": config.camera.longest_silence + 5.0,
        # The page of a camera that gives a picture a minute shows one too.
        "patience": max(5.0, 1.5 / config.camera.frame_rate, 1.5 * config.camera.seconds_between_polls),
        "config": None if path is None else str(path.absolute()),
        "record": None if record is None else str(record.expanduser().absolute()),
        "geometry": Geometry.of(config.camera).as_row(),
        "teach": None if config.teach.folder is None else str(config.teach.folder.expanduser().absolute()),
        "debug": logger.isEnabledFor(logging.DEBUG),
        "regions": [as_row(region) for region in config.region],
    }
