"""Read a photograph: python examples/photograph.py photo.jpg"""

import sys

import edge_digits

page = edge_digits.open_reader().read(sys.argv[1])
for line in page.lines:
    print(f"{line.text}  {line.confidence:.0%}")
if not page.lines:
    print("no digits")
