"""MobileNets by their published layers with random weights, as float32 TFLite files, and inferences with one of them,
for ``.ci/arm64_instructions``: what others have timed on Raspberry Pis.

``mobilenets.py make FOLDER`` (with tensorflow) writes four; ``mobilenets.py invoke FILE COUNT`` runs one COUNT times,
after once that warms up.
"""

from __future__ import annotations

import sys
from pathlib import Path


def make(folder: Path) -> None:
    """Write them into ``folder``."""
    import tensorflow as tf

    known = tf.keras.applications
    makers = {
        "mobilenet-v1": known.MobileNet,
        "mobilenet-v2": known.MobileNetV2,
        "mobilenet-v3-large": lambda **given: known.MobileNetV3Large(include_preprocessing=False, **given),
        "mobilenet-v3-small": lambda **given: known.MobileNetV3Small(include_preprocessing=False, **given),
    }
    for name, maker in makers.items():
        # With a batch of its own size XNNPACK need not prepare for others.
        network = maker(weights=None, input_tensor=tf.keras.Input(batch_shape=(1, 224, 224, 3)))
        (folder / f"{name}.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(network).convert())


def invoke(file: str, count: int) -> None:
    """Run a file with one thread."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(file, num_threads=1)
    interpreter.allocate_tensors()
    for _ in range(count + 1):
        interpreter.invoke()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        invoke(sys.argv[2], int(sys.argv[3]))
