"""Draw what was read, and what the reader saw: python examples/seen.py photo.jpg read.png seen.png"""

import sys

import cv2

import edge_digits

seen = []
page = edge_digits.open_reader().read(sys.argv[1], observe=seen.append)
cv2.imwrite(sys.argv[2], page.draw(sys.argv[1]))
look = seen[0]
cv2.imwrite(sys.argv[3], 255 - look.contrast)
print(f"{len(look.candidates)} hypotheses, {len(look.chosen)} of them stand")
