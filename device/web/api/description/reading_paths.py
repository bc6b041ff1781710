"""The API's paths of pictures that are read, and of what was read."""

from __future__ import annotations

from device.sinks.sink import LATEST_TIME
from device.web.api.description.operations import BINARY, answers, get, query
from device.web.api.description.schemas import TEXT, Schema, list_schema, object_schema, or_null, reference
from device.web.api.record import MOST_ROWS


def reading_paths() -> Schema:
    """By path."""
    json, binary = "application/json", BINARY
    limit = query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "the newest so many; 200")
    picture_id = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    entries = object_schema(
        {
            "recorded": {"type": "boolean"},
            "regions": list_schema(or_null(TEXT)),
            "titles": {"type": "object", "additionalProperties": TEXT, "description": "of regions that have one"},
            "entries": list_schema(reference("Entry")),
        }
    )
    return {
        "/api/read": {
            "post": {
                "operationId": "read",
                "summary": "Read one picture",
                "parameters": [
                    query("model", TEXT, "a name of /api/models; the one in use if it is not given"),
                    query("detail", {"type": "string", "enum": ["false", "true"]}, "also what the model saw"),
                ],
                "requestBody": {
                    "required": True,
                    "description": "JPEG, PNG, TIFF, WebP or BMP, up to 16 MB and 40 million pixels",
                    "content": {name: {"schema": binary} for name in ("image/*", "application/octet-stream")},
                },
                "responses": answers(json, reference("Page"), 400, 404, 408, 413, 415, 422, 501, what="What it says"),
            }
        },
        "/api/read-now": {
            "post": {
                "operationId": "readNow",
                "summary": "Have the camera's numbers read now, and published even if they are what they were",
                "responses": answers(
                    json,
                    object_schema({"events": list_schema(reference("Event"))}),
                    400,
                    what="What was read; empty if nothing",
                ),
            }
        },
        "/api/models": get("models", "The models that can be chosen", json, list_schema(reference("Model")), 400),
        "/api/readings": get("readings", "The newest first", json, entries, 400, parameters=[*_filters(), limit]),
        "/api/readings.csv": get("csv", "All, as CSV", "text/csv", TEXT, 400, parameters=_filters()),
        "/api/readings/{id}/picture": get(
            "readingPicture", "The line that was read", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
        "/api/refusals/{id}/picture": get(
            "picture", "The line that was rejected", "image/jpeg", binary, 400, 404, parameters=[picture_id]
        ),
    }


def _filters() -> list[Schema]:
    time = {"type": "number", "minimum": 0, "maximum": LATEST_TIME}
    return [
        query("kind", {"type": "string", "enum": ["readings", "refusals"]}, "what; readings if it is not given"),
        query("region", TEXT, "of this region only; empty for the whole picture"),
        query("since", time, "seconds since the epoch"),
        query("until", time, "seconds since the epoch"),
    ]
