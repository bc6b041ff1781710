"""``python -m device.benchmark --quick`` as a whole: results keep to the schema and make sense; no times are judged."""

from __future__ import annotations

import copy
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from benchmark_files import digits, write_line_network

from device.benchmark import __main__ as command
from device.benchmark import table
from device.benchmark.results import SCHEMA, load_results
from edge_digits.io import mnist
from edge_digits.reader import MODELS
from edge_digits.synthesis.page import make_page

ROOT = Path(__file__).resolve().parents[3]
FILES = [str(MODELS / name) for name in ("cnn-float32.tflite", "cnn-int8.tflite")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A quick run over the shipped TFLite files, with a labelled picture and one without digits."""
    folder = tmp_path_factory.mktemp("benchmark")
    pictures = folder / "pictures"
    pictures.mkdir()
    written = make_page(np.random.default_rng(3), texts=["12345", "678"], digit_height=50, kind="plain")
    cv2.imwrite(str(pictures / "page.png"), written.image)
    (pictures / "page.txt").write_text("12345\n678\n")
    cv2.imwrite(str(pictures / "empty.png"), np.full((480, 640), 200, np.uint8))
    (pictures / "empty.txt").touch()
    data = folder / "data"
    with pytest.MonkeyPatch.context() as patch:
        # A thousand digits in place of MNIST's; nothing is fetched.
        patch.setattr(mnist, "FILES", digits(data / "MNIST" / "raw"))
        out = folder / "out.json"
        given = ["--quick", "--seconds", "0.2", "--threads", "1", "--models", *FILES, "--pictures", str(pictures)]
        status = command.main([*given, "--data-dir", str(data), "--out", str(out), "--debug"])
    return status, out, load_results(out)


def test_results_keep_to_the_schema(run: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(run[2], schema)


def test_everything_was_measured_in_every_window(run: Any) -> None:
    status, _, results = run
    assert status == 0
    names = {Path(file).name for file in FILES}
    assert {entry["model"] for entry in results["infer"] if entry["runtime"] == "ai-edge-litert"} == names
    assert [entry["model"] for entry in results["road"]] == ["cnn-int8.tflite"]
    assert all(len(e["windows"]) == 2 for kind in ("infer", "road") for e in results[kind])
    places = [window["place"] for kind in ("infer", "road") for e in results[kind] for window in e["windows"]]
    assert len(set(places)) == len(places), "each window has a turn of its own"


def test_figures_are_possible_ones(run: Any) -> None:
    results = run[2]
    for entry in results["infer"]:
        for window in entry["windows"]:
            assert window["p50"] <= window["p95"] <= window["p99"] <= window["max"]
            assert sum(window["cold"].values()) > window["p50"]
            assert window["peak_memory"] is None or 1e7 < window["peak_memory"] < 1e9
    assert {model["precision"]: model["bytes"] for model in results["models"]}["int8"] < 150_000


def test_what_is_written_is_read_and_nothing_else(run: Any) -> None:
    results = run[2]
    entries = [entry for entry in results["reading"] if entry["set"] == "pictures"]
    assert [entry["lines"] for entry in entries] == [[["12345", "678"], []]] * len(entries)
    assert {entry["set"] for entry in results["reading"]} == {"pages", "pictures"}


def test_the_table_holds_what_was_measured(run: Any) -> None:
    said = table.markdown(run[2])
    for title in ("Inference", "A camera frame by stage", "int8 against float32", "Single digits"):
        assert f"### {title}\n" in said
    assert "its times mean nothing" in said
    assert "nan" not in said


def test_a_run_is_not_different_from_itself(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["compare", str(run[1]), str(run[1])]) == 0
    said = capsys.readouterr().out
    assert "different, 0 of" in said
    assert "right and wrong on the same digits" in said


def test_times_of_a_void_run_are_not_in_the_table(run: Any) -> None:
    results = copy.deepcopy(run[2])
    results["validity"] |= {"void": True, "reasons": ["throttled (0x4)"]}
    said = table.markdown(results)
    assert "This run is void: throttled (0x4)" in said
    assert "### Inference" not in said


def test_the_page_is_written_between_its_markers(run: Any, tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(f"before\n{table.BEGIN}\nthe last figures\n{table.END}\nafter\n")
    assert command.main(["page", str(run[1]), str(document)]) == 0
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "the last figures" not in text
    assert "### Inference" in text
    assert str(run[1].parent) in json.loads(run[1].read_text())["command"]
    assert str(run[1].parent) not in text


def test_a_page_that_is_not_there_is_made_and_one_without_a_place_is_left_alone(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, other = tmp_path / "made.md", tmp_path / "other.md"
    assert command.main(["page", str(run[1]), str(made)]) == 0
    assert made.read_text().startswith("# Benchmark\n")
    other.write_text("somebody's own\n")
    assert command.main(["page", str(run[1]), str(other)]) == 1
    assert "needs the lines" in capsys.readouterr().err
    assert other.read_text() == "somebody's own\n"


@pytest.mark.parametrize(
    ("given", "status", "complaint"),
    [
        (["--windows", "1"], 2, "--windows: at least 2"),
        (["--seconds", "nan"], 2, "--seconds and --threads must be above 0"),
        (["--out", "missing/out.json"], 2, "--out missing/out.json: there is no such folder"),
        (["--out", "/"], 2, "--out /: cannot be written"),
        (["--models", "missing.tflite"], 1, "missing.tflite: no such model file"),
        (["--pictures", "missing"], 1, "missing: no such folder"),
        (["--data-dir", "missing"], 1, "missing: the data folder named by --data-dir does not exist"),
        (["compare", "missing.json", "missing.json"], 1, "missing.json: no such file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    given: list[str], status: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(given) == status
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith(f"{command.PROGRAM}: error: ")
    assert complaint in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_runs_on_after_it_was_stopped(number: signal.Signals, tmp_path: Path) -> None:
    """Neither a child, nor what it started in its turn: it would take the time of whatever is measured next."""
    pids = tmp_path / "pids"
    counting = tmp_path / "count"
    counting.write_text('#!/bin/sh\nsleep 300 &\necho $$ $! > "$0.part"\nmv "$0.part" "${0%count}pids"\nwait\n')
    counting.chmod(0o755)
    program = (
        f"import signal; signal.signal({int(number)}, signal.SIG_DFL); "  # nohup has a hang-up ignored
        "import sys; from device.benchmark import __main__ as command, jobs; "
        f"command.run = lambda wanted: jobs.start({{}}, [{str(counting)!r}]); "
        "command.main(sys.argv[1:])"
    )
    given = ["--out", str(tmp_path / "out.json"), "--data-dir", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", program, *given], cwd=ROOT) as run:
        try:
            wait_for(pids.exists)
            run.send_signal(number)
            run.wait(60)
        finally:
            run.kill()
    assert run.returncode == 128 + number
    wait_for(lambda: not any(map(is_running, pids.read_text().split())))


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once it holds; fail after a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(pid: str) -> bool:
    """Whether there is such a process, and it does not only wait to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_other_files_are_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.json"
    others = {"": "is empty; python -m", "{": "not results", '{"schema_version": 2}': "lacks", "[]": "schema_version 2"}
    for content, complaint in others.items():
        path.write_text(content)
        assert command.main(["compare", str(path), str(path)]) == 1
        assert complaint in capsys.readouterr().err


def test_a_full_disk_leaves_no_empty_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(command, "run", lambda wanted: {"validity": {"void": False}})
    monkeypatch.setattr(table, "markdown", lambda results: "")
    monkeypatch.setattr(Path, "replace", full)
    out = tmp_path / "out.json"
    assert command.main(["--quick", "--out", str(out), "--data-dir", str(tmp_path)]) == 1
    assert f"--out {out}: cannot be written: No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_results_can_go_where_no_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "run", lambda wanted: {"validity": {"void": False}})
    monkeypatch.setattr(table, "markdown", lambda results: "")
    assert command.main(["--quick", "--out", "/dev/null", "--data-dir", str(tmp_path)]) == 0
    assert Path("/dev/null").is_char_device()


@pytest.fixture(scope="module")
def line_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A quick run over a network for digits and one for lines."""
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    folder = tmp_path_factory.mktemp("lines")
    write_line_network(folder / "crnn-int8.onnx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "FILES", digits(folder / "data" / "MNIST" / "raw"))
        given = ["--quick", "--seconds", "0.1", "--threads", "1", "--data-dir", str(folder / "data"), "--debug"]
        models = [str(MODELS / "cnn-int8.onnx"), str(folder / "crnn-int8.onnx")]
        assert command.main([*given, "--models", *models, "--out", str(folder / "out.json")]) == 0
    return load_results(folder / "out.json")


def test_a_network_for_lines_is_measured_beside_the_one_for_digits(line_run: dict[str, Any]) -> None:
    for kind in ("infer", "road", "reading", "digits"):
        assert [entry["model"] for entry in line_run[kind]] == ["cnn-int8.onnx", "crnn-int8.onnx"], kind
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(line_run, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_tables_tell_lines_from_digits(line_run: dict[str, Any]) -> None:
    said = table.markdown(line_run)
    assert "| crnn-int8.onnx | onnxruntime | 32×128 | 1 |" in said
    assert "a digit is a line of one" in said
    assert "| times as long as cnn-int8.onnx |" in said
