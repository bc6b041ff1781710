"""Compare two outputs of ``edge-digits read --format json`` of the same pictures; exit status 1 if they differ.

Texts must be the same; boxes may differ by a pixel and confidences by 0.05, because int8 scores differ by a unit in the
last place between processors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MOST_PIXELS, MOST_CONFIDENCE = 1, 0.05


def main(one: Path, other: Path) -> int:
    """Say how much was compared and how far apart it is."""
    pairs = list(zip(_rows(one), _rows(other), strict=True))
    same = [[line["text"] for line in a["lines"]] == [line["text"] for line in b["lines"]] for a, b in pairs]
    lines = [pair for a, b in pairs for pair in zip(a["lines"], b["lines"], strict=False)]
    if not lines:
        print("nothing was read")
        return 1
    pixels = max(abs(p - q) for a, b in lines for p, q in zip(a["box"], b["box"], strict=True))
    confidence = max(abs(a["confidence"] - b["confidence"]) for a, b in lines)
    digits = sum(character.isdigit() for a, _ in lines for character in a["text"])
    print(
        f"{sum(same)} of {len(pairs)} pages the same ({len(lines)} lines, {digits} digits);"
        f" boxes differ by {pixels} pixels at most, confidences by {confidence:.4f}"
    )
    return int(not all(same) or pixels > MOST_PIXELS or confidence > MOST_CONFIDENCE)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
