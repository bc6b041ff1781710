"""Where the server listens, and the secret that guards it there."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import stat
import tempfile
from pathlib import Path

from device.config.listen import Address
from device.sinks.outage import NO_ROOM
from edge_digits.errors import ConfigError, EdgeDigitsError

LEAST_TOKEN = 16
"""Characters; a token that somebody chose is no shorter."""

logger = logging.getLogger(__name__)


def bind(address: Address) -> socket.socket:
    """A listening socket. Raises EdgeDigitsError if the address cannot be had."""
    try:
        places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, place = places[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(128)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise EdgeDigitsError(f"web: cannot listen on {address}: {error.strerror or error}") from error
    return listener


def load_token(path: Path) -> tuple[str, bool]:
    """The token in the file ``path``, and whether it was made just now, in a file that only its owner may read.

    On a disk that cannot be written the token lasts as long as this run. Raises ConfigError for a file that others may
    read or that holds no token, EdgeDigitsError if it cannot be made for another reason.
    """
    path = path.expanduser()
    if os.path.lexists(path):
        return _read_token(path), False
    token = secrets.token_urlsafe(24)
    try:
        _write_new(path, token + "\n")
    except FileExistsError:
        return _read_token(path), False
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise EdgeDigitsError(
                f"{path}: the token cannot be written: {error.strerror}; see web.token_file"
            ) from error
        logger.error("%s: cannot be written (%s); the next start has another token", path, error.strerror)
    return token, True


def _write_new(path: Path, text: str) -> None:
    """Make the file whole or not at all: half a token would be refused at every start from then on.

    Raises FileExistsError if there is one by then, which stays as it is, and OSError if it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            raise
        except OSError:
            # Where files have one name only (FAT), an empty file takes the place first, so that none is replaced.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            try:
                Path(name).replace(path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    finally:
        Path(name).unlink(missing_ok=True)


def check_token(path: Path) -> None:
    """Raises as ``load_token`` would, and makes no file: whoever starts the reader is to be shown the new token."""
    path = path.expanduser()
    if os.path.lexists(path):
        _read_token(path)
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        raise EdgeDigitsError(f"{path}: the token cannot be written; see web.token_file")


def _read_token(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            token = file.read(1000).decode("utf-8", "replace").strip()
    except OSError as error:
        raise ConfigError(f"{path}: the token cannot be read: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path}: others may read the token: chmod 600 {path}")
    if len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f"{path}: expected a token of at least {LEAST_TOKEN} letters and digits; remove it for a new")
    return token
