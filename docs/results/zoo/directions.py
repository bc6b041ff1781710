"""A network that others trained: RapidOCR's classifier of which way up a line of text lies (a MobileNetV3, PaddleOCR),
and printed lines to judge it on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx

from docs.results.zoo.data import Part

NAME = "text direction (RapidOCR)"
_HEIGHT, _WIDTH = 48, 192
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_COUNTS = {"calibration": 200, "held out": 500, "test": 1_000}


def classifier(path: Path) -> onnx.ModelProto:
    """The file ``ch_ppocr_mobile_v2.0_cls_*.onnx`` of the package rapidocr or rapidocr-onnxruntime, with its size."""
    model = onnx.load(path)
    shape = model.graph.input[0].type.tensor_type.shape
    for place, length in ((0, None), (2, _HEIGHT), (3, _WIDTH)):
        shape.dim[place].Clear()
        if length is None:
            shape.dim[place].dim_param = "batch"
        else:
            shape.dim[place].dim_value = length
    return model


def lines() -> dict[str, Part]:
    """Calibration, held out and test: inputs (N, 3, 48, 192) in -1..1, labels 0 upright, 1 on its head."""
    made = {}
    for seed, (name, count) in enumerate(_COUNTS.items()):
        random = np.random.default_rng(seed)
        turned = random.integers(0, 2, count)
        made[name] = Part(np.stack([_line(bool(one), random) for one in turned]), turned)
    return made


def _line(turned: bool, random: np.random.Generator) -> np.ndarray:
    words = "".join(random.choice(list("234579ABDEFGJKLPQRTacdefghkmnrty"), int(random.integers(6, 11))))
    picture = np.full((_HEIGHT, _WIDTH, 3), int(random.integers(150, 256)), np.uint8)
    place = int(random.integers(2, 12)), int(random.integers(30, 40))
    ink = (int(random.integers(0, 90)),) * 3
    font, scale = _FONTS[int(random.integers(len(_FONTS)))], float(random.uniform(0.7, 1.2))
    cv2.putText(picture, words, place, font, scale, ink, int(random.integers(1, 3)), cv2.LINE_AA)
    grainy = np.clip(picture + random.normal(0, 6, picture.shape), 0, 255)
    upright = (grainy.astype(np.float32) / 255 - 0.5) / 0.5
    return (upright[::-1, ::-1] if turned else upright).transpose(2, 0, 1).astype(np.float32)
