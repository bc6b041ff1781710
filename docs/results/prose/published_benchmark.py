"""The page on the published networks' speed."""

HEAD = """\
# The published networks on a device

Made by `python -m docs.results.benchmarks published RESULTS`; do not edit: these words stand in `docs/results/prose/published_benchmark.py`.

Those of [published.md](published.md) that a device has room for, converted ([published networks](../models/published.md)) and run by the
benchmark ([benchmarks.md](benchmarks.md) says how it measures), with the CNN that ships beside them. `rnn` in float32, since its int8
TFLite file does not pass the gates. A network was trained on the machine's other core meanwhile, and the windows are of one second:
compare the rows, and take no time for more than that. They have no class for ink that is no digit, so on pages they read
everything as one.
"""
