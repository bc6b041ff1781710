"""``python -m convert file``: the options, and one model from its file to files that read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from converters import run_here
from foreign_models import model_of
from onnx import helper, numpy_helper

import edge_digits
from convert import __main__ as program
from convert import child
from convert.errors import ConversionError
from convert.foreign.command import declared, name_of
from convert.foreign.samples import Samples
from convert.options import parse
from edge_digits.cli import main as cli
from edge_digits.errors import ModelError
from edge_digits.runtime.preprocessing import Preprocessing, from_dict
from edge_digits.runtime.spec import read_spec

pytestmark = pytest.mark.slow


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a process for each converter."""
    monkeypatch.setattr(child, "run", run_here)


def _words(folder: Path, out: Path, *more: str) -> list[str]:
    given = ["--samples", str(folder / "pictures"), "--labels", str(folder / "labels.csv"), "--out", str(out)]
    return ["file", str(folder / "model.onnx"), *given, *more]


def _report(out: Path) -> dict[str, object]:
    return json.loads((out / "model-report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def converted(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All four files."""
    pytest.importorskip("tensorflow", reason="TFLite needs tensorflow: pip install -e '.[convert]'")
    out = tmp_path_factory.mktemp("converted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "run", run_here)
        assert program.main(_words(folder, out)) == 0
    return out


def test_four_files_their_specs_and_the_report_are_written(converted: Path) -> None:
    files = {f"model-{precision}.{format}" for precision in ("float32", "int8") for format in ("tflite", "onnx")}
    reports = {"model-report.md", "model-report.json"}
    assert {path.name for path in converted.iterdir()} == files | {f"{name}.json" for name in files} | reports


@pytest.mark.parametrize("file", ["model-int8.tflite", "model-int8.onnx", "model-float32.tflite", "model-float32.onnx"])
def test_each_file_reads_what_the_samples_show(converted: Path, file: str, samples: Samples) -> None:
    scores = edge_digits.load_model(converted / file).scores(samples.pixels)
    assert np.mean(scores.argmax(axis=1) == samples.truth) > 0.8


def test_the_spec_says_what_the_model_was_trained_behind(converted: Path) -> None:
    spec = read_spec(converted / "model-int8.tflite")
    assert from_dict(spec.preprocessing).scale == pytest.approx(1 / 255)
    assert (spec.input_shape, spec.charset, spec.reject, spec.task) == ((16, 16), "0123456789", False, "digits")
    assert spec.origin["kind"] == "onnx"
    assert spec.scores["pictures"] > 0.8


def test_the_report_has_each_files_gates_figures_and_noise(converted: Path) -> None:
    files = _report(converted)["files"]
    assert isinstance(files, dict)
    small = files["model-int8.tflite"]
    assert [gate["gate"] for gate in small["gates"]] == ["integers only", "agrees with float", "as accurate as float"]
    assert small["passed"]
    assert small["operators"]["CONV_2D"] == 2
    assert len(small["noise"]) == 3
    text = (converted / "model-report.md").read_text(encoding="utf-8")
    assert "checked; as declared" in text
    assert "ONNX → TFLite by `convert/export/from_onnx/`" in text


def test_the_reader_takes_a_model_of_digits(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = Path(__file__).parents[3] / "docs" / "guide" / "demo.png"
    assert cli.main(["read", "--model", str(converted / "model-int8.tflite"), str(picture)]) == 0
    assert capsys.readouterr().out


@pytest.mark.usefixtures("in_this_process")
def test_a_model_of_letters_is_loaded_and_no_reader_takes_it(folder: Path, tmp_path: Path) -> None:
    words = ["file", str(folder / "model.onnx"), "--samples", str(folder / "pictures"), "--out", str(tmp_path / "out")]
    assert program.main([*words, "--charset", "abcdefghij", "--format", "onnx", "--name", "letters"]) == 0
    file = tmp_path / "out" / "letters-int8.onnx"
    model = edge_digits.load_model(file)
    assert model.spec.charset == "abcdefghij"
    assert model.scores(np.zeros((2, 16, 16), np.uint8)).shape == (2, 10)
    with pytest.raises(ModelError, match="only digits can be read"):
        edge_digits.open_reader(str(file))


@pytest.mark.usefixtures("in_this_process")
def test_digits_in_another_order_are_judged_in_the_networks_and_read_in_ours(
    graph: onnx.ModelProto, folder: Path, tmp_path: Path, samples: Samples
) -> None:
    turned = onnx.ModelProto()
    turned.CopyFrom(graph)
    for held in turned.graph.initializer:
        if held.name in ("w4", "w5"):
            held.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(held)[::-1].copy(), held.name))
    onnx.save(turned, tmp_path / "turned.onnx")
    words = ["file", str(tmp_path / "turned.onnx"), *_words(folder, tmp_path / "out")[2:]]
    assert program.main([*words, "--charset", "9876543210", "--format", "onnx"]) == 0
    scores = edge_digits.load_model(tmp_path / "out" / "turned-int8.onnx").scores(samples.pixels)
    assert np.mean(scores.argmax(axis=1) == samples.truth) > 0.8


@pytest.mark.usefixtures("in_this_process")
def test_a_try_takes_a_tenth_of_the_samples(folder: Path, tmp_path: Path) -> None:
    assert program.main(_words(folder, tmp_path / "out", "--format", "onnx", "--quick")) in (0, 1)
    assert _report(tmp_path / "out")["samples"] == {"calibrating": 30, "judging": 30, "labelled": 30}


@pytest.mark.usefixtures("in_this_process")
def test_a_wrong_preprocessing_is_said(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    program.main(_words(folder, tmp_path / "out", "--format", "onnx", "--precision", "float32", "--invert"))
    assert "if its ink is inverted: turn --invert over" in caplog.text
    assert "**as declared" in (tmp_path / "out" / "model-report.md").read_text(encoding="utf-8")


def test_one_formats_failure_leaves_the_others_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(module: str, arguments: list[str | Path], log: Path) -> None:
        if module.endswith("to_tflite"):
            raise ConversionError("layer odd (Odd) has no TensorFlow operation")
        run_here(module, arguments, log)

    monkeypatch.setattr(child, "run", run)
    assert program.main(_words(folder, tmp_path / "out")) == 1
    assert {path.suffix for path in (tmp_path / "out").glob("model-*") if "report" not in path.name} == {
        ".onnx",
        ".json",
    }
    assert "2 of 4 files were written: model-float32.tflite: layer odd (Odd) has no" in capsys.readouterr().err
    assert "## Not converted" in (tmp_path / "out" / "model-report.md").read_text(encoding="utf-8")


def test_a_files_failure_leaves_its_sibling_in_the_same_format(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(module: str, arguments: list[str | Path], log: Path) -> None:
        raise ConversionError("no ranges")

    monkeypatch.setattr(child, "run", lambda module, *rest: (run if "int8" in module else run_here)(module, *rest))
    assert program.main(_words(folder, tmp_path / "out", "--format", "onnx")) == 1
    assert {path.name for path in (tmp_path / "out").glob("*.onnx")} == {"model-float32.onnx"}
    assert "1 of 2 files were written: model-int8.onnx: no ranges" in capsys.readouterr().err


def test_a_layer_that_cannot_be_converted_is_named(tmp_path: Path) -> None:
    tensorflow = pytest.importorskip("tensorflow", reason="TFLite needs tensorflow: pip install -e '.[convert]'")
    assert tensorflow
    from convert.export.from_onnx.to_tflite import export

    nodes = [
        helper.make_node("Round", ["x"], ["a"], "rounded"),
        helper.make_node("Det", ["a"], ["b"], "determinant"),
        helper.make_node("Flatten", ["b"], ["y"], "flat"),
    ]
    model = model_of(nodes, [1, 1, 2, 2], [1, 1])
    with pytest.raises(ConversionError, match=r"rounded \(Round\), determinant \(Det\): no TensorFlow operation"):
        export(model, "float32")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--scale", "x"], "--scale x: expected a number such as 1/255"),
        (["--size", "28"], "--size 28: expected height and width"),
        (["--charset", "0012"], "--charset 0012: expected characters, each given once"),
        (["--std", "0"], "--scale, --mean, --std: expected no 0 as std"),
        (["--mean", "1,2"], "one number, or one for each channel, as mean"),
        (["--format", "coreml"], "--format coreml: expected some of tflite, onnx"),
    ],
)
def test_a_wrong_option_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert program.main(_words(folder, tmp_path / "out", *more)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("model", "status", "message"),
    [
        ("gone.onnx", 1, "gone.onnx: no such model file"),
        ("model.txt", 2, "model.txt: unknown kind of model: expected an .onnx, .keras or .pt2 file"),
    ],
)
def test_a_model_that_is_none_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, status: int, message: str
) -> None:
    words = ["file", model, "--samples", str(folder / "pictures"), "--out", str(tmp_path / "out")]
    assert program.main(words) == status
    assert message in capsys.readouterr().err


def test_a_charset_that_does_not_fit_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], in_this_process: None
) -> None:
    words = ["file", str(folder / "model.onnx"), "--samples", str(folder / "pictures"), "--out", str(tmp_path / "out")]
    assert program.main([*words, "--charset", "abc"]) == 2
    assert "gives 10 scores, and the charset has 3 characters: --charset names them" in capsys.readouterr().err


