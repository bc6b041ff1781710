"""Other ways to read digits in pictures, to compare with: the extra ``peers``.

Each runs with one thread and the settings that serve it best here; docs/results/benchmarks.md says which and why.
"""
