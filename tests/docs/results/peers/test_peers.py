"""Other readers beside ours: what can be tested without installing them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tqdm", reason="needs the extra peers")

from docs.results.peers import __main__ as program
from docs.results.peers import demo, document, opening
from docs.results.peers.compare import Comparison, Reader, compare
from docs.results.peers.demo import DemoReader
from docs.results.peers.install_size import closure, installed_bytes
from docs.results.peers.ocr import rows
from docs.results.peers.opening import OURS
from docs.results.peers.pictures import NONE, PAGES, PHOTOGRAPHS
from docs.results.peers.readers import load_sight
from docs.results.peers.worker import Answer
from edge_digits.errors import ModelError, RuntimeMissingError
from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.reader import MODELS
from edge_digits.synthesis.page import make_page


def corners(x: float, y: float, width: float = 50, height: float = 20) -> list[list[float]]:
    """A box as RapidOCR gives it."""
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def test_boxes_side_by_side_are_one_row_left_to_right() -> None:
    found = [(corners(100, 12), "45"), (corners(0, 60), "678"), (corners(0, 10), "123")]
    assert rows(found) == ["123 45", "678"]


def test_the_demo_reads_rows_from_left_to_right(tmp_path: Path) -> None:
    page = make_page(np.random.default_rng(3), texts=["12345", "678"], digit_height=50, kind="plain", others=False)
    cv2.imwrite(str(tmp_path / "page.png"), page.image)
    # Any network with a batch of one picture will do; ours has a class more, which is never the likeliest here.
    reader = DemoReader(str(MODELS / "cnn-float32.tflite"))
    assert reader.read(load_sight(str(tmp_path / "page.png"))) == ["12345", "678"]


def test_the_demo_needs_a_network(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        DemoReader(str(tmp_path / "missing.onnx"))
    (tmp_path / "broken.tflite").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be run"):
        DemoReader(str(tmp_path / "broken.tflite"))


def test_a_peer_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeMissingError, match="apt install tesseract-ocr"):
        opening.open_picture_reader("tesseract", "")
    with pytest.raises(RuntimeMissingError, match="no reader is called 'other'"):
        opening.open_picture_reader("other", "")


def test_readers_see_a_picture_in_colour_as_it_is_displayed(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), (10, 20, 200), np.uint8))
    sight = load_sight(str(tmp_path / "a.png"))
    assert sight.colour.shape == (*sight.grey.shape, 3)
    assert sight.colour[0, 0].tolist() == [10, 20, 200]


def test_contours_of_impossible_sizes_are_no_digits() -> None:
    ink = np.zeros((200, 200), np.uint8)
    ink[10:12, 10:12] = ink[50:90, 50:70] = ink[150:160, 5:195] = 255
    assert [box.as_list() for box in demo._boxes(ink)] == [[50, 50, 20, 40]]


def test_a_requirement_of_a_requirement_is_installed_with_it() -> None:
    assert {"edge-digits", "numpy", "ai-edge-litert"} <= closure("edge-digits")
    size = installed_bytes("edge-digits")
    assert size is not None and size > 10_000_000
    assert installed_bytes("demo-cnn") is None


def test_readers_read_the_same_pictures_in_turns_and_those_without_their_network_are_named(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "negatives").mkdir(parents=True)
    page = make_page(np.random.default_rng(3), texts=["12345", "678"], digit_height=50, kind="plain", others=False)
    cv2.imwrite(str(photos / "page.png"), page.image)
    cv2.imwrite(str(photos / "negatives" / "none.png"), np.full((200, 200), 220, np.uint8))
    label = '{"lines": [%s], "repo": "a", "part": "check"}'
    (photos / "labels.json").write_text('{"page.png": %s}' % (label % '"12345", "678"'))
    (photos / "negatives.json").write_text('{"none.png": %s}' % (label % ""))
    result = compare(tmp_path, None, (OURS, "demo-cnn"))
    assert [reader.name for reader in result.readers] == [OURS]
    assert result.left_out == {"demo-cnn": "no network was given (--demo-cnn FILE)"}
    assert result.answers[PHOTOGRAPHS][OURS][0].lines == ("12345", "678")
    assert result.answers[NONE][OURS][0].lines == ()
    assert len(result.answers[PAGES][OURS]) == len(result.pictures[PAGES]) > 0


def test_errors_stand_beside_ours_with_the_difference_and_how_much_longer_it_took() -> None:
    pictures = [LabelledPicture(Path(f"{k}.png"), ("12",), source=str(k)) for k in range(6)]
    ours = [Answer(("12",), 0.01)] * 6
    theirs = [Answer(("1",), 0.3)] * 6
    readers = (Reader(OURS, 50_000_000, None), Reader("rapidocr", None, 300_000_000))
    result = Comparison(readers, {}, {PHOTOGRAPHS: pictures}, {PHOTOGRAPHS: {OURS: ours, "rapidocr": theirs}})
    first, second = document.errors(result, PHOTOGRAPHS).splitlines()[-2:]
    assert first.split(" | ")[1:3] == ["0.0 (0.0 to 0.0)", "–"]
    assert second.split(" | ")[1:3] == ["50.0 (50.0 to 50.0)", "+50.0 (+50.0 to +50.0)"]
    assert second.split(" | ")[-2:] == ["300.0", "30.0 |"]
    assert "| rapidocr | – | 300 |" in document.costs(result)


@pytest.mark.parametrize(
    ("names", "complaint"), [("other", "no reader is called 'other'"), ("rapidocr", "must be among them")]
)
def test_readers_that_are_not_there_are_named(names: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--readers", names]) == 2
    assert complaint in capsys.readouterr().err
