"""The API in OpenAPI 3.1, written by hand: a framework that derives it would bring a compiled validator and 20 MB of
memory to a Pi. ``tests/device/web/test_web_openapi.py`` holds every answer against it."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from device.guard.by_hand import MOST_CHARACTERS
from device.sinks.sink import LATEST_TIME
from device.web.api.record import MOST_ROWS
from device.web.api.samples import MOST_TEXT, MOST_TYPED, TYPED
from device.web.api.schemas import (
    BOX,
    NUMBER,
    SHARE,
    TEXT,
    Schema,
    list_schema,
    object_schema,
    or_null,
    reference,
    schemas,
)
from device.web.guard import COOKIE
from edge_digits.teach.labels import LABELS

BINARY: Schema = {"type": "string", "format": "binary"}

OUTCOMES = {
    400: "The request is wrong; the error says how.",
    401: "The token is missing or wrong.",
    403: "Another site's page or another host's name asks.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    409: "The file was changed meanwhile, or the reader is being taught.",
    413: "Too many bytes or pixels, or too much work.",
    415: "The Content-Type is none that is taken.",
    422: "The picture cannot be read; the error says why.",
    500: "Something went wrong here.",
    501: "The runtime for this model is not installed.",
    503: "Too much at once, or what is asked for is not there now.",
}


def description(secured: bool) -> Schema:
    """The whole description. secured: whether the token is asked for."""
    try:
        version = metadata.version("edge-digits")
    except metadata.PackageNotFoundError:
        version = "0"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Edge Digits",
            "version": version,
            "description": "Handwritten numbers from a camera. What changes state is taken from the page's own origin "
            "and from programs only.",
        },
        "paths": _paths(),
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        **({"security": [{"bearer": []}, {"cookie": []}]} if secured else {}),
    }


def _query(name: str, schema: Schema, what: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": what}


def _filters() -> list[Schema]:
    time = {"type": "number", "minimum": 0, "maximum": LATEST_TIME}
    return [
        _query("kind", {"type": "string", "enum": ["readings", "refusals"]}, "what; readings if it is not given"),
        _query("region", TEXT, "of this region only; empty for the whole picture"),
        _query("since", time, "seconds since the epoch"),
        _query("until", time, "seconds since the epoch"),
    ]


def _answers(kind: str, schema: Schema | None, *statuses: int, success: int = 200, what: str = "It is done.") -> Schema:
    good: Schema = {"description": what}
    if schema is not None:
        good["content"] = {kind: {"schema": schema}}
    errors = {"application/json": {"schema": reference("Error")}}
    return {
        str(success): good,
        **{str(s): {"description": OUTCOMES[s], "content": errors} for s in sorted({401, 403, 503, *statuses})},
    }


def _get(name: str, summary: str, kind: str, schema: Schema, *statuses: int, **more: Any) -> Schema:
    answers = _answers(kind, schema, *statuses, what=summary)
    return {"get": {"operationId": name, "summary": summary, "responses": answers, **more}}


def _json_body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _paths() -> Schema:
    json, binary = "application/json", BINARY
    regions = list_schema(reference("Region"), maxItems=50)
    limit = _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "the newest so many; 200")
    picture_id = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    reading = object_schema({"text": TEXT, "value": or_null(NUMBER), "confidence": SHARE, "reason": or_null(TEXT)})
    saved = object_schema({"saved": {"type": "boolean"}, "text": TEXT}, why=TEXT, version=TEXT)
    have = object_schema({"regions": list_schema(reference("Region")), "version": or_null(TEXT), "file": or_null(TEXT)})
    entries = object_schema(
        {
            "recorded": {"type": "boolean"},
            "regions": list_schema(or_null(TEXT)),
            "titles": {"type": "object", "additionalProperties": TEXT, "description": "of regions that have one"},
            "entries": list_schema(reference("Entry")),
        }
    )
    value = {"type": "number", "minimum": 0, "exclusiveMaximum": 10**MOST_CHARACTERS}
    tried = object_schema(
        {"regions": {"type": "object", "additionalProperties": or_null(reading)}},
    )
    return {
        "/api/read": {
            "post": {
                "operationId": "read",
                "summary": "Read one picture",
                "parameters": [
                    _query("model", TEXT, "a name of /api/models; the one in use if it is not given"),
                    _query("detail", {"type": "string", "enum": ["false", "true"]}, "also what the model saw"),
                ],
                "requestBody": {
                    "required": True,
                    "description": "JPEG, PNG, TIFF, WebP or BMP, up to 16 MB and 40 million pixels",
                    "content": {name: {"schema": binary} for name in ("image/*", "application/octet-stream")},
                },
                "responses": _answers(json, reference("Page"), 400, 404, 408, 413, 415, 422, 501, what="What it says"),
            }
        },
        "/api/read-now": {
            "post": {
                "operationId": "readNow",
                "summary": "Have the camera's numbers read now, and published even if they are what they were",
                "responses": _answers(
                    json,
                    object_schema({"events": list_schema(reference("Event"))}),
                    400,
                    what="What was read; empty if nothing",
                ),
            }
        },
        "/api/models": _get("models", "The models that can be chosen", json, list_schema(reference("Model")), 400),
        "/api/readings": _get("readings", "The newest first", json, entries, 400, parameters=[*_filters(), limit]),
        "/api/readings.csv": _get("csv", "All, as CSV", "text/csv", TEXT, 400, parameters=_filters()),
        "/api/readings/{id}/picture": _get(
            "readingPicture", "The line that was read", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
        "/api/refusals/{id}/picture": _get(
            "picture", "The line that was rejected", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
        "/api/status": _get("status", "How the reader does", json, reference("Status"), 400),
        "/api/aim": _get("aim", "Focus and light of a picture taken now", json, reference("Aim"), 400),
        "/api/frame.jpg": _get("frame", "A picture taken now", "image/jpeg", binary, 400),
        "/api/live.mjpeg": _get(
            "live", "Pictures, endless; X-Frame of each part is its number", "multipart/x-mixed-replace", binary, 400
        ),
        "/api/events": _get(
            "events", "Server-sent events, endless: frame, reading, refusal, summary", "text/event-stream", TEXT, 400
        ),
        "/api/regions": {
            **_get("regions", "The regions where they are now, and the version of their file", json, have, 400),
            "put": {
                "operationId": "save",
                "summary": "Save the regions, as they lie in the present picture, and read them from now on",
                "requestBody": _json_body(object_schema({"regions": regions}, version=or_null(TEXT))),
                "responses": _answers(json, saved, 400, 408, 409, 413, 415, what="Whether they are saved, and why not"),
            },
        },
        "/api/regions/try": {
            "post": {
                "operationId": "try",
                "summary": "What would be read in these regions now",
                "requestBody": _json_body(object_schema({"regions": regions})),
                "responses": _answers(json, tried, 400, 408, 413, 415, 422, what="By region; null if nothing is read"),
            }
        },
        "/api/regions/{name}/value": {
            "put": {
                "operationId": "setValue",
                "summary": "Set a region's last value, with which its next numbers are compared",
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
                "requestBody": _json_body(object_schema({"value": value})),
                "responses": _answers(
                    json, object_schema({"region": TEXT, "value": value}), 400, 404, 408, 413, 415, what="It is set."
                ),
            }
        },
        "/api/geometry": {
            **_get("geometry", "How the picture is turned, mirrored and cropped", json, reference("Geometry"), 400),
            "put": {
                "operationId": "turn",
                "summary": "Save how the picture is turned, mirrored and cropped; the regions are moved along",
                "requestBody": _json_body(reference("Geometry")),
                "responses": _answers(json, saved, 400, 408, 409, 413, 415, what="Whether it is saved, and why not"),
            },
        },
        **_teach_paths(),
        "/api/login": {
            "post": {
                "operationId": "login",
                "summary": "The token in exchange for a cookie",
                "security": [],
                "requestBody": _json_body(object_schema({"token": TEXT})),
                "responses": _answers(json, None, 400, 408, 413, 415, success=204),
            }
        },
        "/healthz": {
            "get": {
                "operationId": "health",
                "summary": "Whether frames are being read; needs no token",
                "security": [],
                "responses": {
                    code: {
                        "description": what,
                        "content": {
                            json: {"schema": object_schema({"status": {"type": "string", "enum": [word]}}, **more)}
                        },
                    }
                    for code, word, what, more in (
                        ("200", "ok", "They are.", {"warning": TEXT}),
                        ("503", "no frames", "They are not.", {}),
                    )
                },
            }
        },
        "/metrics": _get("metrics", "For Prometheus", "text/plain", TEXT),
    }


def _teach_paths() -> Schema:
    """Samples, their labels, and what is learned of them."""
    json = "application/json"
    count = {"type": "integer", "minimum": 0}
    file = {"name": "file", "in": "path", "required": True, "schema": TEXT}
    label = {"type": "string", "enum": ["", *LABELS], "description": "none: no digit; empty takes back what was said"}
    typed = {"type": "string", "pattern": f"^{TYPED.pattern}$", "maxLength": MOST_TYPED}
    side = {"type": "integer", "exclusiveMinimum": -(10**6), "exclusiveMaximum": 10**6}
    line = {"text": {**TEXT, "maxLength": MOST_TEXT}, "box": {**BOX, "items": side}, "digits": typed}
    labelled = object_schema({"labelled": count, "why": {**TEXT, "description": "not all are, if so"}})
    return {
        "/api/samples": {
            **_get(
                "samples", "What was collected", json, object_schema({"samples": list_schema(reference("Sample"))}), 400
            ),
            "delete": {
                "operationId": "deleteSamples",
                "summary": "Delete all samples and labels; what was learned stays",
                "responses": _answers(json, object_schema({"deleted": count}), 400, 409, what="How many there were"),
            },
        },
        "/api/samples/line": {
            "post": {
                "operationId": "labelLine",
                "summary": "Label the digits of a line of a frame: what was read where, and what is written there",
                "requestBody": _json_body(object_schema(line)),
                "responses": _answers(json, labelled, 400, 408, 413, 415, what="How many are labelled"),
            }
        },
        "/api/samples/{file}/picture": _get(
            "samplePicture", "A sample and the paper around it", "image/png", BINARY, 400, 404, parameters=[file]
        ),
        "/api/samples/{file}/label": {
            "put": {
                "operationId": "label",
                "summary": "Say what a sample is",
                "parameters": [file],
                "requestBody": _json_body(object_schema({"label": label})),
                "responses": _answers(
                    json,
                    object_schema({"file": TEXT, "label": or_null({"type": "string", "enum": list(LABELS)})}),
                    *(400, 404, 408, 413, 415),
                    what="It is labelled.",
                ),
            }
        },
        "/api/teach": {
            **_get("teaching", "How teaching goes", json, reference("Teaching"), 400),
            "post": {
                "operationId": "teach",
                "summary": "Have the reader learn what was labelled, unless it is learning",
                "responses": _answers(json, reference("Teaching"), 400, what="How it goes"),
            },
            "delete": {
                "operationId": "undoTeaching",
                "summary": "Have the reader read as it ships",
                "responses": _answers(
                    json,
                    object_schema({"undone": {"type": "boolean"}}),
                    400,
                    409,
                    what="Whether it had learned anything",
                ),
            },
        },
    }
