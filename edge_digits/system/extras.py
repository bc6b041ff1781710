"""What the package's extras bring, and one line that says what to install where some of it is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from edge_digits.errors import RuntimeMissingError
from edge_digits.system.install import install_extra

_TRAIN = {"torch": "torch", "safetensors": "safetensors", "matplotlib": "matplotlib", "tqdm": "tqdm"}
_FONTS = {"PIL": "pillow", "fontTools": "fonttools", "brotli": "brotli"}

PACKAGES: dict[str, dict[str, str]] = {
    "device": {"paho": "paho-mqtt"},
    "onnx": {"onnxruntime": "onnxruntime"},
    "web": {
        "starlette": "starlette",
        "uvicorn": "uvicorn",
        "prometheus_client": "prometheus-client",
        "tomlkit": "tomlkit",
    },
    "benchmark": {"matplotlib": "matplotlib", "onnx": "onnx"},
    "peers": {"rapidocr": "rapidocr"},
    "train": {**_TRAIN, **_FONTS},
    "published": {"sklearn": "scikit-learn"},
    "convert": {
        **_TRAIN,
        "onnxruntime": "onnxruntime",
        "onnx": "onnx",
        "onnxscript": "onnxscript",
        "tensorflow": "tensorflow",
        "tf2onnx": "tf2onnx",
    },
}
"""By extra, what is imported and the package that has it."""


def require(who: str, extra: str, modules: Sequence[str] | None = None) -> None:
    """Raises RuntimeMissingError, with what to install, if something of ``extra`` is not installed.

    who: a program, option or file that needs it. modules: those of ``PACKAGES[extra]`` that it needs; None is all.
    """
    for module in PACKAGES[extra] if modules is None else modules:
        if importlib.util.find_spec(module) is None:
            package = PACKAGES[extra][module]
            raise RuntimeMissingError(f"{who}: needs {package}: {install_extra(extra)}")
