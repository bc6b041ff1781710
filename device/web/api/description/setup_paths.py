"""The API's paths that set up what is read: regions, and how the picture lies."""

from __future__ import annotations

from device.guard.by_hand import MOST_CHARACTERS
from device.web.api.description.operations import answers, get, json_body
from device.web.api.description.schemas import (
    NUMBER,
    SHARE,
    TEXT,
    Schema,
    list_schema,
    object_schema,
    or_null,
    reference,
)


def setup_paths() -> Schema:
    """By path."""
    json = "application/json"
    regions = list_schema(reference("Region"), maxItems=50)
    reading = object_schema({"text": TEXT, "value": or_null(NUMBER), "confidence": SHARE, "reason": or_null(TEXT)})
    saved = object_schema({"saved": {"type": "boolean"}, "text": TEXT}, why=TEXT, version=TEXT)
    have = object_schema({"regions": list_schema(reference("Region")), "version": or_null(TEXT), "file": or_null(TEXT)})
    value = {"type": "number", "minimum": 0, "exclusiveMaximum": 10**MOST_CHARACTERS}
    tried = object_schema(
        {"regions": {"type": "object", "additionalProperties": or_null(reading)}},
    )
    return {
        "/api/regions": {
            **get("regions", "The regions where they are now, and the version of their file", json, have, 400),
            "put": {
                "operationId": "save",
                "summary": "Save the regions, as they lie in the present picture, and read them from now on",
                "requestBody": json_body(object_schema({"regions": regions}, version=or_null(TEXT))),
                "responses": answers(json, saved, 400, 408, 409, 413, 415, what="Whether they are saved, and why not"),
            },
        },
        "/api/regions/try": {
            "post": {
                "operationId": "try",
                "summary": "What would be read in these regions now",
                "requestBody": json_body(object_schema({"regions": regions})),
                "responses": answers(json, tried, 400, 408, 413, 415, 422, what="By region; null if nothing is read"),
            }
        },
        "/api/regions/{name}/value": {
            "put": {
                "operationId": "setValue",
                "summary": "Set a region's last value, with which its next numbers are compared",
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
                "requestBody": json_body(object_schema({"value": value})),
                "responses": answers(
                    json, object_schema({"region": TEXT, "value": value}), 400, 404, 408, 413, 415, what="It is set."
                ),
            }
        },
        "/api/geometry": {
            **get("geometry", "How the picture is turned, mirrored and cropped", json, reference("Geometry"), 400),
            "put": {
                "operationId": "turn",
                "summary": "Save how the picture is turned, mirrored and cropped; the regions are moved along",
                "requestBody": json_body(reference("Geometry")),
                "responses": answers(json, saved, 400, 408, 409, 413, 415, what="Whether it is saved, and why not"),
            },
        },
    }
