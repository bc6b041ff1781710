"""The API in OpenAPI 3.1, written by hand: a framework that derives it would bring a compiled validator and 20 MB of
memory to a Pi. ``tests/device/web/test_web_openapi.py`` holds every answer against it."""

from __future__ import annotations

from importlib import metadata
from typing import Any, get_args

from device.config.regions import MOST_DECIMALS, SEEN, StateClass
from device.config.rules import DEVICE_CLASS, MOST_TITLE, MOST_UNIT
from device.guard.by_hand import MOST_CHARACTERS
from device.sinks.sink import LATEST_TIME
from device.web.api.record import MOST_ROWS
from device.web.guard import COOKIE

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
BOX: Schema = {
    "type": "array",
    "description": "x, y, width, height in pixels",
    "items": {"type": "integer"},
    "minItems": 4,
    "maxItems": 4,
}
OUTCOMES = {
    400: "The request is wrong; the error says how.",
    401: "The token is missing or wrong.",
    403: "Another site's page or another host's name asks.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    409: "The file was changed meanwhile.",
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
            "schemas": _schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        **({"security": [{"bearer": []}, {"cookie": []}]} if secured else {}),
    }


def _object(required: Schema, **optional: Schema) -> Schema:
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Schema]:
    digit = _object({"value": {"type": "integer", "minimum": 0, "maximum": 9}, "confidence": SHARE, "box": BOX})
    line = _object(
        {
            "text": {"type": "string", "description": "digits; a space for a wide gap, ? for ink that is no digit"},
            "confidence": SHARE,
            "box": BOX,
            "digits": _list(digit),
        }
    )
    seen = _object(
        {
            "box": BOX,
            "reason": _or_null(TEXT),
            "pixels": {"type": "string", "description": "a PNG as a data URL: the model's input"},
            "probabilities": {"type": "object", "additionalProperties": SHARE},
        }
    )
    strip = _object(
        {
            "pixels": {"type": "string", "description": "a PNG as a data URL: what a model for lines was given"},
            "symbols": _list(_object({"text": TEXT, "confidence": SHARE})),
        }
    )
    count = {"type": "integer", "minimum": 0}
    counts = _object(dict.fromkeys(("frames", "read", "skipped", "readings", "refusals"), count))
    region = _object(
        {"name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, "box": _region_box()},
        title=_or_null({**TEXT, "minLength": 1, "maxLength": MOST_TITLE}),
        decimals=_or_null({"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST_DECIMALS}, {"const": SEEN}]}),
        unit=_or_null({**TEXT, "minLength": 1, "maxLength": MOST_UNIT}),
        device_class=_or_null({"type": "string", "pattern": f"^{DEVICE_CLASS.pattern}$"}),
        state_class=_or_null({"type": "string", "enum": list(get_args(StateClass))}),
        digits=_or_null({"type": "integer", "minimum": 1, "maximum": 100}),
        range=_or_null({**_list(_or_null(NUMBER), minItems=2, maxItems=2), "description": "least, most; null is open"}),
        change_per_minute=_or_null({"type": "number", "minimum": 0}),
        counter=_or_null({"type": "boolean"}),
        rise_per_hour=_or_null({"type": "number", "minimum": 0}),
        rollover=_or_null({"type": "integer", "minimum": 1, "maximum": 100}),
        min_confidence=_or_null(SHARE),
        accept_after=_or_null({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
    )
    return {
        "Error": _object({"error": TEXT}),
        "Page": _object(
            {
                "model": TEXT,
                "source": TEXT,
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "lines": _list(line),
                "rejected": _list(_object({"box": BOX, "reason": TEXT})),
                "ms": {"type": "number", "description": "that reading took, without decoding the picture"},
            },
            ink=_or_null({"type": "string", "description": "the ink map, a PNG as a data URL; with detail=true"}),
            inputs=_list(seen),
            strips=_list(strip),
        ),
        "Model": _object(
            {
                "name": TEXT,
                "network": TEXT,
                "format": TEXT,
                "precision": TEXT,
                "bytes": {"type": "integer"},
                "input": _list({"type": "integer"}),
                "shipped": {"type": "boolean"},
                "runs": {"type": "boolean", "description": "whether a runtime for it is installed"},
                "in_use": {"type": "boolean"},
                "scores": {"type": "object", "additionalProperties": NUMBER},
            }
        ),
        "Status": _object(
            {
                "healthy": {"type": "boolean"},
                "source": TEXT,
                "model": TEXT,
                "regions": _list(TEXT),
                "has_record": {"type": "boolean"},
                "can_save": {"type": "boolean"},
                "counts": _or_null(counts),
                "frame_rate": _or_null(NUMBER),
                "latency_ms": _or_null(_object({"median": _or_null(NUMBER), "p99": _or_null(NUMBER)})),
                "stages_ms": _or_null({"type": "object", "additionalProperties": NUMBER}),
                "temperature": _or_null(NUMBER),
                "drift": _or_null(_drift()),
                "last_values": _or_null({"type": "object", "additionalProperties": _or_null(NUMBER)}),
                "viewers": {"type": "integer"},
                "pictures_encoded": {"type": "integer"},
            }
        ),
        "Aim": _object(
            {
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "focus": _or_null({"type": "number", "minimum": 0, "maximum": 100}),
                "brightness": NUMBER,
                "light": {"type": "string", "enum": ["too dark", "too bright", "good"]},
                "said": TEXT,
            }
        ),
        "Entry": _object(
            {**_event(), "picture": {"type": "boolean", "description": "whether there is one behind {id}/picture"}}
        ),
        "Event": _object(_event()),
        "Region": region,
        "Geometry": _geometry(),
    }


def _event() -> Schema:
    """What every reading and refusal has."""
    return {
        "id": TEXT,
        "time": {"type": "string", "format": "date-time"},
        "region": _or_null(TEXT),
        "title": {**_or_null(TEXT), "description": "of the region, as it is configured now"},
        "unit": {**_or_null(TEXT), "description": "of the value, likewise"},
        "text": {"type": "string", "description": "as it was read; empty where a number is gone"},
        "value": _or_null({"type": "number", "description": "the text as a number; null if it is none"}),
        "confidence": SHARE,
        "box": BOX,
        "clock": _or_null({"type": "string", "description": "what is wrong with the time"}),
        "frames": _or_null({"type": "integer"}),
        "alert": _or_null(TEXT),
        "reason": _or_null({"type": "string", "description": "why it was rejected"}),
    }


def _drift() -> Schema:
    """Where the regions are, as ``device.scene.status`` has it."""
    corners = _list(_list(NUMBER, minItems=2, maxItems=2), minItems=4, maxItems=4)
    return _object(
        {
            "state": {"type": "string", "enum": ["starting", "cannot tell", "following", "unsure"]},
            "shift": {**_list(NUMBER, minItems=2, maxItems=2), "description": "pixels to the right and down"},
            "turn": {"type": "number", "description": "degrees, clockwise"},
            "outlines": {
                "type": "object",
                "additionalProperties": _object({"box": BOX, "corners": _or_null(corners)}),
                "description": "by region: as it was drawn, and its corners now; null where that is not sure",
            },
            "problem": {**_or_null(TEXT), "description": "what keeps regions from being read"},
        }
    )


def _geometry() -> Schema:
    """How the picture is turned, as ``device.config.camera`` has it."""
    return _object(
        {
            "rotate": {"type": "integer", "enum": [0, 90, 180, 270], "description": "degrees clockwise; done first"},
            "flip": {"type": "string", "enum": ["none", "horizontal", "vertical"], "description": "done second"},
            "crop": _or_null({**BOX, "items": {"type": "integer", "minimum": 0}}),
        },
        version=_or_null(TEXT),
        file=_or_null(TEXT),
    )


def _region_box() -> Schema:
    """A box that a region may have, as ``device.config.settings`` demands."""
    side = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    length = {**side, "minimum": 1}
    return {"type": "array", "prefixItems": [side, side, length, length], "minItems": 4, "maxItems": 4, "items": False}


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
    errors = {"application/json": {"schema": _reference("Error")}}
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
    json, binary = "application/json", {"type": "string", "format": "binary"}
    regions = _list(_reference("Region"), maxItems=50)
    limit = _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "the newest so many; 200")
    picture_id = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    found = _object({"text": TEXT, "value": _or_null(NUMBER), "confidence": SHARE, "reason": _or_null(TEXT)})
    saved = _object({"saved": {"type": "boolean"}, "text": TEXT}, why=TEXT, version=TEXT)
    have = _object({"regions": _list(_reference("Region")), "version": _or_null(TEXT), "file": _or_null(TEXT)})
    entries = _object(
        {
            "recorded": {"type": "boolean"},
            "regions": _list(_or_null(TEXT)),
            "titles": {"type": "object", "additionalProperties": TEXT, "description": "of regions that have one"},
            "entries": _list(_reference("Entry")),
        }
    )
    value = {"type": "number", "minimum": 0, "exclusiveMaximum": 10**MOST_CHARACTERS}
    tried = _object(
        {"regions": {"type": "object", "additionalProperties": _or_null(found)}},
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
                "responses": _answers(json, _reference("Page"), 400, 404, 408, 413, 415, 422, 501, what="What it says"),
            }
        },
        "/api/read-now": {
            "post": {
                "operationId": "readNow",
                "summary": "Have the camera's numbers read now, and published even if they are what they were",
                "responses": _answers(
                    json, _object({"events": _list(_reference("Event"))}), 400, what="What was read; empty if nothing"
                ),
            }
        },
        "/api/models": _get("models", "The models that can be chosen", json, _list(_reference("Model")), 400),
        "/api/readings": _get("readings", "The newest first", json, entries, 400, parameters=[*_filters(), limit]),
        "/api/readings.csv": _get("csv", "All, as CSV", "text/csv", TEXT, 400, parameters=_filters()),
        "/api/readings/{id}/picture": _get(
            "readingPicture", "The line that was read", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
        "/api/refusals/{id}/picture": _get(
            "picture", "The line that was rejected", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
        "/api/status": _get("status", "How the reader does", json, _reference("Status"), 400),
        "/api/aim": _get("aim", "Focus and light of a picture taken now", json, _reference("Aim"), 400),
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
                "requestBody": _json_body(_object({"regions": regions}, version=_or_null(TEXT))),
                "responses": _answers(json, saved, 400, 408, 409, 413, 415, what="Whether they are saved, and why not"),
            },
        },
        "/api/regions/try": {
            "post": {
                "operationId": "try",
                "summary": "What would be read in these regions now",
                "requestBody": _json_body(_object({"regions": regions})),
                "responses": _answers(json, tried, 400, 408, 413, 415, 422, what="By region; null if nothing is read"),
            }
        },
        "/api/regions/{name}/value": {
            "put": {
                "operationId": "setValue",
                "summary": "Set a region's last value, with which its next numbers are compared",
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
                "requestBody": _json_body(_object({"value": value})),
                "responses": _answers(
                    json, _object({"region": TEXT, "value": value}), 400, 404, 408, 413, 415, what="It is set."
                ),
            }
        },
        "/api/geometry": {
            **_get("geometry", "How the picture is turned, mirrored and cropped", json, _reference("Geometry"), 400),
            "put": {
                "operationId": "turn",
                "summary": "Save how the picture is turned, mirrored and cropped; the regions are moved along",
                "requestBody": _json_body(_reference("Geometry")),
                "responses": _answers(json, saved, 400, 408, 409, 413, 415, what="Whether it is saved, and why not"),
            },
        },
        "/api/login": {
            "post": {
                "operationId": "login",
                "summary": "The token in exchange for a cookie",
                "security": [],
                "requestBody": _json_body(_object({"token": TEXT})),
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
                        "content": {json: {"schema": _object({"status": {"type": "string", "enum": [word]}}, **more)}},
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
