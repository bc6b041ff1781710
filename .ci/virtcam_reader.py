"""``edge-digits-camera`` on libcamera's virtual camera, run by ``.ci/virtcam.sh``: ``virtcam_reader.py ARGUMENT…``.

The real picamera2 with two changes, because it is made for Raspberry Pi sensors: the virtual camera has no raw stream,
and its buffers have more than one plane.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from picamera2 import Picamera2
from picamera2.allocators import LibcameraAllocator

from device.__main__ import main

_open = Picamera2.__init__


def _open_virtual(self: Any, camera_num: int = 0) -> None:
    allocator = LibcameraAllocator(None)
    _open(self, camera_num, allocator=allocator)
    allocator.camera = self.camera


Picamera2.__init__ = _open_virtual
Picamera2._get_raw_modes = lambda self: [{"format": "NV12", "size": (640, 480)}]

status = main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.flush()
# libcamera's virtual camera may not come to an end once its manager is taken down.
os._exit(status)
