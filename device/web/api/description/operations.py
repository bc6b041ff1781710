"""Parts of the API's description that its paths share."""

from __future__ import annotations

from typing import Any

from device.web.api.description.schemas import Schema, reference

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


def query(name: str, schema: Schema, what: str) -> Schema:
    """A parameter of the address."""
    return {"name": name, "in": "query", "schema": schema, "description": what}


def answers(kind: str, schema: Schema | None, *statuses: int, success: int = 200, what: str = "It is done.") -> Schema:
    """What a request is answered with: ``success`` and a schema, or nothing, and the errors ``statuses``."""
    good: Schema = {"description": what}
    if schema is not None:
        good["content"] = {kind: {"schema": schema}}
    errors = {"application/json": {"schema": reference("Error")}}
    return {
        str(success): good,
        **{str(s): {"description": OUTCOMES[s], "content": errors} for s in sorted({401, 403, 503, *statuses})},
    }


def get(name: str, summary: str, kind: str, schema: Schema, *statuses: int, **more: Any) -> Schema:
    """A path that is read."""
    responses = answers(kind, schema, *statuses, what=summary)
    return {"get": {"operationId": name, "summary": summary, "responses": responses, **more}}


def json_body(schema: Schema) -> Schema:
    """What is sent with a request."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}
