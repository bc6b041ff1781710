"""One frozen Recipe per network: what the command line can override is exactly its fields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from edge_digits.errors import ConfigError


def _option(default: Any, text: str, alone: Any = None) -> Any:
    """alone: what the option means if it stands without a value."""
    return field(default=default, metadata={"help": text, "alone": alone})


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: what digits and lines have in common."""

    epochs: int = _option(30, "passes over the training data")
    batch: int = _option(256, "crops per step, or the widest lines")
    learning_rate: float = _option(6e-3, "peak of the one-cycle schedule (AdamW)")
    weight_decay: float = _option(0.005, "decoupled weight decay")
    average: float = _option(0.999, "decay per step of the weights' moving average")
    patience: int = _option(0, "stop after so many epochs without a better validation (0: never)")
    seed: int = _option(1, "of weights, order, data and augmentation")
    precision: str = _option("auto", "float32, bfloat16, or auto: bfloat16 where it is fast")
    limit: int = _option(0, "at most so many of each kind (0: all), for a quick try")
    qat: int = _option(0, "last epochs that simulate int8; without a number 3", alone=3)
    minutes: float = _option(0.0, "end after so long, the schedule with it (0: all epochs); not reproducible")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        self._check("epochs", 1, 10_000)
        self._check("batch", 2, 1_000_000)
        self._check("learning_rate", 1e-9, 10.0)
        self._check("weight_decay", 0.0, 10.0)
        self._check("average", 0.0, 0.999999)
        for name in ("patience", "seed", "limit"):
            self._check(name, 0, 2**31 - 1)
        self._check("qat", 0, self.epochs - 1)
        self._check("minutes", 0.0, 100_000.0)
        if self.qat and self.minutes:
            raise ConfigError("--qat counts epochs from the last one, which --minutes does not know")
        if self.precision not in PRECISIONS:
            raise ConfigError(f"--precision is {self.precision}, expected one of {', '.join(PRECISIONS)}")

    def _check(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise ConfigError(f"--{name.replace('_', '-')} is {value}, expected {low} to {high}")

    def _limited(self, wanted: int) -> int:
        return min(wanted, self.limit) if self.limit else wanted


@dataclass(frozen=True)
class TileRecipe(Recipe):
    """For what learns hypotheses of synthesized tiles; they lie in the user's cache, and all who use as many share
    them."""

    tiles: int = _option(300_000, "synthesized tiles whose hypotheses are learned")
    validation_tiles: int = _option(4_000, "tiles that choose, of other glyphs, fonts and pictures")
    gigabytes: float = _option(40.0, "the most that tiles may take in the cache")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        super().__post_init__()
        self._check("gigabytes", 0.01, 10_000.0)
        for name in ("tiles", "validation_tiles"):
            self._check(name, 1, 2**31 - 1)

    def wanted_tiles(self, each: int) -> int:
        """How many tiles to learn from, whole shards of ``each`` where all is limited."""
        return min(self.tiles, -(-self.limit // each) * each) if self.limit else self.tiles


@dataclass(frozen=True)
class DigitRecipe(TileRecipe):
    """For single digits. An epoch goes over all bitmaps once, and over as many hypotheses as their share leaves."""

    label_smoothing: float = _option(0.0, "share of the target spread over all classes, 0..1")
    labels: str = _option("", "folder of one hand's labels (edge-digits label) to learn as well")
    plain: float = _option(0.5, "share of an epoch that are bitmaps of the sets as they are, 0..1")
    rejects: float = _option(0.5, "hypotheses that are no single digit, for each that is one")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        super().__post_init__()
        self._check("label_smoothing", 0.0, 0.9)
        self._check("plain", 0.05, 0.95)
        self._check("rejects", 0.05, 20.0)


@dataclass(frozen=True)
class LineRecipe(TileRecipe):
    """For whole lines."""

    single: int = _option(55_000, "MNIST digits as lines of one, as they are")
    plain: int = _option(80_000, "lines of digits that are ink already")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        super().__post_init__()
        self._check("single", 0, 2**31 - 1)
        self._check("plain", 1, 2**31 - 1)

    def counts(self) -> tuple[int, int]:
        """How many single digits and plain lines are wanted."""
        return self._limited(self.single), self._limited(self.plain)


@dataclass(frozen=True)
class JudgeRecipe(TileRecipe):
    """For the judge's stages. An epoch goes over a few shards of hypotheses, whatever there are in all."""

    label_smoothing: float = _option(0.01, "share of the target spread over all classes, 0..1")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        super().__post_init__()
        self._check("label_smoothing", 0.0, 0.9)


@dataclass(frozen=True)
class PageRecipe:
    """For the set network that knows a page's hypotheses beside each other."""

    pages: int = _option(4_000, "synthesized pages whose hypotheses are learned, made by forties")
    seed: int = _option(1, "of the pages and of the network")
    gigabytes: float = _option(40.0, "the most that pages may take in the cache")

    def __post_init__(self) -> None:
        """Raises ConfigError for values that cannot work."""
        for name, low, high in (("pages", 10, 10**7), ("seed", 0, 2**31 - 1), ("gigabytes", 0.01, 10_000.0)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"--{name} is {getattr(self, name)}, expected {low} to {high}")


PRECISIONS = ("auto", "float32", "bfloat16")

_DIGITS = DigitRecipe(epochs=30, tiles=20_000, validation_tiles=2_000)
CNN = replace(_DIGITS, learning_rate=4e-3, weight_decay=0.02, label_smoothing=0.02)
"""Of the network that ships: some 3.8 million crops, 25 minutes of one core that computes in bfloat16."""
CRNN = LineRecipe(
    epochs=8, batch=64, learning_rate=3e-3, single=55_000, plain=80_000, tiles=40_000, validation_tiles=2_000
)
"""Of the line network that ships: some 11,000 steps, 50 minutes of such a core."""

RECIPES: dict[str, DigitRecipe | JudgeRecipe | LineRecipe] = {
    "judge-first": JudgeRecipe(epochs=60, learning_rate=4e-3, weight_decay=0.01, batch=256),
    "judge": JudgeRecipe(epochs=120, learning_rate=4e-3, weight_decay=0.01, batch=256),
    "cnn": CNN,
    "cnn-small": _DIGITS,
    "crnn": CRNN,
    "crnn-lstm": CRNN,
    "crnn-gru": CRNN,
    "crnn-elman": CRNN,
    "crnn-none": CRNN,
}
