"""The page's set network ships with the judge that it was trained behind, and with no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convert import __main__ as command
from convert import set_network
from edge_digits.errors import ModelError
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.selection.set_network import check_set_network, load_set_network, shapes


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the judge's files; what is in them does not matter."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("judge-first-int8.tflite", "judge-int8.tflite", "judge-int8.onnx"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def judges(models: Path) -> list[str]:
    return [sha256_of(models / f"{stage}-int8.tflite") for stage in ("judge-first", "judge")]


@pytest.fixture
def network(tmp_path: Path, judges: list[str]) -> Path:
    """A network as training writes it."""
    path = tmp_path / "run" / "judge-page.npz"
    path.parent.mkdir()
    np.savez(path, **{name: np.zeros(shape, np.float32) for name, shape in shapes().items()})  # pyright: ignore[reportArgumentType]
    about = {
        "recipe": {"pages": 4000, "seed": 3},
        "judge": "".join(value[:8] for value in judges),
        "commit": "abc",
        "figures": {"right": 0.9},
    }
    path.with_suffix(".json").write_text(json.dumps(about))
    return path


def test_the_spec_beside_it_names_the_files_that_it_goes_with(network: Path, models: Path, judges: list[str]) -> None:
    assert command.main(["judge-page", "--checkpoint", str(network), "--models", str(models)]) == 0
    made = models / "judge-page.npz"
    assert made.read_bytes() == network.read_bytes()
    assert json.loads(spec_path(made).read_text()) == {
        "name": "judge-page",
        "sha256": sha256_of(network),
        "judge": dict(zip(("judge-first", "judge"), judges, strict=True)),
        "recipe": {"pages": 4000, "seed": 3},
        "seed": 3,
        "commit": "abc",
        "figures": {"right": 0.9},
    }
    check_set_network(made, judges)
    load_set_network(made)


def test_it_does_not_go_beside_another_judge(network: Path, models: Path) -> None:
    (models / "judge-int8.tflite").write_bytes(b"trained again")
    with pytest.raises(ModelError, match=r"judge-page\.npz: was trained behind a file of judge with"):
        set_network.ship(network, models)
    assert not (models / "judge-page.npz").exists()


@pytest.mark.parametrize("text", [None, "{", "[]", '{"judge": "0123456789abcdef", "recipe": {}}'])
def test_without_what_training_wrote_it_is_refused(network: Path, models: Path, text: str | None) -> None:
    about = network.with_suffix(".json")
    about.unlink()
    if text is not None:
        about.write_text(text)
    with pytest.raises(ModelError, match=r"judge-page\.json: "):
        set_network.ship(network, models)


def test_a_reader_with_another_judge_refuses_it(network: Path, models: Path, judges: list[str]) -> None:
    made = set_network.ship(network, models)
    with pytest.raises(ModelError, match="train it again"):
        check_set_network(made, [judges[0], "0" * 64])


def test_a_reader_refuses_a_damaged_one_and_one_without_its_spec(
    network: Path, models: Path, judges: list[str]
) -> None:
    made = set_network.ship(network, models)
    made.write_bytes(made.read_bytes() + b" ")
    with pytest.raises(ModelError, match="damaged or not the spec's"):
        check_set_network(made, judges)
    spec_path(made).write_text("{}")
    with pytest.raises(ModelError, match="not the spec of a page's network"):
        check_set_network(made, judges)
    spec_path(made).unlink()
    with pytest.raises(ModelError, match=r"judge-page\.npz\.json: no such file"):
        check_set_network(made, judges)
