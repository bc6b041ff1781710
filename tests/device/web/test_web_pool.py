"""The processes that read pictures from outside: what they are given may kill them, and nothing else."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import cv2
import numpy as np
import pytest

from device.web.uploads import pool as pool_module
from device.web.uploads.pool import MOST_RECEIVED, BusyError, Pool, WorkerError
from edge_digits.reader import MODELS

pytestmark = pytest.mark.slow

MODEL = str(MODELS / "cnn-int8.tflite")
HEAD = {"model": MODEL, "name": "picture", "detail": False}


def with_pool(use: Callable[[Pool], Awaitable[Any]], most_seconds: float = 20.0) -> Any:
    async def run() -> Any:
        pool = Pool(1, most_seconds)
        try:
            return await use(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def test_a_picture_is_read_with_all_that_the_model_saw(png: bytes) -> None:
    answer = with_pool(lambda pool: pool.ask({**HEAD, "detail": True}, png))
    digits = [digit for line in answer["lines"] for digit in line["digits"]]
    assert len(digits) >= 5
    seen = {tuple(entry["box"]): entry for entry in answer["inputs"] if entry["reason"] is None}
    for digit in digits:
        chances = seen[tuple(digit["box"])]["probabilities"]
        assert max(chances, key=chances.__getitem__) == str(digit["value"])
    assert answer["ink"].startswith("data:image/png;base64,")


def test_one_that_dies_is_replaced(png: bytes) -> None:
    async def use(pool: Pool) -> None:
        await pool.ask(HEAD, png)
        _, process = pool._idle[0]
        process.kill()
        with pytest.raises(WorkerError, match="broke the process") as caught:
            await pool.ask(HEAD, png)
        assert caught.value.status == 422
        assert pool.died == 1
        assert (await pool.ask(HEAD, png))["lines"]

    with_pool(use)


def test_one_that_takes_too_long_is_ended(png: bytes) -> None:
    async def use(pool: Pool) -> None:
        await pool.ask(HEAD, b"")
        pool._most_seconds = 0.001
        with pytest.raises(WorkerError, match="took more than") as caught:
            await pool.ask(HEAD, png)
        assert caught.value.status == 413
        pool._most_seconds = 20.0
        assert (await pool.ask(HEAD, png))["lines"]

    with_pool(use)


def test_a_picture_that_is_too_large_says_so() -> None:
    bomb = cv2.imencode(".png", np.zeros((9000, 9000), np.uint8))[1].tobytes()
    assert len(bomb) < 1_000_000
    answer = with_pool(lambda pool: pool.ask(HEAD, bomb))
    assert answer == {"error": "9000 x 9000 pixels are more than the 40 million that are read", "status": 413}


def black_png(width: int, height: int) -> bytes:
    """16 bits and transparency: 8 bytes a pixel, and as much again on the way to grey."""
    packer = zlib.compressobj(1)
    rows = [packer.compress(bytes(1 + 8 * width)) for _ in range(height)]
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0),
        b"IDAT": b"".join(rows) + packer.flush(),
        b"IEND": b"",
    }
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts.items()]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_memory_has_an_end(png: bytes) -> None:
    bomb = black_png(7900, 5000)
    assert len(bomb) < 2_000_000

    async def use(pool: Pool) -> tuple[dict[str, Any], dict[str, Any]]:
        return await pool.ask(HEAD, bomb), await pool.ask(HEAD, png)

    refused, after = with_pool(use)
    assert "error" in refused
    assert after["lines"]


def test_those_who_find_no_place_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MOST_WAITING", 2)

    async def use(pool: Pool) -> None:
        release = asyncio.Event()

        async def stay() -> None:
            async with pool.place():
                await release.wait()

        tasks = [asyncio.ensure_future(stay()) for _ in range(MOST_RECEIVED + 2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            async with pool.place():
                pass
        release.set()
        await asyncio.gather(*tasks)
        async with pool.place():
            pass

    with_pool(use)
