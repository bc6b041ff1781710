"""``python -m docs.results.published``: what it counts, what it claims, and that it can be made again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

from docs.results.published import __main__ as command_line
from docs.results.published import answers as asking
from docs.results.published import claims
from docs.results.published.answers import PLAIN, Answers, Shot, set_name
from docs.results.published.contestants import Contestant
from docs.results.published.distortions import LEVELS, distorted
from edge_digits.evaluation.ground_truth import LabelledPicture
from tests.train.tiny_data import digit_image, make
from train.digits.crops import Crops
from train.published import __main__ as training
from train.published.recipes import RECIPES

SETS = [PLAIN, *(set_name(kind, level) for kind, (_, levels) in LEVELS.items() for level in levels)]
LABELS = (np.arange(1000) % 10).astype(np.uint8)


@pytest.mark.parametrize("kind", LEVELS)
def test_a_distorted_picture_is_always_the_same_and_more_so_at_higher_levels(kind: str) -> None:
    random = np.random.default_rng(0)
    images = np.stack([digit_image(value, random) for value in range(8)])
    made = [distorted(images, kind, level) for level in LEVELS[kind][1]]
    assert np.array_equal(made[2], distorted(images, kind, LEVELS[kind][1][2]))
    assert made[0].shape == images.shape and made[0].dtype == np.uint8
    changes = [np.abs(one.astype(int) - images).mean() for one in made]
    assert 0 < changes[0] < changes[-1]
    if kind != "noisy":
        assert np.array_equal(made[1][:4], distorted(images[:4], kind, LEVELS[kind][1][1]))


def test_a_shifted_picture_is_the_same_elsewhere() -> None:
    image = np.zeros((4, 28, 28), np.uint8)
    image[:, 14, 14] = 255
    places = [tuple(int(v) for v in np.argwhere(one)[0]) for one in distorted(image, "shifted", 3)]
    assert places == [(14, 17), (17, 14), (14, 11), (11, 14)]


def contestant(title: str, name: str = "", epochs: NDArray[np.uint8] | None = None) -> Contestant:
    return Contestant(title, name or title, "", None, 1, 1, 1, 1.0, "", lambda: pytest.fail("asked"), epochs=epochs)


def wrong_on(*indices: int) -> Answers:
    read = LABELS.copy()
    read[list(indices)] = (read[list(indices)] + 1) % 10
    return Answers(dict.fromkeys(SETS, read), {PLAIN: np.ones(len(LABELS), np.float32)})


def test_the_crnn_beats_the_cnn_only_if_that_is_shown() -> None:
    good, bad, close = wrong_on(0), wrong_on(*range(1, 40)), wrong_on(1, 2)
    crnn, cnn = contestant("crnn-published"), contestant("cnn-beside-crnn")

    def said(one: Answers, other: Answers) -> str:
        return claims.recurrence({crnn.title: (crnn, one), cnn.title: (cnn, other)}, LABELS).splitlines()[0]

    assert "+3.80 points; 39 digits only the first reads, 1 only the second" in said(good, bad)
    assert said(good, bad).endswith("the first is better.")
    assert said(bad, good).endswith("the second is better.")
    assert said(good, close).endswith("no difference is shown.")
    steady = claims.steadiness({crnn.title: (crnn, good), cnn.title: (cnn, bad)}, LABELS).splitlines()[0]
    assert "+3.80 ± " in steady and steady.endswith("the first is more robust.")


def test_of_what_is_not_trained_nothing_is_said() -> None:
    cnn = contestant("cnn-beside-crnn")
    for text in (claims.recurrence({cnn.title: (cnn, wrong_on())}, LABELS), claims.steadiness({}, LABELS)):
        assert "crnn-published" in text and "not trained, so nothing can be said" in text
    assert "cannot be said yet" in claims.more_epochs([cnn], LABELS)


def test_whether_more_epochs_matter_is_counted_on_the_same_run() -> None:
    answers = np.tile(LABELS, (25, 1))
    answers[:15, :30] += 1
    one = contestant("crnn-published", epochs=answers % 10)
    assert "+3.00 points from epoch 15 to 25, 30 digits won and 0 lost" in claims.more_epochs([one], LABELS)
    _, rows = claims.epochs_table([one], LABELS)
    assert rows[0][:5] == ["crnn-published", "97.00", "97.00", "97.00", "100.00"]


def test_confused_pairs_are_counted_either_way() -> None:
    matrix = np.zeros((10, 10), np.int64)
    matrix[4, 9], matrix[9, 4], matrix[3, 5] = 3, 2, 4
    assert claims.pairs(matrix)[:2] == [(5, 4, 9), (4, 3, 5)]
    assert "4 and 9 are number 1 of 45 (5), and 3 and 5 are number 2 of 45 (4)" in claims.confused([matrix])


def test_a_photograph_is_read_line_by_line_and_what_is_no_digit_left_out() -> None:
    shot = Shot(LabelledPicture(Path("p.jpg"), ("12", "3")), np.zeros((4, 28, 28), np.uint8), (2, 0, 2))
    assert shot.lines(np.array([1, 2, 10, 3], np.uint8)) == ["12", "", "3"]


def test_what_was_answered_once_is_not_asked_again(tmp_path: Path) -> None:
    asked = []

    class System:
        def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
            asked.append(len(images))
            return np.tile(np.eye(10, dtype=np.float32)[3], (len(images), 1))

    test = Crops("mnist", np.zeros((6, 28, 28), np.uint8), np.zeros(6, np.uint8))
    one = Contestant("a", "mlp", "", None, 1, 1, 1, 1.0, "key", System)
    first = asking.measure([one], test, [], tmp_path)[0]
    assert len(asked) == len(SETS) and set(first.classes) == set(SETS)
    assert np.array_equal(asking.measure([one], test, [], tmp_path)[0].classes[PLAIN], first.classes[PLAIN])
    assert len(asked) == len(SETS)
    shot = Shot(LabelledPicture(Path("p.jpg"), ("12",)), np.zeros((2, 28, 28), np.uint8), (2,))
    asking.measure([one], test, [shot], tmp_path)
    assert asked[len(SETS) :] == [2], "what is new is asked about, and nothing else"
    asking.measure([one], Crops("mnist", test.images + 1, test.labels), [], tmp_path)
    assert len(asked) == 2 * len(SETS) + 1, "other pictures are asked about"


def test_one_command_writes_the_page_and_writes_it_alike_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make(tmp_path / "data", monkeypatch)
    data = ["--data-dir", str(folder), "--threads", "1"]
    assert training.main(["mlp", "--epochs-scale", "0.2", *data]) == 0
    out = tmp_path / "page" / "published.md"
    assert command_line.main(["--out", str(out), *data]) == 0
    text = out.read_text(encoding="utf-8")
    assert "| mlp (20 % of the recipe) |" in text and "not to be compared with what is published:** mlp (20 %" in text
    rows = [line for line in text.splitlines() if "| not trained |" in line]
    assert len(rows) == len(RECIPES) - 1
    assert "| cnn int8 (ours) |" in text
    assert str(tmp_path) not in text, "no path of this machine is kept"
    pictures = sorted(path.name for path in out.with_suffix("").iterdir())
    assert {"curves.png", "confusion.png", "robustness.png", "worst.png", "distortions.png"} <= set(pictures)
    for name in pictures:
        assert f"(published/{name})" in text
    before = {name: (out.with_suffix("") / name).read_bytes() for name in pictures}
    assert command_line.main(["--out", str(out), *data]) == 0
    assert out.read_text(encoding="utf-8") == text
    assert {name: (out.with_suffix("") / name).read_bytes() for name in pictures} == before


def test_help_fits_a_screen_and_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["--help"])
    text = capsys.readouterr().out
    assert "example: python -m docs.results.published" in text
    assert len(text.splitlines()) <= 40
