"""Samples over the API: seen, labelled, deleted; a line of the live picture labelled; and the reader taught."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from web_client import Running, eventually

from edge_digits.teach.keep import remove_all
from edge_digits.teach.labels import SampleRow, add_sample, read_labels, read_samples
from edge_digits.teach.samples import Sample
from edge_digits.types import Box

pytest.importorskip("starlette", reason="needs the extra web")

BOX = Box(38, 13, 14, 24)
LINE = {"text": "2980", "box": [60, 50, 200, 70], "digits": "2900"}


def fill(folder: Path, count: int = 3) -> None:
    """Samples a.png, b.png and so on, read as 0, 1 and so on."""
    picture = np.full((50, 90), 200, np.uint8)
    picture[15:35, 40:50] = 30
    for number in range(count):
        row = SampleRow(f"{chr(97 + number)}.png", str(number), 0.61, "unsure", "score", 1000.0 + number, BOX)
        add_sample(folder, row, Sample(picture, BOX, np.zeros((4, 32, 32), np.uint8)))


@pytest.fixture
def folder(server: Running) -> Iterator[Path]:
    """Where the server's samples are: three."""
    folder = server.config.parent / "hand"
    fill(folder)
    yield folder
    remove_all(folder)
    for name in ("hand.npz", "slow", "broken"):
        (folder / name).unlink(missing_ok=True)


def done(server: Running) -> dict[str, Any]:
    """How teaching ended."""
    assert eventually(lambda: server.client.get("/api/teach").json()["state"] != "running")
    return server.client.get("/api/teach").json()


@pytest.mark.usefixtures("folder")
def test_samples_are_listed_with_what_is_known_of_them(server: Running) -> None:
    rows = server.client.get("/api/samples").json()["samples"]
    assert [row["file"] for row in rows] == ["a.png", "b.png", "c.png"]
    assert rows[1].pop("time").startswith("1970-01-01T")
    known = {"file": "b.png", "read": "1", "confidence": 0.61, "why": "unsure", "region": "score"}
    assert rows[1] == {**known, "box": [38, 13, 14, 24], "label": None}


@pytest.mark.usefixtures("folder")
def test_a_sample_has_its_picture(server: Running) -> None:
    answer = server.client.get("/api/samples/a.png/picture")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture.shape == (50, 90)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["d.png", "samples.csv", "a.input.png", "..%2Fcamera.toml", "%00", "%2Fetc%2Fpasswd"])
def test_nothing_but_samples_is_handed_out_or_labelled(server: Running, name: str) -> None:
    assert server.client.get(f"/api/samples/{name}/picture").status == 404
    assert server.client.send("PUT", f"/api/samples/{name}/label", {"label": "7"}).status == 404


def test_a_label_is_said_said_anew_and_taken_back(server: Running, folder: Path) -> None:
    for label in ("7", "none", "skip", ""):
        answer = server.client.send("PUT", "/api/samples/a.png/label", {"label": label})
        assert (answer.status, answer.json()) == (200, {"file": "a.png", "label": label or None})
        assert read_labels(folder).get("a.png", "") == label


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("body", [{"label": "10"}, {"label": 7}, {"label": None}, {}, {"label": "7", "file": "b.png"}])
def test_what_is_no_label_is_refused(server: Running, body: dict[str, object]) -> None:
    answer = server.client.send("PUT", "/api/samples/a.png/label", body)
    assert answer.status == 400
    assert answer.error.startswith("label: expected one of 0, 1, ")


def test_all_are_deleted(server: Running, folder: Path) -> None:
    assert server.client.ask("DELETE", "/api/samples", None).json() == {"deleted": 3}
    assert read_samples(folder) == []
    assert list(folder.iterdir()) == []
    assert server.client.get("/api/samples").json() == {"samples": []}


def test_a_damaged_list_is_named_and_can_be_deleted(server: Running, folder: Path) -> None:
    (folder / "samples.csv").write_text("nothing\n")
    answer = server.client.get("/api/samples")
    assert answer.status == 503
    assert "samples.csv: has no column file" in answer.error
    assert server.client.ask("DELETE", "/api/samples", None).json() == {"deleted": 0}


def test_another_site_s_page_changes_nothing(server: Running, folder: Path) -> None:
    elsewhere = {"Origin": "https://example.org"}
    client = server.client
    assert client.send("PUT", "/api/samples/a.png/label", {"label": "7"}, **elsewhere).status == 403
    assert client.ask("DELETE", "/api/samples", None, **elsewhere).status == 403
    assert client.ask("POST", "/api/teach", None, **elsewhere).status == 403
    assert (len(read_samples(folder)), read_labels(folder)) == (3, {})


