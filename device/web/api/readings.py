"""Pictures from outside, read by any of the models."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.web.api.metrics import Metrics
from device.web.api.models import KnownModel
from device.web.api.parameters import MOST_UPLOAD, RequestError, body_of, check_names, choice
from device.web.guard import JSON
from device.web.uploads.pool import BusyError, Pool, WorkerError
from edge_digits.system.install import install_extra


async def _read(request: Request) -> Response:
    metrics: Metrics = request.app.state.metrics
    try:
        response = await _read_picture(request)
    except (RequestError, WorkerError, BusyError) as error:
        metrics.uploads.labels("busy" if isinstance(error, BusyError) else "refused").inc()
        raise
    metrics.uploads.labels("read" if response.status_code == 200 else "refused").inc()
    return response


async def _read_picture(request: Request) -> Response:
    check_names(request, {"model", "detail"})
    models: dict[str, KnownModel] = request.app.state.models
    name = request.query_params.get("model", request.app.state.model_in_use)
    model = models.get(name)
    if model is None:
        raise RequestError(404, "no such model; see /api/models")
    if not model.runs:
        raise RequestError(501, f"no runtime for {model.spec.format} is installed: {install_extra('onnx')}")
    detail = choice(request, "detail", ("false", "true")) == "true"
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind != "application/octet-stream":
        raise RequestError(415, "expected the bytes of one picture: Content-Type: image/jpeg or the like")
    pool: Pool = request.app.state.pool
    async with pool.place():
        data = await body_of(request, MOST_UPLOAD)
        began = time.perf_counter()
        answer = await pool.ask({"model": model.opens, "name": "picture", "detail": detail}, data)
        request.app.state.metrics.upload_seconds.observe(time.perf_counter() - began)
    status = answer.pop("status", 200)
    return JSON({"model": name, **answer} if status == 200 else answer, status)


async def _models(request: Request) -> Response:
    check_names(request, set())
    state = request.app.state
    return JSON([model.as_row(name, name == state.model_in_use) for name, model in state.models.items()])


ROUTES = [Route("/api/read", _read, methods=["POST"]), Route("/api/models", _models)]
