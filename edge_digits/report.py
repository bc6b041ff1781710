"""What was read in a picture as one row: for programs a JSON object, for people a few lines of text."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from edge_digits.system.terminal import escaped

if TYPE_CHECKING:
    from edge_digits.page import Page

Row = dict[str, Any]


def page_row(source: str, width: int, height: int, page: Page, seconds: float) -> Row:
    """The row of a picture that was read.

    Boxes are [x, y, width, height] in the pixels of the picture as it is displayed, confidences probabilities in
    0..1; ``turn``, degrees clockwise, is there where the page lay on its side or upside down; ``ms`` is the time that
    reading took, in milliseconds, without loading the file.
    """
    size = {"source": source, "width": width, "height": height}
    return {**size, **page.to_dict(), "ms": round(seconds * 1000, 1)}


def error_row(source: str, message: str) -> Row:
    """The row of a source that could not be read, and why."""
    return {"source": source, "error": message}


def as_json(row: Row) -> str:
    """The row as one line of JSON, in ASCII whatever the names of the files."""
    return json.dumps(row)


def as_text(row: Row) -> str:
    """The row of a picture that was read, for people: its lines with their confidence, and what was not read."""
    lines = [escaped(row["source"])]
    width = max((len(line["text"]) for line in row["lines"]), default=0)
    lines += [f"  {line['text']:<{width}}  {100 * line['confidence']:3.0f} %" for line in row["lines"]]
    if not row["lines"]:
        lines.append("  no digits")
    if "turn" in row:
        lines.append(f"  read turned: the writing lies {row['turn']} degrees clockwise in the picture")
    reasons = Counter(item["reason"] for item in row["rejected"])
    if reasons:
        lines.append("  not read: " + ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))
    return "\n".join(lines)
