"""The API's paths of samples, their labels, and what is learned of them."""

from __future__ import annotations

from device.web.api.description.operations import BINARY, answers, get, json_body
from device.web.api.description.schemas import BOX, TEXT, Schema, list_schema, object_schema, or_null, reference
from device.web.api.samples import MOST_TEXT, MOST_TYPED, TYPED
from edge_digits.teach.labels import LABELS


def teach_paths() -> Schema:
    """By path."""
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
            **get(
                "samples", "What was collected", json, object_schema({"samples": list_schema(reference("Sample"))}), 400
            ),
            "delete": {
                "operationId": "deleteSamples",
                "summary": "Delete all samples and labels; what was learned stays",
                "responses": answers(json, object_schema({"deleted": count}), 400, 409, what="How many there were"),
            },
        },
        "/api/samples/line": {
            "post": {
                "operationId": "labelLine",
                "summary": "Label the digits of a line of a frame: what was read where, and what is written there",
                "requestBody": json_body(object_schema(line)),
                "responses": answers(json, labelled, 400, 408, 413, 415, what="How many are labelled"),
            }
        },
        "/api/samples/{file}/picture": get(
            "samplePicture", "A sample and the paper around it", "image/png", BINARY, 400, 404, parameters=[file]
        ),
        "/api/samples/{file}/label": {
            "put": {
                "operationId": "label",
                "summary": "Say what a sample is",
                "parameters": [file],
                "requestBody": json_body(object_schema({"label": label})),
                "responses": answers(
                    json,
                    object_schema({"file": TEXT, "label": or_null({"type": "string", "enum": list(LABELS)})}),
                    *(400, 404, 408, 413, 415),
                    what="It is labelled.",
                ),
            }
        },
        "/api/teach": {
            **get("teaching", "How teaching goes", json, reference("Teaching"), 400),
            "post": {
                "operationId": "teach",
                "summary": "Have the reader learn what was labelled, unless it is learning",
                "responses": answers(json, reference("Teaching"), 400, what="How it goes"),
            },
            "delete": {
                "operationId": "undoTeaching",
                "summary": "Have the reader read as it ships",
                "responses": answers(
                    json,
                    object_schema({"undone": {"type": "boolean"}}),
                    400,
                    409,
                    what="Whether it had learned anything",
                ),
            },
        },
    }
