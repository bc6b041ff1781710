"""One frozen Recipe per network: what the command line can override is exactly its fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from edge_digits.errors import ConfigError


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. The photographed counts say how much is made once, through the device's road."""

    epochs: int = _option(30, "passes over the training crops")
    batch: int = _option(256, "crops per step")
    learning_rate: float = _option(4e-3, "peak of the one-cycle schedule (AdamW)")
    weight_decay: float = _option(0.02, "decoupled weight decay")
    label_smoothing: float = _option(0.02, "share of the target spread over all classes, 0..1")
    average: float = _option(0.999, "decay per step of the weights' moving average")
    patience: int = _option(0, "stop after so many epochs without a better validation (0: never)")
    seed: int = _option(1, "of weights, order, crops and augmentation")
    mnist: int = _option(40_000, "MNIST digits photographed, beside all of them plain")
    usps: int = _option(8_000, "USPS digits photographed")
    semeion: int = _option(4_000, "Semeion digits photographed")
    pendigits: int = _option(7_000, "Pendigits digits drawn and photographed")
    strokes: int = _option(25_000, "digits of our own strokes drawn and photographed")
    rejects: int = _option(22_000, "letters, marks, pairs and halves of digits photographed")
    blanks: int = _option(600, "sheets and desks without writing photographed")
    precision: str = _option("auto", "float32, bfloat16, or auto: bfloat16 where it is fast")
    limit: int = _option(0, "at most so many crops of each kind (0: all), for a quick try")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        for name, low, high in (
            ("epochs", 1, 10_000),
            ("batch", 2, 1_000_000),
            ("learning_rate", 1e-9, 10.0),
            ("weight_decay", 0.0, 10.0),
            ("label_smoothing", 0.0, 0.9),
            ("average", 0.0, 0.999999),
            *((name, 0, 2**31 - 1) for name in ("patience", "seed", "limit", *PHOTOGRAPHED)),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"--{name.replace('_', '-')} is {value}, expected {low} to {high}")

        if self.precision not in PRECISIONS:
            raise ConfigError(f"--precision is {self.precision}, expected one of {', '.join(PRECISIONS)}")

    def count(self, kind: str) -> int:
        """How many glyphs or sheets of a kind (one of ``PHOTOGRAPHED``) are wanted."""
        wanted: int = getattr(self, kind)
        most = -(-self.limit // 20) if kind == "blanks" else self.limit
        return min(wanted, most) if self.limit else wanted


PHOTOGRAPHED = ("mnist", "usps", "semeion", "pendigits", "strokes", "rejects", "blanks")
"""The fields of a Recipe that count what is photographed."""

PRECISIONS = ("auto", "float32", "bfloat16")

RECIPES = {
    "cnn": Recipe(),
    "cnn-small": Recipe(learning_rate=6e-3, weight_decay=0.005, label_smoothing=0.0),
}
