"""JSON schemas of what the API takes and gives, and what makes them."""

from __future__ import annotations

from typing import Any, get_args

from device.config.regions import MOST_DECIMALS, SEEN, StateClass
from device.config.rules import DEVICE_CLASS, MOST_TITLE, MOST_UNIT
from edge_digits.teach.labels import LABELS

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


def object_schema(required: Schema, **optional: Schema) -> Schema:
    """An object with these properties, those of ``required`` always, and no others."""
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def list_schema(items: Schema, **limits: int) -> Schema:
    """limits: ``minItems`` and ``maxItems``."""
    return {"type": "array", "items": items, **limits}


def or_null(schema: Schema) -> Schema:
    """What it describes, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def reference(name: str) -> Schema:
    """To one of ``schemas``."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Schema]:
    """By name, those that answers and requests refer to."""
    digit = object_schema({"value": {"type": "integer", "minimum": 0, "maximum": 9}, "confidence": SHARE, "box": BOX})
    line = object_schema(
        {
            "text": {"type": "string", "description": "digits; a space for a wide gap, ? for ink that is no digit"},
            "confidence": SHARE,
            "box": BOX,
            "digits": list_schema(digit),
        }
    )
    seen = object_schema(
        {
            "box": BOX,
            "reason": or_null(TEXT),
            "pixels": {"type": "string", "description": "a PNG as a data URL: the model's input"},
            "probabilities": {"type": "object", "additionalProperties": SHARE},
        }
    )
    strip = object_schema(
        {
            "pixels": {"type": "string", "description": "a PNG as a data URL: what a model for lines was given"},
            "symbols": list_schema(object_schema({"text": TEXT, "confidence": SHARE})),
        }
    )
    count = {"type": "integer", "minimum": 0}
    counts = object_schema(dict.fromkeys(("frames", "read", "skipped", "readings", "refusals"), count))
    region = object_schema(
        {"name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, "box": _region_box()},
        title=or_null({**TEXT, "minLength": 1, "maxLength": MOST_TITLE}),
        decimals=or_null({"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST_DECIMALS}, {"const": SEEN}]}),
        unit=or_null({**TEXT, "minLength": 1, "maxLength": MOST_UNIT}),
        device_class=or_null({"type": "string", "pattern": f"^{DEVICE_CLASS.pattern}$"}),
        state_class=or_null({"type": "string", "enum": list(get_args(StateClass))}),
        digits=or_null({"type": "integer", "minimum": 1, "maximum": 100}),
        range=or_null(
            {**list_schema(or_null(NUMBER), minItems=2, maxItems=2), "description": "least, most; null is open"}
        ),
        change_per_minute=or_null({"type": "number", "minimum": 0}),
        counter=or_null({"type": "boolean"}),
        rise_per_hour=or_null({"type": "number", "minimum": 0}),
        rollover=or_null({"type": "integer", "minimum": 1, "maximum": 100}),
        min_confidence=or_null(SHARE),
        accept_after=or_null({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
    )
    return {
        "Error": object_schema({"error": TEXT}),
        "Page": object_schema(
            {
                "model": TEXT,
                "source": TEXT,
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "lines": list_schema(line),
                "rejected": list_schema(object_schema({"box": BOX, "reason": TEXT})),
                "ms": {"type": "number", "description": "that reading took, without decoding the picture"},
            },
            ink=or_null({"type": "string", "description": "the ink map, a PNG as a data URL; with detail=true"}),
            inputs=list_schema(seen),
            strips=list_schema(strip),
        ),
        "Model": object_schema(
            {
                "name": TEXT,
                "network": TEXT,
                "format": TEXT,
                "precision": TEXT,
                "bytes": {"type": "integer"},
                "input": list_schema({"type": "integer"}),
                "shipped": {"type": "boolean"},
                "runs": {"type": "boolean", "description": "whether a runtime for it is installed"},
                "in_use": {"type": "boolean"},
                "scores": {"type": "object", "additionalProperties": NUMBER},
            }
        ),
        "Status": object_schema(
            {
                "healthy": {"type": "boolean"},
                "source": TEXT,
                "model": TEXT,
                "regions": list_schema(TEXT),
                "has_record": {"type": "boolean"},
                "can_save": {"type": "boolean"},
                "collects": {"type": "boolean", "description": "whether samples are kept; see /api/samples"},
                "counts": or_null(counts),
                "frame_rate": or_null(NUMBER),
                "latency_ms": or_null(object_schema({"median": or_null(NUMBER), "p99": or_null(NUMBER)})),
                "stages_ms": or_null({"type": "object", "additionalProperties": NUMBER}),
                "temperature": or_null(NUMBER),
                "drift": or_null(_drift()),
                "last_values": or_null({"type": "object", "additionalProperties": or_null(NUMBER)}),
                "viewers": {"type": "integer"},
                "pictures_encoded": {"type": "integer"},
            }
        ),
        "Aim": object_schema(
            {
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "focus": or_null({"type": "number", "minimum": 0, "maximum": 100}),
                "brightness": NUMBER,
                "light": {"type": "string", "enum": ["too dark", "too bright", "good"]},
                "said": TEXT,
            }
        ),
        "Entry": object_schema(
            {**_event(), "picture": {"type": "boolean", "description": "whether there is one behind {id}/picture"}}
        ),
        "Event": object_schema(_event()),
        "Region": region,
        "Geometry": _geometry(),
        "Sample": _sample(),
        "Teaching": _teaching(),
    }


def _event() -> Schema:
    """What every reading and refusal has."""
    return {
        "id": TEXT,
        "time": {"type": "string", "format": "date-time"},
        "region": or_null(TEXT),
        "title": {**or_null(TEXT), "description": "of the region, as it is configured now"},
        "unit": {**or_null(TEXT), "description": "of the value, likewise"},
        "text": {"type": "string", "description": "as it was read; empty where a number is gone"},
        "value": or_null({"type": "number", "description": "the text as a number; null if it is none"}),
        "confidence": SHARE,
        "box": BOX,
        "clock": or_null({"type": "string", "description": "what is wrong with the time"}),
        "frames": or_null({"type": "integer"}),
        "alert": or_null(TEXT),
        "reason": or_null({"type": "string", "description": "why it was rejected"}),
    }


def _sample() -> Schema:
    """A digit that was collected, as ``edge_digits.teach.labels`` has it."""
    return object_schema(
        {
            "file": {**TEXT, "description": "its name, behind which /picture and /label are"},
            "read": {**TEXT, "description": "the digit that was read; empty where none was"},
            "confidence": SHARE,
            "why": {**TEXT, "description": "it was collected"},
            "region": or_null(TEXT),
            "time": {"type": "string", "format": "date-time"},
            "box": {**BOX, "description": "of the sample in its picture: x, y, width, height in pixels"},
            "label": or_null({"type": "string", "enum": list(LABELS)}),
        }
    )


def _teaching() -> Schema:
    """How teaching goes."""
    return object_schema(
        {
            "state": {"type": "string", "enum": ["idle", "running", "done", "failed"]},
            "seconds": or_null(NUMBER),
            "taken": or_null({"type": "boolean", "description": "whether the reader reads by it"}),
            "summary": {**or_null(TEXT), "description": "what it came to, in lines for people"},
            "is_taught": {"type": "boolean", "description": "whether there is anything to undo"},
        }
    )


def _drift() -> Schema:
    """Where the regions are, as ``device.scene.status`` has it."""
    corners = list_schema(list_schema(NUMBER, minItems=2, maxItems=2), minItems=4, maxItems=4)
    return object_schema(
        {
            "state": {"type": "string", "enum": ["starting", "cannot tell", "following", "unsure"]},
            "shift": {**list_schema(NUMBER, minItems=2, maxItems=2), "description": "pixels to the right and down"},
            "turn": {"type": "number", "description": "degrees, clockwise"},
            "outlines": {
                "type": "object",
                "additionalProperties": object_schema({"box": BOX, "corners": or_null(corners)}),
                "description": "by region: as it was drawn, and its corners now; null where that is not sure",
            },
            "problem": {**or_null(TEXT), "description": "what keeps regions from being read"},
        }
    )


def _geometry() -> Schema:
    """How the picture is turned, as ``device.config.camera`` has it."""
    return object_schema(
        {
            "rotate": {"type": "integer", "enum": [0, 90, 180, 270], "description": "degrees clockwise; done first"},
            "flip": {"type": "string", "enum": ["none", "horizontal", "vertical"], "description": "done second"},
            "crop": or_null({**BOX, "items": {"type": "integer", "minimum": 0}}),
        },
        version=or_null(TEXT),
        file=or_null(TEXT),
    )


def _region_box() -> Schema:
    """A box that a region may have, as ``device.config.settings`` demands."""
    side = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    length = {**side, "minimum": 1}
    return {"type": "array", "prefixItems": [side, side, length, length], "minItems": 4, "maxItems": 4, "items": False}
