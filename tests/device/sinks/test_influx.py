"""InfluxDB: readings as line protocol in batches, each point once, whatever the server answers or happens to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from http_receiver import Receiver, receiving
from records import NOW, reading, until

from device.config.settings import InfluxConfig, RecordConfig
from device.sinks import delivery
from device.sinks.delivery import Delivery
from device.sinks.http.influx import BATCH, NAME, line, open_influx
from device.sinks.record.sqlite import Record

POINT = re.compile(r"((?:[^, \\]|\\.)+)((?:,(?:[^, =\\]|\\.)+=(?:[^, =\\]|\\.)+)*) (.*) (-?\d+)")
FIELD = re.compile(r'([a-z]+)=("(?:[^"\\]|\\.)*"|[^,]+)(?:,|$)')


def parsed(text: str) -> tuple[str, dict[str, str], dict[str, str], int]:
    """Measurement, tags, fields and time of a line, by the grammar of docs.influxdata.com, "Line protocol"."""
    found = POINT.fullmatch(text)
    assert found is not None, text
    measurement, tags, fields, nanoseconds = found.groups()
    plain = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)[,=]", tags)[1:]]
    assert "".join(f"{name}={value}," for name, value in FIELD.findall(fields)) == f"{fields},"
    values = {name: re.sub(r"\\(.)", r"\1", value) for name, value in FIELD.findall(fields)}
    return measurement, dict(zip(plain[::2], plain[1::2], strict=True)), values, int(nanoseconds)


def points(receiver: Receiver) -> list[str]:
    """Ids of the points that were taken, in their order."""
    lines = [line for request in receiver.taken for line in request.body.splitlines()]
    return [parsed(line)[2]["id"].strip('"') for line in lines]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BACKOFF", (0.01, 0.05))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    record = Record(RecordConfig(tmp_path / "readings.sqlite"), delivers_to=NAME)
    yield record
    record.close()


def influx(receiver: Receiver, record: Record, **settings) -> Delivery:
    url = f"http://127.0.0.1:{receiver.port}"
    return open_influx(InfluxConfig(url, "meters/raw", reader="desk", **settings), record)


def hand_over(numbers: range, *sinks: Record | Delivery) -> None:
    for number in numbers:
        for sink in sinks:
            sink.publish(reading(number))


def expected(numbers: range) -> list[str]:
    return [reading(number).id for number in numbers]


def test_a_point_says_what_was_read_where_and_when() -> None:
    measurement, tags, fields, nanoseconds = parsed(line(reading(42, NOW + 0.25), "reading", "desk"))
    assert (measurement, tags) == ("reading", {"reader": "desk", "region": "score"})
    with_all = replace(reading(42), value=4.2, clock="unsynchronised")
    assert parsed(line(with_all, "reading", "desk"))[2].items() > {"value": "4.2", "clock": '"unsynchronised"'}.items()
    assert fields == {"text": '"42"', "confidence": "0.9000", "frames": "6i", "id": f'"{reading(42).id}"'}
    assert nanoseconds // 1_000_000 == (NOW + 0.25) * 1000


def test_what_is_special_in_line_protocol_is_escaped() -> None:
    odd = replace(reading(1), text='1 "2\\', alert='a, b = "c"\nd\\', region=None)
    measurement, tags, fields, _ = parsed(line(odd, "my, reading", "a b,c=d"))
    assert measurement == r"my\,\ reading"
    assert tags == {"reader": "a b,c=d"}
    assert (fields["text"], fields["alert"]) == ('"1 "2\\"', '"a, b = "c" d\\"')


def test_lines_of_one_page_take_no_place_from_each_other_and_the_same_reading_takes_its_own() -> None:
    page = [replace(reading(number, NOW), region=None) for number in range(10)]
    times = [parsed(line(one, "reading", "desk"))[3] for one in page]
    assert len(set(times)) == 10
    assert times == [parsed(line(one, "reading", "desk"))[3] for one in page]


def test_a_day_s_readings_go_in_batches_to_bucket_and_organisation(
    receiver: Receiver, record: Record, tmp_path: Path
) -> None:
    hand_over(range(1200), record)
    (tmp_path / "token").write_text("s3cret==\n")
    sink = influx(receiver, record, org="my house", token_file=tmp_path / "token")
    until(lambda: len(points(receiver)) >= 1200)
    sink.close()
    assert points(receiver) == expected(range(1200))
    assert len(receiver.requests) <= 1200 // BATCH + 1
    place = urlsplit(receiver.requests[0].path)
    assert place.path == "/api/v2/write"
    assert parse_qs(place.query) == {"org": ["my house"], "bucket": ["meters/raw"], "precision": ["ns"]}
    assert receiver.requests[0].headers["authorization"] == "Token s3cret=="


def test_a_base_path_and_no_organisation_are_fine_too(receiver: Receiver, record: Record) -> None:
    sink = open_influx(InfluxConfig(f"http://127.0.0.1:{receiver.port}/influx/", "b"), record)
    hand_over(range(1), record, sink)
    until(lambda: len(receiver.requests) == 1)
    sink.close()
    assert receiver.requests[0].path == "/influx/api/v2/write?org=&bucket=b&precision=ns"


@pytest.mark.parametrize(
    "status", [503, 401, *(pytest.param(status, marks=pytest.mark.slow) for status in (500, 429, 404))]
)
def test_what_may_be_mended_is_tried_again_and_nothing_is_lost(
    receiver: Receiver, record: Record, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers.extend([(status, {}, '{"code":"x","message":"not now"}')] * 4)
    hand_over(range(700), record)
    sink = influx(receiver, record)
    until(lambda: len(points(receiver)) >= 700)
    sink.close()
    assert points(receiver) == expected(range(700))
    assert caplog.text.count("readings wait in the record") == caplog.text.count("takes readings again") == 1


@pytest.mark.parametrize("most", [1, 7])
def test_a_server_with_a_limit_gets_smaller_batches(receiver: Receiver, record: Record, most: int) -> None:
    receiver.usual = lambda request: 413 if len(request.body.splitlines()) > most else 204
    hand_over(range(60), record)
    sink = influx(receiver, record)
    until(lambda: len(points(receiver)) >= 60)
    sink.close()
    assert points(receiver) == expected(range(60))
    assert sink.lost == 0


def test_a_point_that_is_refused_keeps_no_others_back_and_is_said(
    receiver: Receiver, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    bad = reading(333).id
    receiver.usual = lambda request: 400 if bad in request.body else 204
    hand_over(range(600), record)
    sink = influx(receiver, record)
    until(lambda: set(points(receiver)) >= set(expected(range(600))) - {bad})
    until(lambda: sink.lost == 1)
    sink.close()
    assert points(receiver) == [id for id in expected(range(600)) if id != bad]
    [message] = [message for message in caplog.messages if "left out" in message]
    assert message == f"influx: the reading of id {bad} is left out: answers 400 Bad Request"


def test_a_server_that_refuses_everything_until_it_is_mended_loses_nothing(receiver: Receiver, record: Record) -> None:
    receiver.usual = 400
    hand_over(range(60), record)
    sink = influx(receiver, record)
    until(lambda: len(receiver.requests) > 30)
    receiver.usual = 204
    until(lambda: set(points(receiver)) == set(expected(range(60))))
    sink.close()
    assert len(points(receiver)) == 60
    assert sink.lost == 0
