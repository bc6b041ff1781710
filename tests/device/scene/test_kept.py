"""The reference picture between two runs: read as it was written, or not at all, and never half."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn_scenes import draw_scene

from device.scene.kept import Kept, forget, load, reference_path, save
from device.scene.motion import STILL, Motion
from device.scene.registration import make_reference
from edge_digits.types import Box


def kept() -> Kept:
    rng = np.random.default_rng(0)
    scene = draw_scene(rng, "sheet")
    reference = make_reference(scene.photographed(rng), [scene.region])
    return Kept(reference, (640, 480), {scene.region: STILL, Box(1, 2, 3, 4): Motion(0.99, 0.01, -3.5, 2.25)})


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    path, before = tmp_path / "a.reference.png", kept()
    save(path, before)
    after = load(path)
    assert after is not None
    assert (after.reference.picture == before.reference.picture).all()
    assert np.abs(after.reference.points - before.reference.points).max() <= 0.006
    assert (after.reference.width, after.frame, after.bases) == (640, (640, 480), before.bases)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.reference.json", "a.reference.png"]


def test_nothing_was_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load(tmp_path / "a.reference.png") is None
    assert not caplog.messages


def test_what_is_forgotten_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.reference.png"
    save(path, kept())
    forget(path)
    forget(path)
    assert load(path) is None
    assert not caplog.messages


def _changed(**values: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        said = json.loads(path.with_suffix(".json").read_text()) | values
        path.with_suffix(".json").write_text(json.dumps(said))

    return change


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"\xff" * 100),
        lambda path: path.write_bytes(b""),
        lambda path: path.with_suffix(".json").write_text("{"),
        lambda path: path.with_suffix(".json").write_text("[]"),
        lambda path: path.with_suffix(".json").write_bytes(b"\xff\xfe"),
        lambda path: path.with_suffix(".json").write_text("{}"),
        _changed(format=2),
        _changed(frame=[0, 0]),
        _changed(frame=[640]),
        _changed(sum=1),
        _changed(points=[[1]]),
        _changed(points=[[1e9, 0]]),
        _changed(points=[["a", 0]]),
        _changed(regions=[[1, 2, 3, 4, 1, 0, float("nan"), 0]]),
        _changed(regions=[[1, 2]]),
        _changed(regions={"a": 1}),
    ],
)
def test_what_is_damaged_is_said_and_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "a.reference.png"
    save(path, kept())
    damage(path)
    assert load(path) is None
    [message] = caplog.messages
    assert str(path) in message and "the next good picture is the reference" in message


def test_a_png_alone_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.reference.png"
    save(path, kept())
    path.with_suffix(".json").unlink()
    assert load(path) is None


def test_it_lies_beside_the_record_which_may_be_written() -> None:
    config, record = Path("/etc/camera.toml"), Path("/var/lib/edge/readings.sqlite")
    assert reference_path(config, record) == Path("/var/lib/edge/readings.reference.png")
    assert reference_path(config, None) == Path("/etc/camera.reference.png")
    assert reference_path(None, None) is None
