"""The page on time and memory."""

HEAD = """\
# Where time and memory go

Made by `python -m docs.results.measurements page`; do not edit.
"""

IMPORTS = """\
`edge_digits.cli.main` itself loads nothing heavy until it is needed. What reading imports, by `python -X importtime`;
ai-edge-litert's interpreter comes on top when the model is opened, a few milliseconds after numpy is there:
"""

ALONE = """\
"Reading alone" is once more what was read beside the camera, while nothing else runs: the demo camera computes its
pages in Python, and the two wait for each other. Pages with printed lines, words and signs take several times what
plain ones do, which is why the average is lower than the median.
"""
