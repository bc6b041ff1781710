"""The API in OpenAPI 3.1, written by hand: a framework that derives it would bring a compiled validator and 20 MB of
memory to a Pi. ``tests/device/web/test_web_openapi.py`` holds every answer against it."""

from __future__ import annotations

from importlib import metadata

from device.web.api.description.camera_paths import camera_paths
from device.web.api.description.reading_paths import reading_paths
from device.web.api.description.schemas import Schema, schemas
from device.web.api.description.setup_paths import setup_paths
from device.web.api.description.teach_paths import teach_paths
from device.web.guard import COOKIE


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
        "paths": {**reading_paths(), **camera_paths(), **setup_paths(), **teach_paths()},
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        **({"security": [{"bearer": []}, {"cookie": []}]} if secured else {}),
    }
