"""Where the server listens, and its token."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.config.listen import Address, parse_address
from device.web.listen import bind, load_token
from edge_digits.errors import ConfigError, EdgeDigitsError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("desk.local", "desk.local", 8080),
        (":9000", "127.0.0.1", 9000),
        ("[::1]:9000", "::1", 9000),
        ("::1", "::1", 8080),
        ("[::]", "::", 8080),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)


LONG = pytest.param(f"host:{'9' * 5000}", id="long")


@pytest.mark.parametrize(
    "text", ["127.0.0.1:", "127.0.0.1:http", "host:65536", "host:-1", "host:８０", "a..b:80", f"{'a' * 64}:80", LONG]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^expected HOST:PORT"):
        parse_address(text)


@given(st.text())
def test_no_text_does_anything_else(text: str) -> None:
    try:
        address = parse_address(text)
    except ConfigError:
        return
    assert 0 <= address.port <= 65535


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.7", False),
        ("localhost.example.com", False),
    ],
)
def test_only_this_computer_is_loopback(host: str, loopback: bool) -> None:
    assert Address(host, 1).is_loopback is loopback


def test_an_address_that_is_taken_is_named() -> None:
    with bind(Address("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(EdgeDigitsError, match=rf"web: cannot listen on 127\.0\.0\.1:{port}: "):
            bind(Address("127.0.0.1", port))


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token, is_new = load_token(path)
    assert is_new
    assert len(token) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_token(path) == (token, False)
    assert load_token(tmp_path / "other")[0] != token


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_does_not_take_the_token_is_said_and_the_next_start_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, reason: int
) -> None:
    path = tmp_path / "token"

    def full(descriptor: int) -> None:
        raise OSError(reason, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        token, is_new = load_token(path)
    assert len(token) >= 32
    assert is_new
    assert caplog.messages == [f"{path}: cannot be written (no room); the next start has another token"]
    assert list(tmp_path.iterdir()) == []
    assert load_token(path)[0] != token
    assert list(tmp_path.iterdir()) == [path]


def test_a_token_that_somebody_else_makes_meanwhile_is_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token"

    def meanwhile(descriptor: int) -> None:
        path.write_text("the token of another start".replace(" ", "-"))
        path.chmod(0o600)

    monkeypatch.setattr("os.fsync", meanwhile)
    assert load_token(path) == ("the-token-of-another-start", False)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_hard_links_holds_the_token_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"

    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    token, _ = load_token(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_token(path) == (token, False)
    assert list(tmp_path.iterdir()) == [path]


def test_a_token_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    load_token(path)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read the token: chmod 600"):
        load_token(path)


@pytest.mark.parametrize("content", ["", "short", "with a blank in it, but long", "\udcff" * 20])
def test_what_is_no_token_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="expected a token of at least 16"):
        load_token(path)


def test_a_token_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises((ConfigError, EdgeDigitsError)):
        load_token(tmp_path / "token")
    assert not (tmp_path / "elsewhere").exists()
