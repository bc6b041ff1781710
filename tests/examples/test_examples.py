"""The examples do what their first line says, on a picture that was drawn for them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_digits
from edge_digits.reader import MODELS
from edge_digits.synthesis.page import make_page

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PICAMERA = """
import cv2
class Picamera2:
    def create_video_configuration(self, main): return main
    def configure(self, configuration): self.size = configuration["size"]
    def start(self): pass
    def stop(self): pass
    def capture_array(self): return cv2.imread("page.png")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one picture, of which the numbers 4827 and 350 can be read."""
    path = tmp_path_factory.mktemp("examples")
    page = make_page(np.random.default_rng(1), 640, 480, texts=["4827", "350"], digit_height=60, others=False)
    cv2.imwrite(str(path / "page.png"), page.image)
    return path


def _run(name: str, *arguments: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_photograph_is_read(folder: Path) -> None:
    assert [line.split("  ")[0] for line in _run("photograph.py", "page.png", folder=folder).splitlines()] == [
        "4827",
        "350",
    ]


def test_a_folder_becomes_a_table(folder: Path) -> None:
    rows = list(csv.DictReader(_run("folder_to_csv.py", ".", folder=folder).splitlines()))
    assert [(row["file"], row["text"]) for row in rows] == [("page.png", "4827"), ("page.png", "350")]


def test_a_camera_s_numbers_are_printed_as_they_change(folder: Path) -> None:
    (folder / "picamera2.py").write_text(PICAMERA)
    assert _run("picamera_loop.py", "3", folder=folder).split() == ["4827", "350"]


def test_regions_are_read_each_by_its_name(folder: Path) -> None:
    page = cv2.imread(str(folder / "page.png"), cv2.IMREAD_GRAYSCALE)
    assert page is not None
    meter = np.full((400, 480), 235, np.uint8)
    # The page's two rows, each where the example has a region of 400×120.
    for line, top in zip(edge_digits.open_reader().read(page).lines, (60, 220), strict=True):
        left, middle = max(0, line.box.x - 40), line.box.y + line.box.height // 2
        strip = page[max(0, middle - 60) : middle + 60, left : left + 400]
        meter[top : top + strip.shape[0], 40 : 40 + strip.shape[1]] = strip
    cv2.imwrite(str(folder / "meter.png"), meter)
    assert _run("regions.py", "meter.png", folder=folder).splitlines() == ["day 4827", "night 350"]


def test_a_model_of_ones_own_is_read_with_beside_the_shipped_one(folder: Path) -> None:
    said = _run("own_model.py", str(MODELS / "cnn-float32.tflite"), "page.png", folder=folder)
    assert said.count("4827") == 2


def test_the_least_sure_digit_of_each_line_is_said(folder: Path) -> None:
    said = _run("confidence.py", "page.png", folder=folder).splitlines()
    assert sum("least sure of" in line for line in said) >= 1


def test_what_was_read_and_seen_is_drawn(folder: Path) -> None:
    assert "of them stand" in _run("seen.py", "page.png", "read.png", "seen.png", folder=folder)
    for name in ("read.png", "seen.png"):
        assert cv2.imread(str(folder / name)) is not None


def test_there_are_eight_of_at_most_twenty_lines() -> None:
    programs = sorted(EXAMPLES.glob("*.py"))
    assert len(programs) == 8
    for path in programs:
        assert sum(1 for line in path.read_text().splitlines() if line.strip()) <= 20, path.name
