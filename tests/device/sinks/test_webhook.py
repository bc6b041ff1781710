"""A webhook against a real web server: every reading arrives once, whatever the server answers or happens to it."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Gate, free_port
from http_receiver import Receiver, receiving
from records import reading, until

from device.config.fields import FieldError
from device.config.settings import RecordConfig, WebhookConfig
from device.sinks import delivery
from device.sinks.delivery import Delivery
from device.sinks.http.webhook import NAME, open_webhook
from device.sinks.record.sqlite import Record

ROOT = Path(__file__).parents[3]


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


def webhook(port: int, record: Record, path: str = "/hook?key=geheim", **settings) -> Delivery:
    return open_webhook(WebhookConfig(f"http://127.0.0.1:{port}{path}", **settings), record)


def hand_over(numbers: range, *sinks: Record | Delivery) -> None:
    for number in numbers:
        for sink in sinks:
            sink.publish(reading(number))


def expected(numbers: range) -> list[str]:
    return [reading(number).id for number in numbers]


def test_a_reading_arrives_as_the_json_of_json_lines_with_its_id_as_idempotency_key(
    receiver: Receiver, record: Record
) -> None:
    sink = webhook(receiver.port, record)
    hand_over(range(1), record, sink)
    until(lambda: len(receiver.requests) == 1)
    sink.close()
    [request] = receiver.requests
    assert request.path == "/hook?key=geheim"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == f'"{reading(0).id}"'
    assert "authorization" not in request.headers
    assert json.loads(request.body)["text"] == "0"


def test_the_secret_comes_from_a_file(receiver: Receiver, record: Record, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Bearer abc\n")
    sink = webhook(receiver.port, record, header="X-Key", secret_file=tmp_path / "secret")
    hand_over(range(1), record, sink)
    until(lambda: len(receiver.requests) == 1)
    sink.close()
    assert receiver.requests[0].headers["x-key"] == "Bearer abc"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("", "one line of printable ASCII"), ("a\nHost: b", "one line"), ("käse", "one line")],
)
def test_a_file_that_holds_no_secret_is_named(record: Record, tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(FieldError, match=rf"^webhook.secret_file: {path}: .*{said}"):
        webhook(1, record, secret_file=path)


def test_all_arrive_once_in_order_over_one_connection(receiver: Receiver, record: Record) -> None:
    sink = webhook(receiver.port, record)
    hand_over(range(100), record, sink)
    until(lambda: len(receiver.ids) >= 100)
    sink.close()
    assert receiver.ids == expected(range(100))
    assert receiver.connections == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408, 401, 403, 404, 405, 301])
def test_what_may_be_mended_is_tried_again_said_once_and_nothing_is_lost(
    receiver: Receiver, record: Record, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers.extend([(status, {"Location": "http://other/place?key=geheim"}, "not\nnow")] * 4)
    sink = webhook(receiver.port, record)
    hand_over(range(3), record, sink)
    until(lambda: len(receiver.ids) >= 3)
    sink.close()
    assert receiver.ids == expected(range(3))
    assert [request.status for request in receiver.requests] == [status] * 4 + [204] * 3
    begun, ended = caplog.messages
    assert begun.startswith(f"webhook: http://127.0.0.1:{receiver.port}: answers {status} ")
    assert begun.endswith(
        "(it has moved to http://other); readings wait in the record"
        if status == 301
        else "(not now); readings wait in the record"
    )
    assert ended == f"webhook: http://127.0.0.1:{receiver.port}: takes readings again"
    assert sink.lost == 0


def test_a_server_that_asks_to_be_left_alone_is(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(delivery.AwayError, "__init__", lambda self, message, wait=0.0: waits.append(wait))
    monkeypatch.setattr(delivery.AwayError, "wait", 0.0, raising=False)
    receiver.answers.extend((503, {"Retry-After": wait}, "") for wait in ("7", "999999999", "soon", "-1"))
    receiver.answers.append((503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, ""))
    sink = webhook(receiver.port, record)
    hand_over(range(1), record, sink)
    until(lambda: len(receiver.ids) == 1)
    sink.close()
    assert waits == [7.0, 3600.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_reading_that_is_refused_while_others_are_taken_is_left_out_and_said(
    receiver: Receiver, record: Record, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {reading(number).id for number in (3, 4, 7)}
    receiver.usual = lambda request: status if json.loads(request.body)["id"] in bad else 200
    sink = webhook(receiver.port, record)
    hand_over(range(10), record, sink)
    until(lambda: len(receiver.ids) >= 7)
    sink.close()
    assert receiver.ids == [reading(number).id for number in (0, 1, 2, 5, 6, 8, 9)]
    assert sink.lost == 3
    assert [message.split()[5] for message in caplog.messages if "left out" in message] == sorted(bad)


def test_a_server_that_refuses_everything_until_it_is_mended_loses_nothing(receiver: Receiver, record: Record) -> None:
    receiver.usual = 400
    sink = webhook(receiver.port, record)
    hand_over(range(10), record, sink)
    until(lambda: len(receiver.requests) > 30)
    receiver.usual = 200
    until(lambda: len(receiver.ids) >= 10)
    sink.close()
    assert sorted(receiver.ids) == expected(range(10))
    assert sink.lost == 0


def test_a_server_that_hangs_up_without_an_answer_gets_the_same_reading_again(
    receiver: Receiver, record: Record
) -> None:
    sink = webhook(receiver.port, record)
    for number in range(6):
        receiver.answers.extend([0] if number % 2 else [204])
    hand_over(range(10), record, sink)
    until(lambda: len(receiver.ids) >= 10)
    sink.close()
    assert receiver.ids == expected(range(10))


@pytest.mark.slow
def test_hundreds_arrive_though_the_server_is_killed_and_the_network_cut(
    receiver: Receiver, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(receiver.port)
    gate.open()
    sink = webhook(gate.port, record)
    writer = threading.Thread(target=hand_over, args=(range(300), record, sink))
    writer.start()
    for received in (30, 100, 200):
        until(lambda n=received: len(receiver.ids) >= n)
        gate.cut()
        receiver.stop()
        until(lambda n=received: caplog.text.count("readings wait in the record") == 1 + [30, 100, 200].index(n))
        receiver.start()
        gate.open()
    writer.join()
    until(lambda: reading(299).id in receiver.ids)
    sink.close()
    assert sorted(set(receiver.ids)) == expected(range(300))
    # Only what was on its way when the network was cut may come twice, with its id.
    assert len(receiver.ids) <= 300 + 3
    assert caplog.text.count("readings wait in the record") == caplog.text.count("takes readings again") == 3


def test_the_next_run_goes_on_where_the_last_one_ended(receiver: Receiver, record: Record) -> None:
    away = webhook(free_port(), record)
    hand_over(range(5), record, away)
    away.close()
    for numbers in (range(5, 10), range(10, 12)):
        sink = webhook(receiver.port, record)
        hand_over(numbers, record, sink)
        until(lambda n=numbers.stop: len(receiver.ids) >= n)
        sink.close()
    assert receiver.ids == expected(range(12))


@pytest.mark.slow
def test_a_reader_that_is_killed_repeats_at_most_what_was_on_its_way(receiver: Receiver, tmp_path: Path) -> None:
    program = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "device")!r}]
from pathlib import Path
from device.config.settings import RecordConfig, WebhookConfig
from device.sinks.http.webhook import open_webhook
from device.sinks.record.sqlite import Record
from records import reading
record = Record(RecordConfig(Path(sys.argv[1])), delivers_to="webhook")
sink = open_webhook(WebhookConfig(sys.argv[2]), record)
first = int(sys.argv[3])
for number in range(first, first + 100_000):
    record.publish(reading(number))
    sink.publish(reading(number))
"""
    path, url = tmp_path / "r.sqlite", f"http://127.0.0.1:{receiver.port}/"
    for run in range(3):
        before = len(receiver.ids)
        process = subprocess.Popen([sys.executable, "-c", program, str(path), url, str(run * 1_000_000)])
        until(lambda n=before: len(receiver.ids) > n + 10)
        process.kill()
        process.wait()
    ids = receiver.ids
    assert len(ids) - len(set(ids)) <= 2
    assert sorted(ids) == ids


