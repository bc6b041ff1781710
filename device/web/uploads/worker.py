"""``python -m device.web.uploads.worker``: decodes and reads pictures from outside, one after another, behind limits.

A picture may be made to break a decoder, or to fill the memory; this process may die of it and nothing else does. It
talks over standard input and output: a header of two lengths, a JSON object, and bytes. It never sees the name of a
file that came from outside.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import struct
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from device.config import fields
from device.config.regions import RegionRule, from_row
from device.guard.values import plain_number
from device.tracking.views import look_once
from device.web.uploads.trace import read_traced
from edge_digits.errors import EdgeDigitsError, ImageError
from edge_digits.io.header import read_header
from edge_digits.io.image import decode_grey
from edge_digits.reader import DigitReader, open_reader
from edge_digits.types import Frame, Image, Reading

MOST_PIXELS = 40_000_000
"""Of a picture from outside; phones take 12 to 50 million, of which they store 12."""

MEMORY = 512 * 2**20
"""Bytes that reading one picture may take beyond what the process has when it is ready."""

MOST_READERS = 3
"""Models kept loaded."""

LENGTHS = struct.Struct("=II")

logger = logging.getLogger(__name__)

NICENESS = 10
"""The camera's reader goes first."""


class TooLargeError(ImageError):
    """A picture with more pixels than are read."""


def main() -> int:
    """Serve until standard input ends."""
    os.nice(NICENESS)
    cv2.setNumThreads(1)
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    readers: OrderedDict[str, DigitReader] = OrderedDict()
    open_reader()
    _limit_memory()
    while True:
        asked = _receive(sys.stdin.buffer)
        if asked is None:
            return 0
        head, body = asked
        try:
            answer = _answer(head, body, readers)
        except TooLargeError as error:
            answer = {"error": str(error), "status": 413}
        except ImageError as error:
            answer = {"error": str(error).removeprefix("picture: "), "status": 422}
        except EdgeDigitsError as error:
            answer = {"error": str(error), "status": 503}
        except (MemoryError, cv2.error) as error:
            whole = isinstance(error, MemoryError) or "nsufficient memory" in str(error)
            message = "the picture takes more memory than there is for it" if whole else "the picture cannot be read"
            answer = {"error": message, "status": 413 if whole else 422}
        except Exception as error:
            logger.error("a picture from outside: %s: %s", type(error).__name__, error)
            answer = {"error": "the picture cannot be read", "status": 422}
        data = json.dumps(answer).encode()
        answers.write(LENGTHS.pack(len(data), 0) + data)
        answers.flush()


def _answer(head: dict[str, Any], body: bytes, readers: OrderedDict[str, DigitReader]) -> dict[str, Any]:
    path = head["model"]
    if path not in readers:
        readers[path] = open_reader(path)
        # The first inference takes longer than all others.
        readers[path].read(np.full((64, 64), 255, np.uint8))
        while len(readers) > MOST_READERS:
            readers.popitem(last=False)
    readers.move_to_end(path)
    grey = _grey(head, body)
    if "regions" in head:
        return _try_regions(readers[path], grey, head["regions"])
    return read_traced(readers[path], grey, head["name"], head["detail"])


def _grey(head: dict[str, Any], body: bytes) -> Image:
    """The picture: raw pixels of ``shape`` that the server has from the camera, or a file from outside."""
    if "shape" in head:
        return np.frombuffer(body, np.uint8).reshape(head["shape"])
    try:
        header = read_header(body)
    except ValueError:
        return decode_grey(body)
    if header.width * header.height > MOST_PIXELS:
        most = MOST_PIXELS // 10**6
        raise TooLargeError(f"{header.width} x {header.height} pixels are more than the {most} million that are read")
    return decode_grey(body)


def _try_regions(reader: DigitReader, grey: Image, regions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What would be published or refused in each region if the picture stayed so."""
    rules = [fields.from_table(RegionRule, from_row(region)) for region in regions]
    page, events = look_once(Frame(grey, 0, 0.0), reader.read, rules)
    outcome = {
        event.region: {
            "text": event.text,
            "value": plain_number(event.value),
            "confidence": round(event.confidence, 4),
            "reason": None if isinstance(event, Reading) else event.reason,
        }
        for event in events
    }
    return {
        "regions": {rule.name: outcome.get(rule.name) for rule in rules},
        "rejected": [asdict(r) for r in page.rejected],
    }


def _limit_memory() -> None:
    """Hold this process to ``MEMORY`` beyond what it has now, where the system can."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Nothing that is decoded is ever written.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    first, second = LENGTHS.unpack(lengths)
    return json.loads(stream.read(first)), stream.read(second)


if __name__ == "__main__":
    sys.exit(main())
