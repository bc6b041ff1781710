"""The API, asked over HTTP: a server in its own process, fed with one page."""

from __future__ import annotations

import csv
import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from web_client import HEIGHT, WIDTH, Running, eventually, reading

from device.config.load import load_config
from device.web.regions_file import read_text
from edge_digits.page import Page


def picture_of(width: int, height: int) -> bytes:
    """A PNG whose header says so, with nothing behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_a_picture_is_read_as_the_command_line_reads_it(server: Running, png: bytes, page: Page) -> None:
    answer = server.client.post("/api/read", png)
    assert answer.status == 200
    row = answer.json()
    assert [line["text"] for line in row["lines"]] == [line.text for line in page.lines]
    assert (row["width"], row["height"], row["model"]) == (WIDTH, HEIGHT, "auto")
    assert "inputs" not in row


def test_detail_shows_what_the_model_saw(server: Running, png: bytes) -> None:
    row = server.client.post("/api/read?detail=true", png).json()
    assert row["ink"].startswith("data:image/png;base64,")
    assert sum(entry["reason"] is None for entry in row["inputs"]) == sum(len(line["digits"]) for line in row["lines"])


def test_every_model_that_runs_reads(server: Running, number_png: bytes) -> None:
    models = [model for model in server.client.get("/api/models").json() if model["runs"]]
    assert {"cnn-int8.tflite", "cnn-float32.tflite"} <= {model["name"] for model in models}
    for model in models:
        answer = server.client.post(f"/api/read?model={model['name']}", number_png)
        assert answer.status == 200, answer.body
        assert answer.json()["lines"]


@pytest.mark.parametrize(
    "name", ["nothing", "../../../etc/passwd", "/etc/passwd", "cnn", "", "%00", "cnn-int8.tflite/.."]
)
def test_a_model_is_one_of_those_that_are_listed(server: Running, png: bytes, name: str) -> None:
    answer = server.client.post(f"/api/read?model={name}", png)
    assert (answer.status, answer.error) == (404, "no such model; see /api/models")


@pytest.mark.parametrize(
    ("body", "kind", "status", "error"),
    [
        (b"", "image/png", 422, "the file is empty"),
        (b"hello", "image/png", 422, "not a picture that can be read"),
        (b"GIF89a" + bytes(40), "image/gif", 422, "GIF pictures are not read"),
        (picture_of(100, 100), "image/png", 422, "damaged or cut short"),
        (picture_of(50_000, 50_000), "image/png", 413, "50000 x 50000 pixels are more than the 40 million"),
        (bytes(17 * 2**20), "image/png", 413, "more than the 16384 kB that are taken"),
        (b"x", "text/plain", 415, "expected the bytes of one picture"),
        (b"x", "multipart/form-data; boundary=x", 415, "expected the bytes of one picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(
    server: Running, body: bytes, kind: str, status: int, error: str
) -> None:
    answer = server.client.post("/api/read", body, kind)
    assert answer.status == status
    assert error in answer.error


def test_a_body_without_a_length_is_bounded_too(server: Running) -> None:
    head = (
        b"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    answer = server.client.raw(head + 20 * chunk, 2.0)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
        "/static/x",
        "/api",
        "/api/refusals/..%2f..%2fetc%2fpasswd/picture",
        "/api/refusals/x/picture",
        "/index.html",
        "/%00",
    ],
)
def test_no_path_leads_to_a_file(server: Running, path: str) -> None:
    assert server.client.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/api/readings?limit=0", "limit: expected a number from 1 to 5000"),
        ("/api/readings?limit=1.5", "limit: expected a whole number"),
        ("/api/readings?limit=1&limit=2", "limit: given more than once"),
        ("/api/readings?since=yesterday", "since: expected a number"),
        ("/api/readings?since=nan", "since: expected a number"),
        ("/api/readings?since=1_000", "since: expected a number"),
        ("/api/readings?kind=all", "kind: expected readings or refusals"),
        ("/api/readings?path=/etc/passwd", "unknown parameter"),
    ],
)
def test_a_wrong_parameter_is_named(server: Running, path: str, error: str) -> None:
    answer = server.client.get(path)
    assert answer.status == 400
    assert error in answer.error


def test_another_method_is_refused_with_those_that_are_not(server: Running) -> None:
    answer = server.client.ask("DELETE", "/api/regions", None)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}


def test_the_state_of_the_reader_is_told(server: Running) -> None:
    status = server.client.get("/api/status").json()
    assert status["healthy"] is True
    assert status["source"] == "demo:0"
    assert status["regions"] == ["score"]
    assert eventually(lambda: (server.client.get("/api/status").json()["counts"] or {}).get("frames", 0) > 5)


def test_pictures_are_encoded_only_while_somebody_looks(server: Running) -> None:
    def encoded() -> int:
        return server.client.get("/api/status").json()["pictures_encoded"]

    deadline = time.monotonic() + 60
    before = -1
    while encoded() != before and time.monotonic() < deadline:
        before = encoded()
        time.sleep(0.6)
    assert encoded() == before
    assert server.client.beginning("/api/live.mjpeg", 50_000)
    assert encoded() > before


def test_viewers_of_one_picture_share_its_encoding(server: Running) -> None:
    from concurrent.futures import ThreadPoolExecutor

    before = server.client.get("/api/status").json()["pictures_encoded"]
    with ThreadPoolExecutor(3) as threads:
        parts = [
            future.result() for future in [threads.submit(server.client.beginning, "/api/live.mjpeg", 100_000)] * 3
        ]
    shown = parts[0].count(b"X-Frame")
    assert server.client.get("/api/status").json()["pictures_encoded"] - before <= 2 * shown + 5


def test_the_stream_is_pictures_with_their_frames_numbers(server: Running) -> None:
    stream = server.client.beginning("/api/live.mjpeg", 20_000)
    head, _, rest = stream.partition(b"\r\n\r\n")
    assert head.startswith((b"\r\n--frame", b"--frame"))
    assert b"Content-Type: image/jpeg" in head
    assert int(head.split(b"X-Frame: ")[1].split(b"\r\n")[0]) > 0
    assert rest[:2] == b"\xff\xd8"


def test_events_come_as_they_happen(server: Running) -> None:
    from threading import Timer

    timer = Timer(0.5, server.feed.publish, [reading("4711", time.time())])
    timer.start()
    # Behind the last readings of other tests, with which the stream begins.
    stream = server.client.until("/api/events", b'"text":"4711"').decode()
    timer.join()
    [event] = [event for event in stream.split("\n\n") if '"text":"4711"' in event]
    assert event.startswith("event: reading\ndata: {")


def test_whoever_asks_for_a_reading_gets_it(server: Running) -> None:
    answer = server.client.ask("POST", "/api/read-now", None)
    assert answer.status == 200
    read, refused = answer.json()["events"]
    assert (read["region"], read["text"], read["frames"], read["reason"]) == ("score", "1234", 5, None)
    assert (refused["text"], refused["frames"], refused["reason"]) == ("127", None, "3 digits, expected 4")
    assert server.client.get("/api/read-now").status == 405


def test_another_site_s_page_asks_for_no_reading(server: Running) -> None:
    assert server.client.ask("POST", "/api/read-now", None, Origin="http://elsewhere").status == 403


def test_focus_and_light_are_told(server: Running) -> None:
    aim = server.client.get("/api/aim").json()
    assert (aim["width"], aim["height"], aim["light"]) == (WIDTH, HEIGHT, "good")
    assert 0 < aim["focus"] <= 100


def test_the_record_is_shown(server: Running) -> None:
    found = server.client.get("/api/readings?region=score&limit=3").json()
    assert found["recorded"] is True
    assert found["regions"] == ["score"]
    assert len(found["entries"]) == 3
    [refused] = server.client.get("/api/readings?kind=refusals").json()["entries"]
    assert (refused["text"], refused["reason"]) == ("127", "3 digits, expected 4")
    picture = server.client.get(f"/api/refusals/{refused['id']}/picture")
    assert (picture.headers["content-type"], picture.body[:2]) == ("image/jpeg", b"\xff\xd8")


def test_the_record_comes_as_csv(server: Running) -> None:
    answer = server.client.get("/api/readings.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="readings.csv"'
    assert len(list(csv.DictReader(io.StringIO(answer.body.decode())))) == 40


def test_metrics_are_in_prometheus_format(server: Running) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    families = {family.name for family in text_string_to_metric_families(server.client.get("/metrics").body.decode())}
    assert {"edge_digits_up", "edge_digits_frames", "edge_digits_uploads", "edge_digits_latency_seconds"} <= families


def test_regions_are_tried_without_being_saved(server: Running) -> None:
    before = server.config.read_text()
    regions = [{"name": "all", "box": [0, 0, WIDTH, HEIGHT]}, {"name": "none", "box": [0, 0, 5, 5]}]
    answer = server.client.send("POST", "/api/regions/try", {"regions": regions})
    assert answer.status == 200
    found = answer.json()["regions"]
    assert found["all"]["text"]
    assert found["none"] is None
    assert server.config.read_text() == before


@pytest.mark.usefixtures("regions_put_back")
def test_regions_are_saved_and_read_from_then_on(server: Running) -> None:
    found = server.client.get("/api/regions").json()
    assert found["file"] == "camera.toml"
    regions = [{**found["regions"][0], "box": [1, 2, 30, 40]}]
    saved = server.client.send("PUT", "/api/regions", {"regions": regions, "version": found["version"]}).json()
    assert saved["saved"] is True
    assert "# the counter" in read_text(server.config)
    assert load_config(server.config).region[0].box.as_list() == [1, 2, 30, 40]
    # Behind those that other tests saved.
    assert eventually(lambda: [rule.box.as_list() for rule in server.feed.new_regions() or ()] == [[1, 2, 30, 40]])
    assert eventually(lambda: server.feed.new_regions() is None)
    again = server.client.send("PUT", "/api/regions", {"regions": [], "version": found["version"]})
    assert again.status == 409


@pytest.mark.parametrize(
    ("regions", "error"),
    [
        ([{"name": "a b", "box": [1, 2, 3, 4]}], "region[1].name: expected up to 64 letters"),
        ([{"name": "a", "box": [1, 2, 0, 4]}], "region[1].box: expected [x, y, width, height]"),
        ([{"name": "a", "box": [1, 2, 3]}], "region[1].box: expected [x, y, width, height]"),
        ([{"name": "\ud800", "box": [1, 2, 3, 4]}], "region[1].name"),
        ([{"box": [1, 2, 3, 4]}], "region[1]: name is missing"),
        ([{"name": "a", "box": [1, 2, 3, 4], "model": "x"}], "region[1].model: unknown key"),
        ([{"name": "a", "box": [1, 2, 3, 4], "decimals": 7}], 'region[1].decimals: expected 0 to 6, or "seen", not 7'),
        ([{"name": "a", "box": [1, 2, 3, 4], "unit": "m" * 31}], "region[1].unit: expected 1 to 30 printable"),
        ([{"name": "a", "box": [1, 2, 3, 4], "title": "\n"}], "region[1].title: expected 1 to 100 printable"),
        ([{"name": "a", "box": [1, 2, 3, 4], "rise_per_hour": 5}], "region[1].rise_per_hour: expected counter = true"),
        (
            [{"name": "a", "box": [1, 2, 3, 4], "counter": True, "rollover": 5}],
            "region[1].rollover: expected rise_per_hour too",
        ),
        ([{"name": "a", "box": [1, 2, 3, 4], "min_confidence": 2}], "region[1].min_confidence: expected 0 to 1, not 2"),
        ("all", "regions: expected a list"),
        ([[]], "regions: expected a list"),
    ],
)
def test_a_wrong_region_is_named(server: Running, regions: object, error: str) -> None:
    answer = server.client.send("PUT", "/api/regions", {"regions": regions, "version": "x"})
    assert answer.status == 400
    assert answer.error.startswith(error)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"NaN", b'{"regions": NaN}', b"[" * 50_000, b"\xff", b'{"a":' * 9000]
)
def test_what_is_no_json_object_is_refused(server: Running, body: bytes) -> None:
    answer = server.client.ask("PUT", "/api/regions", body, **{"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (400, "expected a JSON object")


def test_huge_headers_end_the_connection(server: Running) -> None:
    answer = server.client.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 3_000_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert server.client.get("/healthz").status == 200


def test_nothing_of_the_configuration_but_the_regions_is_told(server: Running) -> None:
    paths = ["/api/status", "/api/regions", "/api/models", "/openapi.json", "/metrics", "/api/readings?limit=1", "/"]
    everything = b"".join(server.client.get(path).body for path in paths)
    for secret in (b"hunter2", str(server.config.parent).encode(), b"camera.local"):
        assert secret not in everything


def test_the_token_is_asked_for_and_exchanged_for_a_cookie(guarded: Running, capfd: pytest.CaptureFixture[str]) -> None:
    client, token = guarded.client, guarded.token
    assert token is not None
    assert client.get("/api/status").status == 401
    assert client.get("/api/status", Authorization=f"Bearer {token}").status == 200
    wrong = client.send("POST", "/api/login", {"token": token[:-1]})
    assert (wrong.status, wrong.error) == (401, "this is not the token")
    answer = client.send("POST", "/api/login", {"token": token})
    assert answer.status == 204
    cookie = answer.headers["set-cookie"]
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert token not in cookie
    assert client.get("/api/status", Cookie=cookie.split(";")[0]).status == 200
    said = capfd.readouterr()
    assert token not in said.out + said.err


def test_a_server_that_dies_comes_back(guarded: Running) -> None:
    process = guarded.feed._server._process
    process.kill()
    process.wait()
    guarded.client.wait(30.0)
    assert guarded.feed._server._process is not process


@pytest.mark.slow
def test_a_camera_without_the_page_imports_nothing_of_it() -> None:
    code = "import sys, device.__main__ as p; p.main(['--check', '--source', 'demo']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "device.loop" in loaded
    assert loaded.isdisjoint({"starlette", "uvicorn", "prometheus_client", "tomlkit", "device.web"})


@pytest.mark.slow
def test_the_cameras_own_process_imports_no_web_framework() -> None:
    code = "import sys, device.web.feed; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True)
    assert set(done.stdout.split()).isdisjoint({"starlette", "uvicorn", "prometheus_client", "tomlkit", "asyncio"})


def test_nonsense_is_answered_with_an_error(server: Running) -> None:
    assert server.client.raw(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
