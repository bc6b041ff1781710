"""The set that ``edge-digits accuracy`` reads is made by one command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from convert import accuracy_set
from edge_digits.accuracy.sample_set import PATH, load_samples
from edge_digits.io import mnist

DATA = Path(os.environ.get("EDGE_DIGITS_DATA", Path(__file__).parents[3] / "shared" / "data"))


def test_the_set_that_ships_is_what_the_command_makes(tmp_path: Path) -> None:
    if not (DATA / "MNIST").is_dir():
        pytest.skip("MNIST is not in the data folder")
    made, shipped = load_samples(accuracy_set.make(DATA, tmp_path / PATH.name)), load_samples()
    images, _ = mnist.load("test", DATA)
    assert (made.digits == shipped.digits).all() and (made.labels == shipped.labels).all()
    assert {image.tobytes() for image in made.digits} <= {image.tobytes() for image in images}
    assert [one.lines for one in made.lines + made.tiles] == [one.lines for one in shipped.lines + shipped.tiles]
