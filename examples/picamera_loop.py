"""Numbers from a Raspberry Pi's camera as they change: python examples/picamera_loop.py [FRAMES]"""

import itertools
import sys

from picamera2 import Picamera2

import edge_digits

camera = Picamera2()
# Picamera2's RGB888 is blue, green, red in memory, as OpenCV has it.
camera.configure(camera.create_video_configuration(main={"size": (1280, 960), "format": "RGB888"}))
camera.start()
reader, last = edge_digits.open_reader(), []
for _ in range(int(sys.argv[1])) if len(sys.argv) > 1 else itertools.count():
    texts = [line.text for line in reader.read(camera.capture_array()).lines]
    if texts != last:
        print(*texts, sep="\n", end="\n\n", flush=True)
    last = texts
camera.stop()