def test_where_nothing_is_collected_it_says_so(guarded: Running) -> None:
    known = {"Authorization": f"Bearer {guarded.token}"}
    assert guarded.client.get("/api/status", **known).json()["collects"] is False
    for method, path in (("GET", "/api/samples"), ("DELETE", "/api/samples"), ("POST", "/api/teach")):
        answer = guarded.client.ask(method, path, None, **known)
        assert (answer.status, answer.error) == (503, "no digits are collected; see [teach] in the configuration")


def test_without_the_token_there_is_nothing_to_see(guarded: Running) -> None:
    assert guarded.client.get("/api/samples").status == 401
    answer = guarded.client.get("/teach")
    assert (answer.status, answer.headers["location"]) == (303, "/login")


class TestALine:
    """Of the live picture; the camera's process is asked."""

    @pytest.fixture
    def asked(self, server: Running, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        """What the collector is asked; it labels all digits."""
        questions: list[dict[str, Any]] = []

        def answer(message: dict[str, Any]) -> dict[str, Any]:
            questions.append(message)
            return {"labelled": len(message["digits"]), "why": ""}

        monkeypatch.setitem(server.feed.answers, "label", answer)
        return questions

    def test_is_labelled_as_it_is_typed(self, server: Running, asked: list[dict[str, Any]]) -> None:
        answer = server.client.send("POST", "/api/samples/line", {**LINE, "digits": "2 9,0.0"})
        assert (answer.status, answer.json()) == (200, {"labelled": 4, "why": ""})
        [message] = asked
        assert (message["text"], message["box"], message["digits"]) == ("2980", [60, 50, 200, 70], "2900")

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"digits": "abc"}, "digits: expected what is written there, such as 2980"),
            ({"digits": "?"}, "digits: expected what is written there, such as 2980"),
            ({"digits": "٣"}, "digits: expected what is written there, such as 2980"),
            ({"box": [1, 2, 3]}, "box: expected [x, y, width, height] in pixels"),
            ({"box": [1, 2, 3, 1e9]}, "box: expected [x, y, width, height] in pixels"),
            ({"text": None}, "expected text, box and digits"),
            ({"more": 1}, "expected text, box and digits"),
        ],
    )
    def test_is_not_where_it_is_wrong(
        self, server: Running, asked: list[dict[str, Any]], change: dict[str, object], error: str
    ) -> None:
        answer = server.client.send("POST", "/api/samples/line", LINE | change)
        assert (answer.status, answer.error) == (400, error)
        assert asked == []


class TestTeaching:
    def test_takes_what_was_labelled_and_has_the_camera_look_again(
        self, server: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[object] = []
        monkeypatch.setitem(server.feed.answers, "taught", lambda message: looked.append(message) or {})
        server.client.send("PUT", "/api/samples/a.png/label", {"label": "7"})
        assert server.client.ask("POST", "/api/teach", None).json()["state"] == "running"
        job = done(server)
        assert job.pop("seconds") > 0
        summary = "1 labels.\nTaken: read so from the next picture on."
        assert job == {"state": "done", "taken": True, "summary": summary, "is_taught": True}
        assert eventually(lambda: len(looked) == 1)
        assert server.client.ask("DELETE", "/api/teach", None).json() == {"undone": True}
        assert server.client.ask("DELETE", "/api/teach", None).json() == {"undone": False}
        assert server.client.get("/api/teach").json()["is_taught"] is False
        assert eventually(lambda: len(looked) == 2)

    @pytest.mark.usefixtures("folder")
    def test_says_why_nothing_is_taken(self, server: Running) -> None:
        server.client.ask("POST", "/api/teach", None)
        job = done(server)
        assert (job["state"], job["taken"]) == ("done", False)
        assert "Not taken" in job["summary"]

    def test_that_fails_is_told(self, server: Running, folder: Path) -> None:
        (folder / "labels.csv").write_text("file,label\na.png,12\n")
        server.client.ask("POST", "/api/teach", None)
        job = done(server)
        assert job["state"] == "failed"
        assert "labels.csv, line 2: '12' is no label" in job["summary"]

    def test_that_ends_without_a_word_is_told(self, server: Running, folder: Path) -> None:
        (folder / "broken").touch()
        server.client.ask("POST", "/api/teach", None)
        assert done(server)["summary"] == "teaching ended without an answer; the log says why"

    def test_runs_once_and_keeps_its_samples_while_the_page_goes_on(self, server: Running, folder: Path) -> None:
        (folder / "slow").touch()
        server.client.ask("POST", "/api/teach", None)
        began = time.monotonic()
        assert server.client.ask("POST", "/api/teach", None).json()["state"] == "running"
        for method, path in (("DELETE", "/api/samples"), ("DELETE", "/api/teach")):
            assert server.client.ask(method, path, None).status == 409
        assert server.client.get("/api/status").json()["healthy"]
        assert time.monotonic() - began < 30
        assert done(server)["state"] == "done"
        assert len(read_samples(folder)) == 3
