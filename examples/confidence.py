"""Read only what is sure enough for one digit in a hundred to be wrong: python examples/confidence.py photo.jpg"""

import sys

import edge_digits

page = edge_digits.open_reader(max_error=0.01).read(sys.argv[1])
for line in page.lines:
    unsure = min(line.digits, key=lambda digit: digit.confidence)
    print(f"{line.text}  least sure of {unsure.value} at {unsure.box.as_list()}: {unsure.confidence:.1%}")
for rejected in page.rejected:
    print(f"not read at {rejected.box.as_list()}: {rejected.reason}")
