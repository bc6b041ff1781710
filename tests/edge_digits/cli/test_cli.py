"""The command line keeps its contract: exit status, one clear line for what went wrong, the models that it lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import picture

from edge_digits import reader
from edge_digits.errors import ConfigError, ModelError

ROOT = Path(__file__).parents[3]


class TestExitStatus:
    @pytest.mark.parametrize(
        "arguments",
        [[], ["read"], ["reed"], ["read", "a.png", "--format", "xml"], ["read", "a.png", "--max-error", "x"]],
    )
    def test_2_for_a_wrong_command_line(self, run, arguments: list[str]) -> None:
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert "usage: edge-digits" in err

    @pytest.mark.parametrize(("error", "expected"), [(ModelError, 1), (ConfigError, 2)])
    def test_goes_with_the_kind_of_error(self, run, monkeypatch, error: type[Exception], expected: int) -> None:
        def refuse(model: str, max_error: float | None, hand: str | None) -> None:
            raise error(f"{model}: no such model")

        monkeypatch.setattr(reader, "open_reader", refuse)
        assert run("read", "a.png", "--model", "xyz") == (expected, "", "edge-digits: error: xyz: no such model\n")

    def test_hands_the_wished_error_rate_on(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(model: str, max_error: float | None, hand: str | None) -> None:
            raise ConfigError(f"max-error is {max_error}")

        monkeypatch.setattr(reader, "open_reader", refuse)
        assert run("read", "a.png", "--max-error", "0.01") == (2, "", "edge-digits: error: max-error is 0.01\n")

    def test_130_when_interrupted(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(model: str, max_error: float | None, hand: str | None) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(reader, "open_reader", interrupt)
        assert run("read", "a.png") == (130, "", "")

    @pytest.mark.parametrize("command", [["--help"], ["read", "--help"], ["models", "--help"], ["doctor", "--help"]])
    def test_help_fits_a_screen(self, run, command: list[str]) -> None:
        status, out, _ = run(*command)
        assert status == 0
        assert len(out.splitlines()) <= 24

    def test_version(self, run) -> None:
        assert run("--version")[1].startswith("edge-digits ")


def in_a_process(script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process with the stub reader in it; ``script`` uses COMMAND for the command line."""
    stub = "import sys; from edge_digits import reader; from edge_digits.cli import main\n"
    stub += "from edge_digits.page import Page\n"
    stub += "class R:\n def read(self, grey): return Page((), ())\n"
    stub += "reader.open_reader = lambda model, max_error=None, hand=None: R()\nsys.exit(main.main(sys.argv[1:]))"
    command = " ".join(f"'{part}'" for part in (sys.executable, "-c", stub, *arguments))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["bash", "-c", script.replace("COMMAND", command)], capture_output=True, text=True, env=environment, check=False
    )


@pytest.mark.slow
def test_a_broken_pipe_ends_quietly(tmp_path: Path) -> None:
    sources = [picture(tmp_path / f"{index}.png") for index in range(300)]
    done = in_a_process("COMMAND | head -n 1", "read", *sources)
    assert done.stdout == f"{sources[0]}\n"
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["read", "a.png"], ["models"], ["--version"]])
def test_a_full_disk_is_said_in_one_line(arguments: list[str], unbuffered: str, tmp_path: Path) -> None:
    """Also where Python writes what is printed only at its end."""
    picture(tmp_path / "a.png")
    script = f"cd '{tmp_path}' && COMMAND > /dev/full"
    done = in_a_process(script, *arguments, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (1, "edge-digits: error: No space left on device\n")


@pytest.mark.slow
def test_a_traceback_only_with_debug(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    quiet = in_a_process("COMMAND", "read", str(tmp_path / "a.png"))
    loud = in_a_process("COMMAND", "read", "--debug", str(tmp_path / "a.png"))
    assert (quiet.returncode, loud.returncode) == (1, 1)
    assert "Traceback" not in quiet.stderr
    assert quiet.stderr.count("\n") == 1
    assert "Traceback" in loud.stderr


class TestModels:
    @pytest.fixture
    def shipped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
        from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec

        paths = [tmp_path / "cnn-float32.onnx", tmp_path / "cnn-int8.tflite"]
        for path in paths:
            path.write_bytes(b"weights of " + path.name.encode())
            precision = path.stem.split("-")[1]
            write_spec(path, ModelSpec("cnn", path.suffix[1:], precision, sha256_of(path), scores={"mnist": 0.9951}))
        monkeypatch.setattr(reader, "shipped_models", lambda: paths)
        return paths

    def test_are_listed_with_size_and_scores(self, run, shipped: list[Path]) -> None:
        status, out, _ = run("models")
        assert status == 0
        assert [line.split()[0] for line in out.splitlines()] == [path.name for path in shipped]
        assert "mnist 99.51 %" in out

    @pytest.mark.parametrize("name", ["cnn", "cnn-int8.tflite"])
    def test_show_prints_the_spec(self, run, shipped: list[Path], name: str) -> None:
        status, out, _ = run("models", "show", name)
        assert status == 0
        assert json.loads(out)["format"] == "tflite"

    def test_show_takes_a_path(self, run, shipped: list[Path]) -> None:
        assert json.loads(run("models", "show", str(shipped[0]))[1])["format"] == "onnx"

    def test_show_of_a_network_that_reads_lines_is_its_narrowest_file(
        self, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from edge_digits.model_input.normalize import line_parameters
        from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec

        for width in (256, 128):
            path = tmp_path / f"crnn-{width}-int8.tflite"
            path.write_bytes(b"weights")
            about: dict[str, Any] = {"input_shape": (32, width), "blank": True, "normalization": line_parameters()}
            write_spec(path, ModelSpec("crnn", "tflite", "int8", sha256_of(path), **about))
        monkeypatch.setattr(reader, "MODELS", tmp_path)
        status, out, _ = run("models", "show", "crnn")
        assert (status, json.loads(out)["input_shape"]) == (0, [32, 128])

    def test_show_of_an_unknown_model(self, run, shipped: list[Path]) -> None:
        assert run("models", "show", "rnn") == (1, "", "edge-digits: error: rnn: no such model file\n")

    def test_a_damaged_model_is_named_and_the_others_listed(self, run, shipped: list[Path]) -> None:
        shipped[0].write_bytes(b"other weights")
        status, out, err = run("models")
        assert status == 1
        assert shipped[1].name in out
        assert "sha256" in err
