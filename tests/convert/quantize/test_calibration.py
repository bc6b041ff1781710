"""The calibration set: pictures in, model input out, and no set is taken that lacks something."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from convert.quantize import calibration, calibration_sheets
from convert.quantize.sheets import LIGHTS, PENS
from edge_digits.charset import REJECT
from edge_digits.errors import EdgeDigitsError
from edge_digits.io import mnist

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "calibration_data"
DATA = Path(os.environ.get("EDGE_DIGITS_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped set, to damage."""
    return shutil.copytree(SHIPPED, tmp_path / "set")


def edit(folder: Path, change: Any) -> None:
    """Let ``change`` alter the description in place."""
    path = folder / "labels.json"
    description = json.loads(path.read_text())
    change(description)
    path.write_text(json.dumps(description))


def test_the_shipped_set_holds_all_classes_pens_and_lights() -> None:
    found = calibration.load(SHIPPED)
    calibration.check_variety(SHIPPED, found)
    assert set(found.labels.tolist()) == set(range(REJECT + 1))
    assert found.pens == set(PENS) and found.lights == set(LIGHTS)
    assert found.pixels.shape == (len(found.labels), 28, 28)
    assert found.pixels.min() == 0 and found.pixels.max() == 255


def test_the_shipped_set_is_small_and_keeps_to_the_licence() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 1_000_000
    description = json.loads((SHIPPED / "labels.json").read_text())
    (sheet,) = (s for s in description["sheets"] if s["source"].startswith("MNIST"))
    indices = [digit["index"] for digit in sheet["digits"]]
    assert len(set(indices)) == len(indices) <= 500
    assert "CC BY-SA 3.0" in sheet["licence"] and "LeCun" in sheet["licence"]
    assert "creativecommons.org/licenses/by-sa/3.0" in (SHIPPED / "README.md").read_text()


@pytest.mark.skipif(not (DATA / "MNIST").is_dir(), reason="MNIST is not in the data folder")
def test_mnist_digits_are_the_ones_that_their_indices_say() -> None:
    images, labels = mnist.load("train", DATA)
    description = json.loads((SHIPPED / "labels.json").read_text())
    (sheet,) = (s for s in description["sheets"] if s["source"].startswith("MNIST"))
    picture = cv2.imread(str(SHIPPED / sheet["file"]), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    for digit in sheet["digits"]:
        x, y, w, h = digit["box"]
        assert np.array_equal(picture[y : y + h, x : x + w], images[digit["index"]])
        assert digit["label"] == labels[digit["index"]]


@pytest.mark.skipif(not (DATA / "MNIST").is_dir(), reason="MNIST is not in the data folder")
def test_making_it_twice_gives_the_same_set(tmp_path: Path) -> None:
    calibration_sheets.make(tmp_path / "a", DATA)
    calibration_sheets.make(tmp_path / "b", DATA)
    assert calibration.load(tmp_path / "a").sha256 == calibration.load(tmp_path / "b").sha256


def test_the_hash_changes_with_a_pixel_and_with_a_label(folder: Path) -> None:
    before = calibration.load(folder).sha256
    assert before == calibration.load(SHIPPED).sha256
    path = folder / f"{PENS[0]}-{LIGHTS[0]}.png"
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    picture[0, 0] ^= 1
    cv2.imwrite(str(path), picture)
    after = calibration.load(folder).sha256
    assert after != before
    edit(folder, lambda d: d["sheets"][1]["digits"][0].update(label=10))
    assert calibration.load(folder).sha256 not in (before, after)


def test_a_missing_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeDigitsError, match="no such calibration folder"):
        calibration.load(tmp_path / "nowhere")
    with pytest.raises(EdgeDigitsError, match=r"labels\.json is missing"):
        calibration.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(format=2), "format is 2"),
        (lambda d: d.pop("sheets"), "not the description of a calibration set"),
        (lambda d: d.update(sheets=[]), "0 samples"),
        (lambda d: d["sheets"][0].update(file="gone.png"), r"gone\.png: no such file"),
        (lambda d: d["sheets"][0].update(kind="colour"), "expected grey or ink"),
        (lambda d: d["sheets"][0]["digits"][0].update(label=11), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(box=[1, 2, 3]), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(box=["0", "0", "28", "28"]), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(box=[0.5, 0, 28, 28]), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(box=[float("inf"), 0, 28, 28]), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(box="1234"), "wrong label or box"),
        (lambda d: d["sheets"][0]["digits"][0].update(label=3.5), "wrong label or box"),
        (lambda d: d["sheets"][0].update(file=["mnist.png"]), "expected the name of a picture"),
        (lambda d: d["sheets"][0]["digits"][0].update(box=[9000, 0, 28, 28]), "is outside mnist.png"),
        (lambda d: d.update(sheets=d["sheets"][:1]), "none of: not a digit"),
        (lambda d: d.update(sheets=d["sheets"][1:3]), r"46 samples;"),
    ],
)
def test_a_wrong_description_is_refused_in_one_line(folder: Path, change: Any, said: str) -> None:
    edit(folder, change)
    with pytest.raises(EdgeDigitsError, match=said) as caught:
        calibration.load(folder)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_json_and_one_that_is_no_picture_are_refused(folder: Path) -> None:
    (folder / "mnist.png").write_bytes(b"not a picture")
    with pytest.raises(EdgeDigitsError, match=r"mnist\.png"):
        calibration.load(folder)
    (folder / "labels.json").write_text("{")
    with pytest.raises(EdgeDigitsError, match=r"labels\.json"):
        calibration.load(folder)


def test_pictures_on_which_nothing_is_found_are_refused(folder: Path) -> None:
    for path in folder.glob("*.png"):
        cv2.imwrite(str(path), np.full((400, 600), 0 if path.name == "mnist.png" else 128, np.uint8))
    with pytest.raises(EdgeDigitsError, match="none of: not a digit"):
        calibration.load(folder)


def test_a_set_without_one_pen_lacks_variety(folder: Path) -> None:
    edit(folder, lambda d: d.update(sheets=[s for s in d["sheets"] if s.get("pen") != "pencil"]))
    with pytest.raises(EdgeDigitsError, match="pencil"):
        calibration.check_variety(folder, calibration.load(folder))
