"""Samples one after another, and what somebody says of each."""

from __future__ import annotations

from pathlib import Path

from edge_digits.charset import DIGITS
from edge_digits.teach.labels import NO_DIGIT, SKIP, SampleRow, add_label, read_labels, read_samples

MEANINGS = {**{digit: digit for digit in DIGITS}, "x": NO_DIGIT, "s": SKIP}
"""Labels by key."""

EXPECTED = "0-9: this digit, x or n: no digit, s: skip, u: undo, arrows: move, q: end"


class Labelling:
    """Goes through the samples of a folder that have no label. Raises LabelError if it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.labels = read_labels(folder)
        self.rows = [row for row in read_samples(folder) if row.file not in self.labels]
        self._place = 0
        self._labelled: list[int] = []

    @property
    def left(self) -> int:
        """How many have no label yet."""
        return sum(row.file not in self.labels for row in self.rows)

    @property
    def row(self) -> SampleRow:
        """The one that is asked about; there is one while any is left."""
        return self.rows[self._place]

    def press(self, key: str) -> str:
        """Do what a key means, as ``edge_digits.cli.keys`` names them. Returns what to tell: the label, what was taken
        back, or which keys there are. Raises LabelError, OSError."""
        if key in ("left", "right"):
            self._place = (self._place + (1 if key == "right" else -1)) % len(self.rows)
            return self.labels.get(self.row.file, "")
        if key == "u":
            return self._undo()
        if key not in MEANINGS:
            return EXPECTED
        label = MEANINGS[key]
        add_label(self._folder, self.row.file, label)
        self.labels[self.row.file] = label
        self._labelled.append(self._place)
        following = [*range(self._place + 1, len(self.rows)), *range(self._place)]
        self._place = next((n for n in following if self.rows[n].file not in self.labels), self._place)
        return label

    def _undo(self) -> str:
        if not self._labelled:
            return "there is nothing to undo"
        self._place = self._labelled.pop()
        add_label(self._folder, self.row.file, "")
        label = self.labels.pop(self.row.file, "")
        return f"{label} is taken back"


def in_words(row: SampleRow) -> str:
    """What is known of a sample, for people."""
    read = f"read as {row.read}, {100 * row.confidence:.0f} % sure" if row.read else "not read"
    return ", ".join(filter(None, [read, row.why, row.region]))
