"""A region's last value is set by hand over the page's API, as over MQTT and from the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from web_client import Running, eventually

from device.guard.memory import Memory

pytest.importorskip("starlette", reason="needs the extra web")


@pytest.fixture
def counter(server: Running, regions_put_back: None) -> Iterator[Running]:
    """The region is a counter from 0 to 999.9."""
    found = server.client.get("/api/regions").json()
    more = {"counter": True, "rise_per_hour": 5, "rollover": 4, "decimals": 1, "range": [0, 5000]}
    rows = [found["regions"][0] | more]
    assert server.client.send("PUT", "/api/regions", {"regions": rows, "version": found["version"]}).json()["saved"]
    yield server
    server.memories.take_values()


def test_the_reader_takes_it(counter: Running) -> None:
    answer = counter.client.send("PUT", "/api/regions/score/value", {"value": 12.5})
    assert (answer.status, answer.json()) == (200, {"region": "score", "value": 12.5})
    taken: dict[str, float] = {}
    assert eventually(lambda: bool(taken.update(counter.memories.take_values()) or taken))
    assert taken == {"score": 12.5}


def test_the_last_values_are_told(server: Running) -> None:
    server.memories.remember("score", Memory(((time.time(), 471.2),)))
    assert eventually(lambda: server.client.get("/api/status").json()["last_values"] == {"score": 471.2})


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("12.5", "value: expected a number such as 1234.5"),
        (None, "value: expected a number such as 1234.5"),
        (True, "value: expected a number such as 1234.5"),
        (-1, "value: expected a number such as 1234.5"),
        (1e40, "value: expected a number such as 1234.5"),
        (10**400, "value: expected a number such as 1234.5"),
        (5001, "value: 5001 is outside its range, 0 to 5000"),
        (1000, "value: 1000 has more digits than it rolls over at, 4"),
    ],
)
def test_what_the_region_can_never_show_is_refused_and_named(counter: Running, value: object, error: str) -> None:
    answer = counter.client.send("PUT", "/api/regions/score/value", {"value": value})
    assert (answer.status, answer.error) == (400, error)
    assert not counter.memories.take_values()


@pytest.mark.parametrize("body", [b'{"value": 1e400}', b'{"value": 1, "region": "score"}', b"{}"])
def test_what_is_no_value_is_refused(server: Running, body: bytes) -> None:
    answer = server.client.ask("PUT", "/api/regions/score/value", body, **{"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (400, "value: expected a number such as 1234.5")


@pytest.mark.parametrize("name", ["nothing", "try", "%00", "..", "score%20"])
def test_a_region_that_is_not_there_has_none(server: Running, name: str) -> None:
    answer = server.client.send("PUT", f"/api/regions/{name}/value", {"value": 1})
    assert (answer.status, answer.error) == (404, "no such region; see /api/regions")
