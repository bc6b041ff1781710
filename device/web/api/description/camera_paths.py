"""The API's paths of the camera's pictures and of how the reader does."""

from __future__ import annotations

from device.web.api.description.operations import BINARY, answers, get, json_body
from device.web.api.description.schemas import TEXT, Schema, object_schema, reference


def camera_paths() -> Schema:
    """By path."""
    json, binary = "application/json", BINARY
    return {
        "/api/status": get("status", "How the reader does", json, reference("Status"), 400),
        "/api/aim": get("aim", "Focus and light of a picture taken now", json, reference("Aim"), 400),
        "/api/frame.jpg": get("frame", "A picture taken now", "image/jpeg", binary, 400),
        "/api/live.mjpeg": get(
            "live", "Pictures, endless; X-Frame of each part is its number", "multipart/x-mixed-replace", binary, 400
        ),
        "/api/events": get(
            "events", "Server-sent events, endless: frame, reading, refusal, summary", "text/event-stream", TEXT, 400
        ),
        "/api/login": {
            "post": {
                "operationId": "login",
                "summary": "The token in exchange for a cookie",
                "security": [],
                "requestBody": json_body(object_schema({"token": TEXT})),
                "responses": answers(json, None, 400, 408, 413, 415, success=204),
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
        "/metrics": get("metrics", "For Prometheus", "text/plain", TEXT),
    }
