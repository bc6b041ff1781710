"""Compare two outputs of ``edge-digits read --format json`` of the same pictures; exit status 1 if they differ.

Digits must be the same, line by line. Scores and filtered pictures differ by a unit in the last place between
processors, so a speck that is nearly a digit may be ``?`` on one and nothing on the other: such lines are counted, and
printed. Boxes may differ by a pixel and confidences by 0.05.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MOST_PIXELS, MOST_CONFIDENCE = 2, 0.05
"""By which boxes and confidences may differ: where rounding makes another threshold's node of a digit the worthier one,
its box is a little wider or narrower."""


def main(one: Path, other: Path) -> int:
    """Say how much was compared and how far apart it is."""
    pairs = list(zip(_rows(one), _rows(other), strict=True))
    same = [[_digits(line) for line in a["lines"]] == [_digits(line) for line in b["lines"]] for a, b in pairs]
    lines = [pair for a, b in pairs for pair in zip(a["lines"], b["lines"], strict=False)]
    if not lines:
        print("nothing was read")
        return 1
    pixels = max(abs(p - q) for a, b in lines for p, q in zip(a["box"], b["box"], strict=True))
    confidence = max(abs(a["confidence"] - b["confidence"]) for a, b in lines)
    odd = [f"'{a['text']}' and '{b['text']}'" for a, b in lines if a["text"] != b["text"]]
    print(
        f"{sum(same)} of {len(pairs)} pages have the same digits ({len(lines)} lines, "
        f"{sum(len(_digits(a)) for a, _ in lines)} digits); boxes differ by {pixels} pixels at most, confidences by "
        f"{confidence:.4f}; lines that are not the same to the last sign: {', '.join(odd) or 'none'}"
    )
    return int(not all(same) or pixels > MOST_PIXELS or confidence > MOST_CONFIDENCE)


def _digits(line: dict[str, Any]) -> str:
    return "".join(character for character in line["text"] if character.isdigit())


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
