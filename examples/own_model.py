"""Read with a model file of one's own beside the shipped one: python examples/own_model.py MODEL.tflite photo.jpg"""

import sys

import edge_digits

for model in ("cnn", sys.argv[1]):
    page = edge_digits.open_reader(model).read(sys.argv[2])
    print(model)
    for line in page.lines:
        print(f"  {line.text}  {line.confidence:.0%}")
