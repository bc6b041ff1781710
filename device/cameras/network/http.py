"""Asking a camera over HTTP: user and password as the camera wants them, and an end to every wait."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from device.cameras.network.unreachable import UnreachableError
from device.config.sources import Address
from edge_digits.errors import CameraError

CONNECT_TIMEOUT = 5.0
"""Seconds that a camera has to answer."""

PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Statuses of a camera, or of a proxy before it, that cannot answer now."""

HEADERS = {"User-Agent": "edge-digits", "Accept": "multipart/x-mixed-replace, image/*, */*;q=0.5"}

BROKEN = (OSError, http.client.HTTPException)
"""What reading an answer may raise."""


class HttpClient:
    """Asks one address again and again, one request at a time. ``close`` may be called from another thread: it ends a
    request that waits."""

    def __init__(self, address: Address) -> None:
        self.name = address.name
        self._url = address.url
        self._socket: socket.socket | None = None
        self._closed = False
        self._basic: str | None = None
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        if address.user is not None:
            passwords.add_password(None, address.url, address.user, address.password or "")
        self._opener = urllib.request.build_opener(
            _HTTPHandler(self._opened),
            _HTTPSHandler(self._opened),
            urllib.request.HTTPBasicAuthHandler(passwords),
            _DigestHandler(passwords),
        )

    def get(self, timeout: float = CONNECT_TIMEOUT) -> http.client.HTTPResponse:
        """The answer, whose body is still to come. timeout: seconds that each piece of the body has to come.

        Raises UnreachableError if nothing answers or it says that it cannot now, CameraError if it says no.
        """
        request = urllib.request.Request(self._url, headers=HEADERS)
        if self._basic is not None:
            request.add_unredirected_header("Authorization", self._basic)
        try:
            answer = self._opener.open(request, timeout=CONNECT_TIMEOUT)
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refused(error.code) from None
        except urllib.error.URLError as error:
            raise self._unreachable(error.reason) from None
        except http.client.HTTPException as error:
            raise CameraError(f"{self.name}: no video stream answers there: {in_words(error)}") from None
        except OSError as error:
            raise self._unreachable(error) from None
        except ValueError:
            raise CameraError(f"{self.name}: asks for the password in a way that is not known here") from None
        # A password is sent once it was asked for; then at once, unless that would tell it to whom wants a proof only.
        sent = request.unredirected_hdrs.get("Authorization", "")
        self._basic = sent if sent.startswith("Basic ") else None
        if self._socket is not None:
            self._socket.settimeout(timeout)
        if self._closed:
            answer.close()
            raise CameraError(f"{self.name}: was closed")
        return answer

    def close(self) -> None:
        """End the request that is under way, if there is one."""
        self._closed = True
        sock = self._socket
        if sock is not None:
            # Not through the answer, which a thread that reads has locked; nor through TLS, which would say goodbye.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _opened(self, sock: socket.socket) -> None:
        self._socket = sock

    def _unreachable(self, reason: object) -> CameraError:
        # What answers in another language than TLS is there, and will not learn it.
        kind = CameraError if isinstance(reason, ssl.SSLError) else UnreachableError
        return kind(f"{self.name}: no video stream answers there: {in_words(reason)}")

    def _refused(self, status: int) -> CameraError:
        message = f"{self.name}: the camera answers {status} {http.client.responses.get(status, '')}".rstrip()
        if status in PASSING:
            return UnreachableError(message)
        return CameraError(message + "; check user and password" if status in (401, 403) else message)


def in_words(reason: object) -> str:
    """What went wrong with a connection; never the address, which may hold a password."""
    if isinstance(reason, TimeoutError):
        return "it took too long"
    if isinstance(reason, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "the connection was closed"
    if isinstance(reason, ssl.SSLError):
        return "it does not speak TLS (https)"
    if isinstance(reason, http.client.HTTPException):
        return "it does not speak HTTP"
    return (reason.strerror or type(reason).__name__) if isinstance(reason, OSError) else "it cannot be asked"


class _DigestHandler(urllib.request.HTTPDigestAuthHandler):
    """RFC 7616: SHA-256 too, and passwords in any script."""

    def get_algorithm_impls(self, algorithm: str) -> tuple[Callable[[str], str], Callable[[str, str], str]]:
        """See ``urllib.request``. Raises ValueError for an algorithm that is not known."""
        name = {"MD5": "md5", "SHA-256": "sha256"}.get(algorithm.upper())
        if name is None:
            raise ValueError(algorithm)

        def hashed(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        return hashed, lambda secret, data: hashed(f"{secret}:{data}")


class _HTTPHandler(urllib.request.HTTPHandler):
    """opened: called with the socket of each connection."""

    def __init__(self, opened: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._noted = _noting(http.client.HTTPConnection, opened)

    def http_open(self, req: urllib.request.Request) -> Any:
        """See ``urllib.request``."""
        return self.do_open(self._noted, req)


class _HTTPSHandler(urllib.request.HTTPSHandler):
    """The same over TLS. Cameras sign their certificates themselves, so none is verified."""

    def __init__(self, opened: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._noted = _noting(http.client.HTTPSConnection, opened)
        self._unverified = ssl.create_default_context()
        self._unverified.check_hostname = False
        self._unverified.verify_mode = ssl.CERT_NONE

    def https_open(self, req: urllib.request.Request) -> Any:
        """See ``urllib.request``."""
        return self.do_open(self._noted, req, context=self._unverified)


def _noting(kind: type[http.client.HTTPConnection], opened: Callable[[socket.socket], None]) -> Any:
    """``kind`` that tells of its sockets."""

    class Noting(kind):
        def connect(self) -> None:
            super().connect()
            opened(self.sock)

    return Noting
