"""Only parts of a picture, each with its name: python examples/regions.py meter.jpg"""

import sys

import edge_digits

REGIONS = {"day": (40, 60, 400, 120), "night": (40, 220, 400, 120)}  # left, top, width, height in pixels

picture = edge_digits.load_image(sys.argv[1])
reader = edge_digits.open_reader()
for name, (x, y, width, height) in REGIONS.items():
    lines = reader.read(picture[y : y + height, x : x + width]).lines
    print(name, lines[0].text if len(lines) == 1 else f"{len(lines)} lines, expected one")
