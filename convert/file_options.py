"""The options of ``python -m convert file MODEL``."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_digits.charset import DIGITS
from edge_digits.runtime.preprocessing import COLOURS

NAME = "file"
ABOUT = "convert a model that was trained elsewhere: ONNX, Keras, PyTorch"
EXAMPLE = "file lenet.keras --samples pictures/ --labels labels.csv --out converted/"
PRECISIONS = ("float32", "int8")
LAYOUTS = ("NCHW", "NHWC")


def add_options(command: argparse.ArgumentParser) -> None:
    """What stands behind ``python -m convert file``."""
    add = command.add_argument
    add("model", metavar="MODEL", help=".onnx, .keras, SavedModel, .pt2, or module:function that gives an nn.Module")
    add("--samples", type=Path, required=True, metavar="FOLDER", help="pictures that calibrate and judge")
    add("--labels", type=Path, metavar="CSV", help="what stands on them: a table with the columns file,label")
    add("--out", type=Path, required=True, metavar="DIR", help="where the files and the report go")
    add("--name", help="of the files (that of MODEL)")
    add("--charset", default=DIGITS, metavar="TEXT", help=f"the classes, in order ({DIGITS})")
    add("--blank", choices=("first", "last"), default="last", help="of a line reader: where CTC's blank is (last)")
    add("--size", metavar="HxW", help="of the input, where MODEL leaves it open: 28x28")
    add("--colour", choices=tuple(COLOURS), default="grey", help="of the input (grey)")
    add("--scale", default="1/255", metavar="X", help="what a pixel, 0 to 255, is multiplied by (1/255)")
    add("--mean", default="0", metavar="X,..", help="what is subtracted then, of all or of each channel (0)")
    add("--std", default="1", metavar="X,..", help="what it is divided by then (1)")
    add("--layout", choices=LAYOUTS, help="of the input (told from its shape)")
    add("--invert", action="store_true", help="the model was trained on the samples' negatives")
    add("--format", default="tflite,onnx", metavar="LIST", help="of tflite, onnx (both)")
    add("--precision", default=",".join(PRECISIONS), metavar="LIST", help=f"of {', '.join(PRECISIONS)} (both)")
    add("--quick", action="store_true", help="a try, with a tenth of the samples")
