"""A folder of pictures becomes a table, a row for each line: python examples/folder_to_csv.py scans/ > numbers.csv"""

import csv
import sys
from pathlib import Path

import edge_digits

reader = edge_digits.open_reader()
table = csv.writer(sys.stdout)
table.writerow(["file", "text", "confidence", "x", "y", "width", "height"])
for path in sorted(Path(sys.argv[1]).iterdir()):
    if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
        for line in reader.read(path).lines:
            table.writerow([path.name, line.text, f"{line.confidence:.3f}", *line.box.as_list()])
