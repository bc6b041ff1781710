"""Conversion of the judge: what its networks are calibrated with and judged on, and their gates."""
