"""The channel: pictures come over whole or not at all, and the camera never waits."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest

from device.web.channel import SLOTS, CameraEnd, ServerEnd, open_memory

PICTURE = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)


@pytest.fixture
def ends() -> Iterator[tuple[CameraEnd, ServerEnd]]:
    memory = open_memory()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    camera, server = CameraEnd(ours, memory), ServerEnd(theirs, memory)
    yield camera, server
    camera.close()
    server.close()
    os.close(memory)


def test_a_picture_comes_over_with_its_message(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    assert camera.send_picture(PICTURE, {"number": 7}, 0.0)
    [message] = server.received()
    picture = server.picture(message)
    assert message["number"] == 7
    assert picture is not None
    assert np.array_equal(picture, PICTURE)


def test_a_view_with_gaps_between_its_rows_comes_over_too(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    part = PICTURE[::2, 3:41]
    camera.send_picture(part, {}, 0.0)
    [message] = server.received()
    picture = server.picture(message)
    assert picture is not None
    assert np.array_equal(picture, part)


def test_a_picture_that_was_overwritten_is_none(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    for _ in range(SLOTS + 1):
        camera.send_picture(PICTURE, {}, 0.0)
    pictures = [server.picture(message) for message in server.received()]
    assert pictures[0] is None
    assert all(picture is not None for picture in pictures[1:])


def test_a_picture_larger_than_the_memory_comes_thinned(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    large = np.zeros((4000, 5000), np.uint8)
    assert camera.send_picture(large, {}, 0.0)
    [message] = server.received()
    picture = server.picture(message)
    assert picture is not None
    assert picture.shape == (2000, 2500)


def test_nothing_is_wanted_until_it_is_asked_for_and_then_only_so_often(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    now = time.monotonic()
    assert not camera.picture_wanted(now)
    server.want_pictures(2.0, period=0.5)
    assert camera.picture_wanted(now)
    camera.send_picture(PICTURE, {}, now)
    assert not camera.picture_wanted(now + 0.4)
    assert camera.picture_wanted(now + 0.6)
    assert not camera.picture_wanted(now + 3.0)


def test_a_server_that_does_not_listen_holds_nothing_up(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, _ = ends
    began = time.monotonic()
    sent = [camera.send({"number": number}) for number in range(5000)]
    assert not sent[-1]
    assert time.monotonic() - began < 1.0


def test_a_server_that_is_gone_holds_nothing_up(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    server.close()
    assert not camera.send({"number": 1})
    assert list(camera.received()) == []


def test_a_message_that_is_too_long_is_not_sent(ends: tuple[CameraEnd, ServerEnd]) -> None:
    camera, server = ends
    assert not camera.send({"text": "0" * 300_000})
    assert list(server.received()) == []
