"""What stands around the table of ways from ONNX to TFLite."""

from __future__ import annotations

PACKAGES = ("tensorflow-cpu", "torch", "onnx", "onnxruntime", "onnx2tf")

HEAD = """# From ONNX to TFLite: which way

Made by `python -m docs.results.routes`; do not edit. It tries six small networks as others build them in each way that is
installed: *walk*, this project's own (`convert/export/from_onnx/`), and the package onnx2tf."""

READING = """Differences are from ONNX Runtime's scores of the float graph, on 20 inputs of noise; that of int8 as a share of the
greatest score. Untrained networks have small scores, so a share looks worse than it is. Seconds are of processor time,
for both files, TensorFlow's start included."""

CHOICE = """## What was chosen, and why

**walk** makes the files of `python -m convert file`.

| way | installs beside TensorFlow 2.21, NumPy 2.4 and torch 2.13 | |
|---|---|---|
| walk | nothing more | takes the nodes of a small table, and names what it does not know by layer |
| onnx2tf 1.28.8 | itself, onnx-graphsurgeon, sng4onnx, onnxsim, psutil, tf-keras, and for tf-keras a second TensorFlow (`tensorflow` beside `tensorflow-cpu`); its own metadata names none of them | versions 2 need Python 3.12, and this project runs on 3.11 |
| litert-torch (formerly ai-edge-torch) | pip finds no version that does | from torch alone, not from ONNX; onnx2torch, which installs, leads there |
| Keras's and TensorFlow's own converter | nothing more | for Keras files alone; these go through ONNX like all others, so that what changes a graph's weights serves both formats |

Keras files and SavedModels become ONNX by tf2onnx 1.17, which needs nothing that this project does not have but requests."""
