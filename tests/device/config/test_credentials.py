"""Secrets in files: read without the end of the line, from systemd's copy where there is one, and never half said."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.config.credentials import MOST_BYTES, read_secret
from device.config.fields import FieldError

KEY = ("camera", "password_file")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_end_of_the_line_is_no_part_of_a_secret(tmp_path: Path, end: str) -> None:
    (tmp_path / "password").write_bytes(f" pässword {end}".encode())
    assert read_secret(tmp_path / "password", KEY) == " pässword "


def test_systemd_s_copy_is_read_where_the_file_itself_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_secret(Path("/nowhere/password"), KEY) == "secret"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"\xff", "is not text"),
        (bytes(MOST_BYTES + 1), "expected a password of at most 65535 bytes"),
    ],
)
def test_a_file_without_a_secret_is_named_with_its_setting(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FieldError, match=rf"^camera\.password_file: {path}: {said}$"):
        read_secret(path, KEY)
