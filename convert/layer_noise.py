"""Which layers quantization hurts: what a report names when a gate fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.runtime.tflite import interpreter_module


@dataclass(frozen=True)
class LayerNoise:
    """signal_to_noise: of one layer's result in int8 against float, in dB; lower is worse."""

    layer: str
    signal_to_noise: float


def worst_layers(float_path: Path, int8_path: Path, pixels: NDArray[np.uint8], count: int = 3) -> list[LayerNoise]:
    """The ``count`` layers of an int8 .tflite that quantization hurts most, worst first.

    float_path: the float32 .tflite of the same network. pixels: (N, height, width) uint8.
    """
    clean, noisy = _layer_results(float_path, pixels), _layer_results(int8_path, pixels)
    ratios = [
        LayerNoise(name, 10 * float(np.log10((a**2).sum() / max(((a - b) ** 2).sum(), 1e-12))))
        for (name, a), (_, b) in zip(clean, noisy, strict=True)
        if a.any()
    ]
    return sorted(ratios, key=lambda item: item.signal_to_noise)[:count]


def _layer_results(path: Path, pixels: NDArray[np.uint8]) -> list[tuple[str, NDArray[np.float64]]]:
    """Per weighted layer its number and type, and its results for all ``pixels``, dequantized."""
    runtime = interpreter_module()
    interpreter = runtime.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=runtime.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    layers = [op for op in interpreter._get_ops_details() if op["op_name"] in ("CONV_2D", "FULLY_CONNECTED")]
    results: list[list[NDArray[np.float64]]] = [[] for _ in layers]
    for image in pixels:
        value = image[None, :, :, None]
        interpreter.set_tensor(source["index"], value if source["dtype"] == np.uint8 else (value / 255).astype("f4"))
        interpreter.invoke()
        for place, op in enumerate(layers):
            index = op["outputs"][0]
            scale, zero_point = details[index]["quantization"]
            raw = interpreter.get_tensor(index).astype(np.float64)
            results[place].append((raw - zero_point) * scale if scale else raw)
    return [
        (f"{place + 1} ({op['op_name']})", np.concatenate(found))
        for place, (op, found) in enumerate(zip(layers, results, strict=True))
    ]
