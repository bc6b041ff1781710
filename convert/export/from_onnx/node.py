"""A node of an ONNX graph with what goes into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from convert.errors import ConversionError
from convert.export.from_onnx.values import Value, in_order


@dataclass(frozen=True)
class Node:
    """proto: as it stands in the graph. optional: its inputs, None where one is left out."""

    proto: onnx.NodeProto
    optional: tuple[Value | None, ...]

    @property
    def inputs(self) -> tuple[Value, ...]:
        """Those that are given."""
        return tuple(value for value in self.optional if value is not None)

    @property
    def outputs(self) -> Sequence[str]:
        """The names of its results."""
        return self.proto.output

    def given(self, place: int) -> Value | None:
        """The input at ``place``, None where it is left out."""
        return self.optional[place] if place < len(self.optional) else None

    def attribute(self, name: str, default: Any) -> Any:
        """An attribute as Python has it."""
        for attribute in self.proto.attribute:
            if attribute.name == name:
                return onnx.helper.get_attribute_value(attribute)
        return default

    def integers(self, place: int, name: str, default: Sequence[int]) -> list[int]:
        """What newer operator sets give as an input and older ones as an attribute. Raises ConversionError if it is
        computed."""
        value = self.given(place)
        if value is None:
            return [int(number) for number in self.attribute(name, default)]
        return [int(number) for number in np.atleast_1d(self._known(value, name))]

    def number(self, place: int, name: str, default: float | None) -> float | None:
        """The same of a single number."""
        value = self.given(place)
        if value is None:
            return self.attribute(name, default)
        return float(self._known(value, name).reshape(-1)[0])

    def constant(self) -> NDArray[Any]:
        """What a node Constant holds."""
        attribute = self.proto.attribute[0]
        if attribute.name == "value":
            return numpy_helper.to_array(attribute.t)
        return np.asarray(onnx.helper.get_attribute_value(attribute))

    def _known(self, value: Value, name: str) -> NDArray[Any]:
        if not value.is_constant:
            raise ConversionError(f"{name} is computed while the network runs")
        return np.asarray(in_order(value))
