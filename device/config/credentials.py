"""Secrets in files of their own."""

from __future__ import annotations

import os
from pathlib import Path

from device.config.fields import FieldError
from device.config.toml_lines import Key

MOST_BYTES = 65_535
"""Of a secret; also what MQTT, which writes its length in 16 bits, can send."""


def read_secret(path: Path, key: Key) -> str:
    """The secret in a file, without the end of its line. A systemd service finds its copy among its credentials, in
    ``$CREDENTIALS_DIRECTORY``, by the file's name.

    key: of the setting that names the file. Raises FieldError for a file that cannot be read or that holds no secret.
    """
    path = path.expanduser()
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / path.name).is_file():
        path = Path(folder) / path.name
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise FieldError(key, f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FieldError(key, f"{path}: is not text") from error
    if len(secret.encode()) > MOST_BYTES:
        raise FieldError(key, f"{path}: expected a password of at most {MOST_BYTES} bytes")
    return secret


def header_value(path: Path, key: Key) -> str:
    """What a header can hold, from a file. key: of the setting that names the file. Raises FieldError as
    ``read_secret`` does, and for a secret that no header can hold."""
    secret = read_secret(path, key).strip()
    if not secret or not secret.isascii() or not secret.isprintable():
        raise FieldError(key, f"{path}: expected one line of printable ASCII")
    return secret
