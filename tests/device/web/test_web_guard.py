"""Who may ask: the guard before a small application, asked without a network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from device.web.guard import COOKIE, Guard, session_of

TOKEN = "a-token-of-many-letters-4711"
ORIGIN = "http://desk.local:8080"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("inside")(scope, receive, send)


def ask(path: str = "/api/status", method: str = "GET", token: str | None = TOKEN, **headers: str) -> tuple[int, dict]:
    """Status and headers of the answer."""
    given = {"host": "desk.local:8080", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Guard(answer, token)(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def status(*arguments: Any, **named: Any) -> int:
    return ask(*arguments, **named)[0]


def test_without_the_token_there_is_no_answer() -> None:
    assert status() == 401
    assert status("/metrics") == 401
    assert status("/openapi.json") == 401
    assert ask("/")[0] == 303
    assert ask("/")[1]["location"] == "/login"


@pytest.mark.parametrize("path", ["/healthz", "/login", "/static/style.css"])
def test_what_is_the_same_for_everybody_needs_none(path: str) -> None:
    assert status(path) == 200


@pytest.mark.parametrize("path", ["/static", "/healthz/", "/api/../healthz", "//healthz", "/login/x", "/LOGIN"])
def test_what_only_looks_so_needs_one(path: str) -> None:
    assert status(path) == 401


@pytest.mark.parametrize("headers", [{"authorization": f"Bearer {TOKEN}"}, {"cookie": f"{COOKIE}={session_of(TOKEN)}"}])
def test_the_token_or_the_cookie_opens(headers: dict[str, str]) -> None:
    assert status(**headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer \xff\xfe"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}={session_of(TOKEN[:-1])}"},
        {"cookie": f'{COOKIE}="; \x00'},
        {"cookie": ""},
    ],
)
def test_nothing_else_opens(headers: dict[str, str]) -> None:
    assert status(**headers) == 401


def test_the_cookie_does_not_tell_the_token() -> None:
    assert TOKEN not in session_of(TOKEN)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "192.168.1.7"]
)
def test_a_name_that_was_led_here_is_no_name_of_this_computer(host: str) -> None:
    assert status(token=None, host=host) == 403


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"])
def test_this_computer_needs_no_token(host: str) -> None:
    assert status(token=None, host=host) == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://desk.local:8081"},
        {"origin": "http://["},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": ORIGIN},
    ],
)
def test_another_sites_page_changes_nothing(method: str, headers: dict[str, str]) -> None:
    assert status(method=method, authorization=f"Bearer {TOKEN}", **headers) == 403


@pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"origin": ORIGIN, "sec_fetch_site": "same-origin"}])
def test_the_own_page_and_programs_may(headers: dict[str, str]) -> None:
    assert status(method="POST", authorization=f"Bearer {TOKEN}", **headers) == 200


def test_another_sites_page_may_lead_here_but_not_show_the_camera() -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "sec_fetch_site": "cross-site"}
    assert status("/", **headers) == 200
    assert status("/api/live.mjpeg", **headers) == 403


def test_every_answer_bears_the_headers() -> None:
    for asked in (ask("/healthz"), ask(), ask(token=None, host="evil.example")):
        headers = asked[1]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
