"""What is taken from a request: bounded bodies, and parameters that are checked."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

from starlette.requests import ClientDisconnect, Request

MOST_UPLOAD = 16 * 2**20
"""Bytes of a picture."""

MOST_JSON = 64 * 2**10
"""Bytes of a JSON object."""

UPLOAD_SECONDS = 30.0
"""In which a body must have come."""


class RequestError(Exception):
    """The request is wrong; the answer has this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def body_of(request: Request, most: int) -> bytes:
    """The body. Raises RequestError if it is longer than ``most`` bytes, or slow."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise RequestError(413, f"more than the {most >> 10} kB that are taken")
    data = bytearray()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for part in request.stream():
                data += part
                if len(data) > most:
                    raise RequestError(413, f"more than the {most >> 10} kB that are taken")
    except TimeoutError:
        raise RequestError(408, f"the body did not come within {UPLOAD_SECONDS:g} s") from None
    except ClientDisconnect:
        raise RequestError(400, "the body is cut short") from None
    return bytes(data)


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises RequestError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RequestError(415, "expected Content-Type: application/json")
    try:
        body = json.loads(await body_of(request, MOST_JSON), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RequestError(400, "expected a JSON object") from None
    if not isinstance(body, dict):
        raise RequestError(400, "expected a JSON object")
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def check_names(request: Request, known: set[str]) -> None:
    """Raises RequestError for query parameters other than ``known``, and for one that is given twice."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            raise RequestError(400, f"unknown parameter: expected {', '.join(sorted(known)) or 'none'}")
        if given.count(name) > 1:
            raise RequestError(400, f"{name}: given more than once")


def choice(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """A query parameter that is one of a few; the first if it is not given. Raises RequestError."""
    value = request.query_params.get(name, allowed[0])
    if value not in allowed:
        raise RequestError(400, f"{name}: expected {' or '.join(allowed)}")
    return value


def number(request: Request, name: str, least: float, most: float) -> float | None:
    """A query parameter that is a number, None if it is not given. Raises RequestError."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    # Python reads more as a number than JSON does: underscores, other scripts' digits, blanks.
    if not text.isascii() or set(text) & set("_ \t\r\n\f\v") or not least <= value <= most:
        raise RequestError(400, f"{name}: expected a number from {least:.15g} to {most:.15g}")
    return value


def whole_number(request: Request, name: str, least: int, most: int) -> int | None:
    """A query parameter that is a whole number, None if it is not given. Raises RequestError."""
    value = number(request, name, least, most)
    if value is None:
        return None
    if not value.is_integer():
        raise RequestError(400, f"{name}: expected a whole number")
    return int(value)
