"""Where an extra is not installed, every program says in one line what to install."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from convert import __main__ as convert
from device import __main__ as camera
from docs.results.conversion import __main__ as conversion
from docs.results.lines import __main__ as lines
from edge_digits.cli import main
from edge_digits.errors import RuntimeMissingError
from edge_digits.system.extras import PACKAGES, require
from train import __main__ as train
from train.published import __main__ as published

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("main", "arguments", "module", "said"),
    [
        (train.main, ["cnn"], "torch", "train: error: cnn: needs torch: pip install -e '.[train]'"),
        (train.main, ["crnn"], "matplotlib", "crnn: needs matplotlib: pip install -e '.[train]'"),
        (train.main, ["evaluate"], "torch", "evaluate: needs torch: pip install -e '.[train]'"),
        (published.main, ["mlp"], "safetensors", "train.published: needs safetensors: pip install -e '.[train]'"),
        (lines.main, [], "torch", "python -m docs.results.lines: needs torch: pip install -e '.[train]'"),
        (train.main, ["tiles"], "PIL", "train: error: tiles: needs pillow: pip install -e '.[train]'"),
        (convert.main, ["cnn"], "torch", "convert: error: cnn: needs torch: pip install -e '.[convert]'"),
        (conversion.main, ["report"], "onnx", "report: needs onnx: pip install -e '.[convert]'"),
        (convert.main, ["golden"], "onnxruntime", "golden: needs onnxruntime: pip install -e '.[convert]'"),
        (camera.main, ["--source", "demo", "--web"], "uvicorn", "--web: needs uvicorn: pip install -e '.[web]'"),
        (
            main.main,
            ["read", str(ROOT / "docs" / "guide" / "demo.png"), "--model", "cnn-int8.onnx"],
            "onnxruntime",
            "cnn-int8.onnx: needs onnxruntime: pip install -e '.[onnx]'",
        ),
    ],
)
def test_a_missing_package_is_one_line_with_the_extra_that_brings_it(
    main: Callable[[list[str]], int],
    arguments: list[str],
    module: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # What else is needed may be missing here as well, and would be named first.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == module else object())
    monkeypatch.setitem(sys.modules, module, None)
    assert main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(said)


def test_only_what_is_needed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    require("page", "benchmark", [])
    with pytest.raises(RuntimeMissingError, match=r"^page: needs onnx: pip install -e '\.\[benchmark\]'$"):
        require("page", "benchmark", ["onnx"])


def test_extras_bring_what_is_said_of_them() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    def names(extra: str) -> set[str]:
        found = set()
        for wanted in declared[extra]:
            inner = re.match(r"edge-digits\[(.*?)\]", wanted)
            if inner:
                found |= set().union(*(names(other) for other in inner[1].split(",")))
            else:
                found.add(re.split(r"[<>=;\[ ]", wanted)[0])
        return found

    for extra, packages in PACKAGES.items():
        assert set(packages.values()) <= names(extra), extra
