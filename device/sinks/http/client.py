"""POST requests to one address over a connection that is kept, and what their answers mean."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from device.config.fields import FieldError
from device.config.toml_lines import Key
from device.sinks.delivery import AwayError, RefusedError

MOST_TIMEOUTS = 3.0
"""Times the timeout that a whole request may take: one that trickles does not hang for ever."""

MOST_WAIT = 3600.0
"""Seconds that an answer can ask for."""

MOST_ANSWER = 65_536
"""Bytes of an answer that are read; after a longer one the connection is closed."""

MOST_SHOWN = 200
"""Characters of an answer that are shown."""

REFUSALS = (400, 413, 422)
"""What is said of the content. All else is said of the address, the secret or the moment, and may be mended."""


@dataclass(frozen=True)
class Answer:
    """status, reason: such as 404, "Not Found". text: its beginning, in one line. wait: seconds that it asks for (RFC
    9110, section 10.2.3). location: where a redirection leads, "" for none."""

    status: int
    reason: str
    text: str
    wait: float = 0.0
    location: str = ""


def check(answer: Answer) -> None:
    """Raises RefusedError for an answer that does not want the content, AwayError for all others but success."""
    if 200 <= answer.status < 300:
        return
    message = f"answers {answer.status} {answer.reason}".rstrip()
    if answer.location:
        message += f" (it has moved to {_place(urlsplit(answer.location))})"
    elif answer.text:
        message += f" ({answer.text})"
    if answer.status in REFUSALS:
        raise RefusedError(message)
    raise AwayError(message, answer.wait)


def place(url: str) -> str:
    """``url`` for people: without path and query, which hold secrets at many services."""
    return _place(urlsplit(url))


def _place(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


class Client:
    """For one thread, except that ``abort`` may be called from any.

    Redirections are not followed: they would take the secret elsewhere.
    """

    def __init__(self, url: str, headers: Mapping[str, str], ca_file: Path | None, timeout: float, key: Key) -> None:
        """url: http or https, as the configuration's rules let it pass. headers: of every request. ca_file: the
        certificate authority that signed the other side's certificate; None is the system's. timeout: seconds without a
        sign of life. key: of the table with these settings. Raises FieldError for a file that is no certificate."""
        parts = urlsplit(url)
        self._target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self._headers, self._timeout = dict(headers), timeout
        self._used = False
        host = parts.hostname or ""
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            try:
                context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file.expanduser()))
            except OSError as error:
                raise FieldError((*key, "ca_file"), f"{ca_file}: {error.strerror or error}") from error
            self._connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)

    def connect(self) -> None:
        """Reach the other side, and ask for nothing. Raises AwayError."""
        try:
            self._connection.connect()
        except (OSError, http.client.HTTPException) as error:
            raise AwayError(_in_words(error)) from error

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send ``body``. Raises AwayError if there is no answer."""
        done, late = threading.Event(), threading.Event()
        watchdog = threading.Thread(target=self._watch, args=(done, late), daemon=True)
        watchdog.start()
        try:
            try:
                answer = self._post(body, headers)
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection.close()
                # A connection that was kept may have been closed meanwhile, which shows only when it is used.
                if not self._used or late.is_set():
                    raise
                self._used = False
                answer = self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise AwayError("does not answer in time" if late.is_set() else _in_words(error)) from error
        finally:
            done.set()
        if late.is_set():
            # What was cut off looks like an answer with fewer headers.
            self._connection.close()
            raise AwayError("does not answer in time")
        return answer

    def _watch(self, done: threading.Event, late: threading.Event) -> None:
        """End a request that takes too long, whatever it is at."""
        if not done.wait(MOST_TIMEOUTS * self._timeout):
            late.set()
            while not done.wait(0.05):
                self.abort()

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._connection.request("POST", self._target, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        data = response.read(MOST_ANSWER)
        # The end of an answer in chunks shows when more is wanted.
        if not response.isclosed() and response.read(1):
            self._connection.close()
        self._used = self._connection.sock is not None
        text = " ".join(data.decode("utf-8", "replace").split())[:MOST_SHOWN]
        return Answer(
            response.status,
            response.reason,
            text,
            _seconds(response.headers.get("Retry-After", "")),
            response.headers.get("Location", "") if 300 <= response.status < 400 else "",
        )

    def abort(self) -> None:
        """Have a request that is under way fail."""
        with contextlib.suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self.abort()
        self._connection.close()


def _seconds(wait: str) -> float:
    """Seconds from now that a Retry-After header stands for, 0 for none."""
    try:
        seconds = float(wait) if wait.isdigit() else email.utils.parsedate_to_datetime(wait).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), MOST_WAIT)


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "hangs up without an answer"
    if isinstance(error, http.client.HTTPException):
        return "does not answer as a web server"
    return str(getattr(error, "strerror", None) or error)
