"""The page's own files: all read at the start, and found by name among these."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}


def _load() -> dict[str, tuple[bytes, str, str]]:
    """Bytes, type and version of each file."""
    files: dict[str, tuple[bytes, str, str]] = {}
    for file in resources.files("device.web").joinpath("static").iterdir():
        suffix = file.name.rpartition(".")[2]
        if suffix in TYPES:
            data = file.read_bytes()
            files[file.name] = data, TYPES[suffix], f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    return files


FILES = _load()


def page(name: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers with the file ``name``."""

    async def answer(request: Request) -> Response:
        return _answer(request, name)

    return answer


async def static_file(request: Request) -> Response:
    """One of the files below /static."""
    return _answer(request, request.path_params["name"])


def _answer(request: Request, name: str) -> Response:
    if name not in FILES:
        raise HTTPException(404, "no such file")
    data, kind, version = FILES[name]
    # Asked for each time, answered without a body mostly: an update shows at once.
    headers = {"ETag": version, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == version:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kind, headers=headers)