def test_a_damaged_onnx_file_is_one_line(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    words = ["file", str(tmp_path / "bad.onnx"), "--samples", str(folder / "pictures"), "--out", str(tmp_path / "out")]
    assert program.main(words) == 1
    assert "bad.onnx: not an ONNX file that onnxruntime can run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], Preprocessing()),
        (["--scale", "1/127.5", "--mean", "1"], Preprocessing(scale=1 / 127.5, mean=(1.0,))),
        (["--colour", "rgb", "--mean", "0.5,0.4,0.3"], Preprocessing("rgb", mean=(0.5, 0.4, 0.3))),
    ],
)
def test_the_options_say_what_the_input_goes_through(words: list[str], expected: Preprocessing) -> None:
    options = parse(["file", "m.onnx", "--samples", "pictures", "--out", "out", *words])
    assert declared(options).preprocessing == expected


@pytest.mark.parametrize(
    ("model", "name"), [("a/lenet.keras", "lenet"), ("nets.mine:lenet_5", "lenet_5"), ("a b.onnx", "a-b")]
)
def test_files_are_called_after_the_model(model: str, name: str) -> None:
    assert name_of(model) == name


def test_the_command_that_made_a_file_is_in_its_spec(converted: Path) -> None:
    made = read_spec(converted / "model-int8.onnx").origin["conversion"]
    assert made["command"] == "python -m convert file model.onnx"
    assert onnx.__version__ == made["tools"]["onnx"]


LINES = '''
from torch import nn


class Line(nn.Module):
    """Time steps first, the blank as the first class."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, (16, 3), padding=(0, 1))
        self.last = nn.Linear(4, 11)

    def forward(self, x):
        return self.last(self.first(x).squeeze(2).permute(2, 0, 1))


def line():
    return Line()
'''


def test_a_line_reader_gives_steps_and_the_blank_last(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None
) -> None:
    (tmp_path / "line_reader.py").write_text(LINES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["file", "line_reader:line", "--size", "16x24", "--blank", "first", "--samples", str(folder / "pictures")]
    assert program.main([*words, "--out", "out", "--format", "onnx", "--precision", "float32"]) == 0
    spec = read_spec(Path("out/line-float32.onnx"))
    assert (spec.task, spec.blank, spec.reject, spec.steps, spec.input_shape) == ("lines", True, False, 24, (16, 24))
    scores = edge_digits.load_model("out/line-float32.onnx").scores(np.zeros((2, 16, 24), np.uint8))
    assert scores.shape == (2, 24, 12)
    assert np.isneginf(scores[..., 10]).all()
