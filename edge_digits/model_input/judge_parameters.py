"""What the judge's input depends on; travels in the specs of its two networks, which are trained behind it."""

from __future__ import annotations

from dataclasses import asdict

from edge_digits.model_input import normalize
from edge_digits.model_input.context import FULL_INK, OUTSIDE
from edge_digits.model_input.ink import PAPER
from edge_digits.model_input.views import SETTINGS
from edge_digits.proposals import component_tree

VERSION = 1
"""Counts what changes the judge's input and is no parameter: how contrast is measured, nodes are found, views cut."""

FIRST_CHANNELS, CHANNELS = 2, 4
"""Of the first stage's input, near and far; and of the second's: own ink, near, own pixels there, and far."""


def parameters() -> dict[str, float]:
    """The parameters as they stand in a spec."""
    tree = asdict(component_tree.SETTINGS)
    return {
        "version": VERSION,
        **asdict(SETTINGS),
        "outside": OUTSIDE,
        "full_ink": FULL_INK,
        "paper": PAPER,
        **{f"tree_{name}": tree[name] for name in ("lowest", "ratio", "steps")},
        **{f"ink_{name}": value for name, value in normalize.parameters().items()},
    }
