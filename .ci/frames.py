"""Frames of the demo camera, always the same, for ``.ci/instructions``, ``.ci/arm64.sh`` and ``.ci/virtcam.sh``.

``frames.py make FILE`` draws twenty; ``frames.py read FILE COUNT`` reads the first COUNT of them; ``frames.py picture
FILE`` draws one as a picture, and ``frames.py pages FOLDER`` one of each of ten pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

WIDTH, HEIGHT = 640, 480


def draw(*numbers: int) -> NDArray[np.uint8]:
    """Frames of these numbers, (count, 480, 640) uint8; a page stays for sixty, and drifts."""
    from device.cameras.demo import DemoCamera
    from device.config.camera import CameraSettings

    camera = DemoCamera(CameraSettings(WIDTH, HEIGHT, 15.0), seed=6)
    return np.stack([camera.photograph(number).image for number in numbers])


def read(path: Path, count: int) -> None:
    """Read ``count`` frames with the default model, after one that warms everything up."""
    from edge_digits.reader import open_reader

    reader = open_reader("auto")
    frames = np.load(path)
    reader.read(frames[0])
    digits = sum(len(line.digits) for frame in frames[:count] for line in reader.read(frame).lines)
    print(f"{count} frames, {digits} digits")


if __name__ == "__main__":
    command, file = sys.argv[1], Path(sys.argv[2])
    if command == "make":
        np.save(file, draw(*range(140, 150), *range(320, 330)))
    elif command == "picture":
        import cv2

        cv2.imwrite(str(file), draw(320)[0], [cv2.IMWRITE_JPEG_QUALITY, 98])
    elif command == "pages":
        import cv2

        file.mkdir(parents=True, exist_ok=True)
        for index, image in enumerate(draw(*range(20, 620, 60))):
            cv2.imwrite(str(file / f"{index}.png"), image)
    else:
        read(file, int(sys.argv[3]))
