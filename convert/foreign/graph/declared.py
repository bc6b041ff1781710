"""What the command line says of a model that its file does not: what it reads, and what its input goes through."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from edge_digits.charset import DIGITS
from edge_digits.runtime.preprocessing import Preprocessing, from_dict


@dataclass(frozen=True)
class Declared:
    """preprocessing: as a spec has it, but its ``invert`` is against the pictures of the samples until they were seen.
    layout: of the input, "NCHW" or "NHWC"; None is told from its shape. size: (height, width) of the input where the
    file leaves it open. charset: the classes, in order. blank_first: whether a line reader's blank is its first class,
    not its last."""

    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    layout: str | None = None
    size: tuple[int, int] | None = None
    charset: str = DIGITS
    blank_first: bool = False

    def as_json(self) -> str:
        """For another process."""
        return json.dumps({**asdict(self), "preprocessing": self.preprocessing.as_dict()})


def from_json(text: str) -> Declared:
    """What ``as_json`` gave."""
    values: dict[str, Any] = json.loads(text)
    size = values.pop("size")
    return Declared(from_dict(values.pop("preprocessing")), size=size and (size[0], size[1]), **values)
