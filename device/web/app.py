"""The ASGI application: what is asked for, and what answers."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.web.api import camera, demand, geometry, readings, record, regions, samples, teach
from device.web.api.description.openapi import description
from device.web.api.metrics import Metrics
from device.web.api.models import find_models, name_of
from device.web.api.parameters import RequestError, json_object
from device.web.guard import COOKIE, COOKIE_SECONDS, JSON, Guard, error_response, is_token, session_of
from device.web.live import Live, TooManyViewersError
from device.web.record import RecordUnavailableError
from device.web.regions_file import ChangedError
from device.web.static_files import page, static_file
from device.web.teaching.job import Job
from device.web.uploads.pool import BusyError, Pool, WorkerError
from edge_digits.errors import ConfigError, EdgeDigitsError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What the camera's process tells the server. Paths come from there and never from a request.

    token: None where only this computer can ask. models: a folder of one's own; config: the TOML file; record: the
    SQLite file; teach: the folder of samples; each None if there is none. regions, geometry: as the run began with
    them. timeout, patience: see ``device.web.live.Live``.
    """

    host: str
    port: int
    token: str | None
    frame_rate: float
    models: str | None
    model: str
    source: str
    timeout: float
    config: str | None
    record: str | None
    regions: list[dict[str, Any]]
    geometry: dict[str, Any]
    patience: float = 5.0
    teach: str | None = None
    debug: bool = False


def make_app(settings: Settings, live: Live, pool: Pool) -> Guard:
    """The application."""
    teaching = Job(None if settings.teach is None else Path(settings.teach), lambda: teach.look_again(live))
    models = find_models(None if settings.models is None else Path(settings.models))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        live.attach()
        yield
        await teaching.close()
        await pool.close()

    app = Starlette(
        routes=[
            Route("/", page("index.html")),
            Route("/login", page("login.html")),
            Route("/teach", page("teach.html")),
            Route("/static/{name}", static_file),
            Route("/openapi.json", _openapi),
            Route("/api/login", _login, methods=["POST"]),
            *camera.ROUTES,
            *demand.ROUTES,
            *geometry.ROUTES,
            *readings.ROUTES,
            *record.ROUTES,
            *regions.ROUTES,
            *samples.ROUTES,
            *teach.ROUTES,
        ],
        exception_handlers={
            HTTPException: _http_error,
            RequestError: _request_error,
            WorkerError: _request_error,
            BusyError: _busy,
            TooManyViewersError: _full,
            RecordUnavailableError: _unavailable,
            ChangedError: _changed,
            ConfigError: _wrong,
            EdgeDigitsError: _unavailable,
            Exception: _failed,
        },
        lifespan=lifespan,
    )
    app.state.settings, app.state.live, app.state.pool = settings, live, pool
    app.state.models, app.state.model_in_use = models, name_of(settings.model, models)
    app.state.metrics = Metrics(live, pool)
    app.state.regions = settings.regions
    app.state.teaching = teaching
    app.state.was_full = False
    return Guard(app, settings.token)


async def _openapi(request: Request) -> Response:
    return JSON(description(secured=request.app.state.settings.token is not None))


async def _login(request: Request) -> Response:
    """Takes the token and gives the cookie."""
    given = (await json_object(request)).get("token")
    token = request.app.state.settings.token
    if not isinstance(given, str):
        raise RequestError(400, "expected the token")
    if token is None or not is_token(given.strip(), token):
        raise RequestError(401, "this is not the token")
    response = Response(status_code=204)
    secure = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, session_of(token), COOKIE_SECONDS, httponly=True, samesite="strict", secure=secure, path="/"
    )
    return response


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    return error_response(error.status_code, str(error.detail).lower(), headers)


async def _request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError | WorkerError)
    return error_response(error.status, str(error))


async def _busy(_: Request, __: Exception) -> Response:
    return error_response(503, "too much at once; try again in a moment", {"Retry-After": "5"})


async def _full(request: Request, error: Exception) -> Response:
    # Once: whoever is sent away comes again in a moment.
    if not request.app.state.was_full:
        request.app.state.was_full = True
        logger.warning("%s: %s (said once)", request.url.path, error)
    return error_response(503, str(error), {"Retry-After": "5"})


async def _unavailable(_: Request, error: Exception) -> Response:
    return error_response(503, str(error))


async def _changed(_: Request, __: Exception) -> Response:
    return error_response(409, "the file was changed by somebody else meanwhile; load the page again")


async def _wrong(_: Request, error: Exception) -> Response:
    return error_response(400, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    shown = error if request.app.state.settings.debug else None
    logger.error("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error, exc_info=shown)
    return error_response(500, "something went wrong; the log says what")