def test_a_full_disk_keeps_no_reading_from_the_server(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.sinks.record.sqlite.RETRY_SECONDS", 0.0)
    sink = webhook(receiver.port, record)
    hand_over(range(5), record, sink)
    until(lambda: len(receiver.ids) == 5)
    with monkeypatch.context() as patch:
        patch.setattr("device.sinks.record.entries._INSERT_READING", "INSERT INTO nowhere VALUES (1)")
        hand_over(range(5, 10), record, sink)
        until(lambda: len(receiver.ids) == 10)
    record._retry_at = 0.0
    hand_over(range(10, 15), record, sink)
    until(lambda: len(receiver.ids) >= 15)
    sink.close()
    assert receiver.ids == expected(range(15))


def test_a_new_record_in_the_place_of_a_damaged_one_is_delivered_too(receiver: Receiver, record: Record) -> None:
    sink = webhook(receiver.port, record)
    hand_over(range(5), record, sink)
    until(lambda: len(receiver.ids) == 5)
    record._replace("is damaged")
    hand_over(range(5, 8), record, sink)
    until(lambda: len(receiver.ids) >= 8)
    sink.close()
    assert receiver.ids == expected(range(8))


def test_a_server_that_hangs_or_trickles_is_given_up_and_keeps_nobody_from_ending(
    record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sink = webhook(silent.getsockname()[1], record, timeout=0.1)
        hand_over(range(1), record, sink)
        until(lambda: "does not answer in time" in caplog.text)
        sink.close()
    with socket.create_server(("127.0.0.1", 0)) as trickling:
        sink = webhook(trickling.getsockname()[1], record, timeout=0.2)
        threading.Thread(target=_trickle, args=(trickling,), daemon=True).start()
        until(lambda: caplog.text.count("readings wait in the record") == 2)
        began = time.monotonic()
        sink.close()
        assert time.monotonic() - began < 20.0


def _trickle(server: socket.socket) -> None:
    """A header without end, a byte at a time."""
    try:
        connection, _ = server.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        return


def test_what_is_no_web_server_is_said(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            connection, _ = other.accept()
            connection.recv(65536)
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=greet, daemon=True).start()
        sink = webhook(other.getsockname()[1], record)
        hand_over(range(1), record, sink)
        until(lambda: "does not answer as a web server; readings wait in the record" in caplog.text)
        sink.close()


def test_a_server_that_is_away_is_said_once(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with caplog.at_level(logging.WARNING):
        sink = webhook(port, record)
        hand_over(range(3), record, sink)
        until(lambda: sink._wait >= 0.05)
        sink.close()
    assert caplog.messages == [f"webhook: http://127.0.0.1:{port}: Connection refused; readings wait in the record"]


@pytest.mark.slow
def test_tls_with_an_authority_of_one_s_own_and_without_it(
    record: Record, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *name, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with receiving(context=context) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        stranger = open_webhook(WebhookConfig(url), record)
        hand_over(range(1), record, stranger)
        until(lambda: "certificate verify failed" in caplog.text)
        stranger.close()
        sink = open_webhook(WebhookConfig(url, ca_file=certificate), record)
        until(lambda: receiver.ids == expected(range(1)))
        sink.close()
    with pytest.raises(FieldError, match=r"^webhook.ca_file: .*none.pem: No such file"):
        open_webhook(WebhookConfig(url, ca_file=tmp_path / "none.pem"), record)
