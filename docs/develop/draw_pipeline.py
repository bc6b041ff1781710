"""Draw pipeline.png, a frame stage by stage, and ../guide/demo.png, a page as it was read.

``python docs/develop/draw_pipeline.py``
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

DOCS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(DOCS.parent))

from edge_digits.io.draw import overlay  # noqa: E402
from edge_digits.proposals.hypotheses import find_nodes  # noqa: E402
from edge_digits.proposals.maps import full_maps  # noqa: E402
from edge_digits.reader import open_reader  # noqa: E402
from edge_digits.synthesis.page import make_page  # noqa: E402
from train.digits.cut_out import cut_out  # noqa: E402

WIDTH, HEIGHT, MARGIN, TITLE = 640, 480, 16, 40
TEXTS = ("48 102 7", "3065 91", "2750", "88 643", "19", "7324 6")


def _titled(picture: np.ndarray, title: str) -> np.ndarray:
    """The picture (H, W) or (H, W, 3) in colour, with a margin and a title above."""
    colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    framed = cv2.copyMakeBorder(colour, TITLE, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    cv2.putText(framed, title, (MARGIN, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (40, 40, 40), 1, cv2.LINE_AA)
    return framed


def _crops(crops: list[np.ndarray]) -> np.ndarray:
    """The crops side by side, on a picture of the same size as the others."""
    columns, side, gap = 10, 56, 6
    sheet = np.full((HEIGHT, WIDTH), 235, np.uint8)
    for index, crop in enumerate(crops[: columns * 7]):
        y, x = 10 + index // columns * (side + gap), 10 + index % columns * (side + gap)
        sheet[y : y + side, x : x + side] = 255 - cv2.resize(crop, (side, side), interpolation=cv2.INTER_NEAREST)
    return sheet


def main(seed: int = 20) -> None:
    """Read one made-up page and draw each step."""
    reader = open_reader("cnn")
    grey = make_page(
        np.random.default_rng(seed), WIDTH, HEIGHT, kind="ruled", texts=TEXTS, digit_height=34, others=False
    ).image
    page = reader.read(grey)
    contrast = full_maps(grey)[-1].contrast
    nodes = find_nodes(contrast)
    hypotheses = cv2.cvtColor(255 - contrast // 2, cv2.COLOR_GRAY2BGR)
    for x, y, width, height in zip(nodes.x, nodes.y, nodes.width, nodes.height, strict=True):
        cv2.rectangle(hypotheses, (int(x), int(y)), (int(x + width), int(y + height)), (160, 40, 160), 1)
    boxes = [digit.box for line in page.lines for digit in line.digits]
    for box in boxes:
        cv2.rectangle(hypotheses, (box.x, box.y), (box.right, box.bottom), (40, 140, 20), 2)
    steps = [
        _titled(grey, "1  grey frame"),
        _titled(255 - contrast, "2  contrast, ruling divided out"),
        _titled(hypotheses, "3  hypotheses, and those that stand"),
        _titled(_crops(list(cut_out(grey, boxes))), "4  what the CNN sees, 28 x 28 each"),
    ]
    reading = _titled(overlay(grey, page.lines, page.rejected), "5  what was read")
    blank = np.full_like(reading, 255)
    lines = [f"{line.text}   ({line.confidence:.2f})" for line in page.lines]
    for index, text in enumerate(lines[:12]):
        cv2.putText(blank, text, (MARGIN, 80 + 36 * index), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 1, cv2.LINE_AA)
    rows = [np.hstack(steps[:3]), np.hstack([steps[3], reading, blank])]
    stages = cv2.resize(np.vstack(rows), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(DOCS / "develop" / "pipeline.png"), stages)
    cv2.imwrite(str(DOCS / "guide" / "demo.png"), overlay(grey, page.lines, page.rejected))


if __name__ == "__main__":
    main()
