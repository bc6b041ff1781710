"""The camera reads by what was learned, as soon as it is there."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from device import __main__ as program
from edge_digits.reader import open_reader
from edge_digits.teach.private import HAND_FILE
from edge_digits.teach.teach import teach
from tests.edge_digits.teach.hands import make_folder, pages


def read_by_camera(config: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the camera program publishes of the picture that ``config`` names."""
    assert program.main(["--config", str(config), "--sink", "jsonl:-"]) == 0
    return sorted(json.loads(line)["text"] for line in capsys.readouterr().out.splitlines())


@pytest.mark.slow
def test_what_is_learned_in_the_folder_of_the_configuration_is_read_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, picture, config = tmp_path / "hand", tmp_path / "page.png", tmp_path / "reader.toml"
    image = pages(1, seed=5)[0].image
    assert cv2.imwrite(str(picture), image)
    config.write_text(f"source = 'file:{picture}'\n[teach]\nfolder = '{folder}'\n")
    shipped = sorted(line.text for line in open_reader().read(image).lines)
    assert read_by_camera(config, capsys) == shipped
    make_folder(folder)
    assert teach(folder).taken
    learned = sorted(line.text for line in open_reader(hand=folder / HAND_FILE).read(image).lines)
    assert read_by_camera(config, capsys) == learned != shipped


@pytest.mark.slow
def test_a_damaged_hand_file_is_said_and_the_camera_reads_as_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    folder, picture, config = tmp_path / "hand", tmp_path / "page.png", tmp_path / "reader.toml"
    image = pages(1, seed=5)[0].image
    assert cv2.imwrite(str(picture), image)
    config.write_text(f"source = 'file:{picture}'\n[teach]\nfolder = '{folder}'\n")
    folder.mkdir()
    (folder / HAND_FILE).write_bytes(b"half")
    assert read_by_camera(config, capsys) == sorted(line.text for line in open_reader().read(image).lines)
    assert f"{folder / HAND_FILE}: not what edge-digits teach writes, or damaged" in caplog.text
