"""What was read until now: the record, or without one what this process remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from device.sinks.sink import LATEST_TIME
from device.web import record
from device.web.api.meaning import meaning, meanings
from device.web.api.parameters import check_names, choice, number, whole_number
from device.web.guard import JSON
from device.web.record import Query, RecordUnavailableError

MOST_ROWS = 5000
"""Of one answer in JSON."""


async def _readings(request: Request) -> Response:
    check_names(request, {"kind", "region", "since", "until", "limit"})
    query = _query(request, whole_number(request, "limit", 1, MOST_ROWS) or 200)
    path = _path(request)
    if path is None:
        rows = _remembered(request, query)
        names = sorted({event["region"] for event in request.app.state.live.recent}, key=lambda name: name or "")
    else:
        rows = await run_in_threadpool(lambda: list(record.entries(path, query)))
        names = await run_in_threadpool(record.regions, path)
    known = meanings(request.app.state.regions)
    titles = {name: known[name]["title"] for name in names if name in known and known[name]["title"] is not None}
    entries = [row | known.get(row["region"], meaning(None)) for row in rows]
    return JSON({"recorded": path is not None, "regions": names, "titles": titles, "entries": entries})


async def _csv(request: Request) -> Response:
    check_names(request, {"kind", "region", "since", "until"})
    query = _query(request, None)
    path = _path(request)
    if path is None:
        raise RecordUnavailableError("there is no record; see [record] in the configuration")
    headers = {"Content-Disposition": f'attachment; filename="{"refusals" if query.refused else "readings"}.csv"'}
    parts = iterate_in_threadpool(record.as_csv(path, query))
    # What cannot be read shows with the first part, while the status can still say so.
    first = await anext(parts)

    async def everything() -> AsyncIterator[str]:
        yield first
        async for part in parts:
            yield part

    return StreamingResponse(everything(), media_type="text/csv; charset=utf-8", headers=headers)


async def _picture(request: Request) -> Response:
    check_names(request, set())
    path, id = _path(request), request.path_params["id"]
    refused = request.url.path.startswith("/api/refusals/")
    data = None if path is None else await run_in_threadpool(record.picture, path, id, refused)
    if data is None:
        raise HTTPException(404, "no such picture")
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


def _query(request: Request, limit: int | None) -> Query:
    return Query(
        refused=choice(request, "kind", ("readings", "refusals")) == "refusals",
        region=request.query_params.get("region"),
        since=number(request, "since", 0, LATEST_TIME),
        until=number(request, "until", 0, LATEST_TIME),
        limit=limit,
    )


def _path(request: Request) -> Path | None:
    path = request.app.state.settings.record
    return None if path is None else Path(path)


def _remembered(request: Request, query: Query) -> list[dict[str, Any]]:
    """What ``query`` finds among the newest readings and refusals."""
    rows: list[dict[str, Any]] = []
    for event in reversed(request.app.state.live.recent):
        taken = datetime.fromisoformat(event["time"]).timestamp()
        if (event["type"] == "refusal") != query.refused:
            continue
        if query.region is not None and (event["region"] or "") != query.region:
            continue
        if not (query.since or 0.0) <= taken < (LATEST_TIME if query.until is None else query.until):
            continue
        blank = {"clock": None, "frames": None, "alert": None, "reason": None, "picture": False}
        rows.append({key: value for key, value in (blank | event).items() if key != "type"})
    return rows[: query.limit]


ROUTES = [
    Route("/api/readings", _readings),
    Route("/api/readings.csv", _csv),
    Route("/api/readings/{id}/picture", _picture),
    Route("/api/refusals/{id}/picture", _picture),
]
