"""Keeps digits that somebody should look at: unsure ones, those of refused numbers, and a few at random."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from device.collect.known import Known, KnownNumbers
from device.collect.looks import Look, Looks, Read
from device.config.settings import TeachConfig
from device.sinks.outage import NO_ROOM, Outage
from device.tracking.views import View
from edge_digits.errors import EdgeDigitsError, LabelError
from edge_digits.page import Page
from edge_digits.teach.keep import LOW, Wanted, keep, rejected_in, remove_oldest, unlabelled
from edge_digits.teach.labels import add_label
from edge_digits.teach.private import make_private
from edge_digits.types import Box, Digit, Image, Reading, Refusal

MOST_A_MINUTE = 60
"""Samples that are kept of themselves: a camera that faces a page of print must not wear the card out."""

SPARED = 0.95
"""Share of the samples that stay when the oldest make room: deleting each by itself would write the list anew for each
new one."""

SETTLED_SECONDS = 30.0
"""Without a failure, before a disk counts as writable again."""

UNSURE, RANDOM, BY_HAND = "unsure", "random", "by hand"
"""Why a digit was collected; the others are a reason of ``Rejected``, and "refused: " with that of a ``Refusal``."""

logger = logging.getLogger(__name__)


class Collector:
    """A sink; and it is told of what is read and looked at. A disk that cannot be written stops nothing: the log says
    so once, and those samples are missing.

    lost: always 0, since a reading is not lost with a sample of it.
    """

    lost = 0

    def __init__(
        self,
        folder: Path,
        config: TeachConfig,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """chance: a random number, 0..1. clock: seconds, only differences count. Raises EdgeDigitsError if there can be
        no such folder."""
        self._folder, self._config, self._chance, self._clock = folder, config, chance, clock
        self._looks, self._numbers = Looks(), KnownNumbers()
        self._views: Sequence[View] = ()
        self._kept_at: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._outage = Outage(logger, f"teach:{folder}", SETTLED_SECONDS, clock)
        self._count = config.samples
        try:
            make_private(folder)
            # Too many by the time that some are labelled; they are counted again when there is no room.
            self._count = len(unlabelled(folder))
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise EdgeDigitsError(f"{folder}: cannot be made a folder for samples: {error.strerror}") from error
            self._outage.begin(f"cannot be written ({error.strerror}); reading goes on")
        except LabelError as error:
            self._outage.begin(f"{error}; reading goes on")

    def reading(self, read: Read) -> Callable[[Image], Page]:
        """``read``, with what was seen kept until the next time."""
        return self._looks.reading(read)

    def looked(self, views: Sequence[View], is_read: Sequence[bool]) -> None:
        """See ``Looks.looked``."""
        self._views = views
        self._looks.looked(views, is_read)

    def look_again(self) -> None:
        """Have what stands still read anew, and published if it is read otherwise: the reader has learned."""
        for view in self._views:
            view.ask(again=False)

    def publish(self, reading: Reading, picture: Image | None = None) -> None:
        """Keep what is unsure of a number that has settled; and a digit of it now and then, whatever it is."""
        match = None if reading.is_gone else self._looks.find(reading.region, reading.box)
        if match is None:
            return
        look, line = match
        wanted = [(Wanted.of(d), UNSURE) for d in line.digits if d.confidence < self._config.unsure]
        wanted += [(Wanted.of(one), LOW) for one in rejected_in(line, look.page)]
        if line.digits and self._chance() < self._config.random:
            digit = line.digits[int(self._chance() * len(line.digits)) % len(line.digits)]
            if digit.confidence >= self._config.unsure:
                wanted.append((Wanted.of(digit), RANDOM))
        self._collect(look, reading, wanted)

    def refuse(self, refusal: Refusal, picture: Image | None = None) -> None:
        """Keep all digits of a number that was refused."""
        match = self._looks.find(refusal.region, refusal.box)
        if match is not None:
            look, line = match
            why = f"refused: {refusal.reason}"
            wanted = [(Wanted.of(one), why) for one in (*line.digits, *rejected_in(line, look.page))]
            self._collect(look, refusal, wanted)

    def close(self) -> None:
        """Every sample is written already."""

    def label(self, text: str, box: Box, digits: str) -> tuple[int, str]:
        """Keep each digit of the line that was read as ``text`` in ``box``, pixels of the frame, with what somebody
        says it is. Returns how many were, and what people should know; nothing is labelled where not as many were typed
        as read, but all are kept."""
        match = self._looks.find_text(text, box)
        if match is None:
            return 0, "this number has changed since; tap it again"
        look, line = match
        known = self._numbers.find(look.region, text, box) or Known(look.region, text, box)
        try:
            files = [self._file_of(digit, known, look) for digit in line.digits]
            self._remember(known)
            if len(digits) != len(files):
                where = "label them one by one on the page Teach"
                return 0, f"{len(digits)} digits were typed, {len(files)} were read: {where}"
            labelled = [(file, label) for file, label in zip(files, digits, strict=True) if file is not None]
            for file, label in labelled:
                add_label(self._folder, file, label)
        except (OSError, LabelError) as error:
            return 0, f"cannot be kept: {_reason(error)}"
        return len(labelled), "" if len(labelled) == len(files) else "the others touch and were read together"

    def _file_of(self, digit: Digit, known: Known, look: Look) -> str | None:
        """The sample of a digit, which is kept if it was not. Raises OSError, LabelError."""
        file = known.file_at(digit.box)
        if file is not None and (self._folder / file).is_file():
            return file
        return self._keep(look, Wanted.of(digit), BY_HAND, time.time(), known)

    def _collect(self, look: Look, event: Reading | Refusal, wanted: Sequence[tuple[Wanted, str]]) -> None:
        """Keep samples of a number, unless some were before."""
        if not wanted or self._numbers.find(look.region, event.text, event.box) is not None:
            return
        known = Known(look.region, event.text, event.box)
        try:
            for one, why in wanted:
                if self._may_keep():
                    self._keep(look, one, why, event.time, known)
        except (OSError, LabelError) as error:
            self._outage.begin(f"a sample cannot be kept ({_reason(error)}); reading goes on")
            return
        self._remember(known)
        self._outage.end("samples are kept again")

    def _keep(self, look: Look, wanted: Wanted, why: str, taken: float, known: Known) -> str | None:
        if self._count >= self._config.samples:
            make_private(self._folder)
            most = min(self._config.samples - 1, int(SPARED * self._config.samples))
            self._count = remove_oldest(self._folder, most)
        file = keep(self._folder, look.seen, wanted, why, look.region or "", taken)
        if file is not None:
            self._count += 1
            self._kept_at.append(self._clock())
            known.files[wanted.box] = file
        return file

    def _may_keep(self) -> bool:
        is_full = len(self._kept_at) == MOST_A_MINUTE
        return not is_full or self._clock() - self._kept_at[0] >= 60.0

    def _remember(self, known: Known) -> None:
        if known.files and self._numbers.find(known.region, known.text, known.box) is not known:
            self._numbers.add(known)


def open_collector(config: TeachConfig) -> Collector | None:
    """What collects as ``[teach]`` says; None if it names no folder. Raises EdgeDigitsError if there can be none."""
    return None if config.folder is None else Collector(config.folder.expanduser(), config)


def _reason(error: OSError | LabelError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
