"""Who may ask for what: hosts, origins, the token; and the headers that every answer bears."""

from __future__ import annotations

import hashlib
import hmac
import json
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "edge_digits_session"

COOKIE_SECONDS = 90 * 86_400

OPEN = ("/healthz", "/login", "/api/login")
"""What needs no token; and everything below /static, which is the same for everybody."""

PAGES = ("/", "/login", "/teach")
"""What another site may link to, and what leads to the login without a token."""

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def session_of(token: str) -> str:
    """What the cookie holds: proof of the token, from which it cannot be found out."""
    return hmac.new(token.encode(), b"edge-digits session", hashlib.sha256).hexdigest()


def is_token(given: str, token: str) -> bool:
    """Whether they are the same, in a time that does not tell how alike they are."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


class Guard:
    """Wraps ``app``. token: None where only this computer can ask: then the host's name must be one of its own, or a
    page elsewhere could have its own name lead here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app, self.token = app, token
        self._session = None if token is None else session_of(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refusal(scope)
        await (self.app if refused is None else refused)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        path, method = scope["path"], scope["method"]
        safe = method in ("GET", "HEAD", "OPTIONS")
        if self.token is None and _host_name(headers.get("host", "")) not in LOCAL_NAMES:
            return error_response(403, "only this computer may ask; see web.listen")
        if not _is_same_origin(headers, safe, is_page=path in PAGES):
            return error_response(403, "another site's page may not ask")
        if self.token is None or path in OPEN or path.startswith("/static/") or self._is_known(headers):
            return None
        if path in PAGES and safe:
            return RedirectResponse("/login", 303)
        return error_response(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})

    def _is_known(self, headers: Headers) -> bool:
        if self.token is None or self._session is None:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return is_token(given.strip(), self.token)
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and is_token(cookie.value, self._session)


class JSON(Response):
    """JSON in ASCII, because text from outside may hold what UTF-8 does not."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, separators=(",", ":")).encode()


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> JSON:
    """An error in the one form that they all have."""
    return JSON({"error": message}, status, headers)


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_same_origin(headers: Headers, safe: bool, is_page: bool) -> bool:
    """Whether no other site's page sends this. Programs send neither header; browsers one at least with what changes
    state (Fetch, section 3.1; Fetch Metadata, section 2.3)."""
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none") and not (safe and is_page):
        return False
    origin = headers.get("origin")
    if origin is None or (safe and site == "same-origin"):
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == headers.get("host", "")
