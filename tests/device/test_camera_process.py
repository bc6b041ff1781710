"""``edge-digits-camera`` in a process of its own: signals, closed and full outputs, and what libraries say.

The reader is a stand-in that sees "42" at one place, so that the program is tested without a model.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STAND_IN = """
import sys
from device import __main__ as program
from device import drawing
from edge_digits.page import Page
from edge_digits.types import Box, Line
class Reader:
    def read(self, grey):
        return Page((Line("42", 0.9, Box(10, 10, 20, 20), ()),), ())
program.open_reader = lambda model: Reader()
sys.exit(program.main(sys.argv[1:]))
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", STAND_IN, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_everything_written(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    process = start("--source", "demo", "--sink", "console", "--sink", f"jsonl:{path}")
    assert process.stdout is not None
    assert process.stdout.readline().split()[1:] == ["42", "90%"]
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert output.splitlines()[-1].split()[1:3] == ["frames", "in"]
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["42"]


def test_sigusr1_has_it_read_now() -> None:
    process = start("--source", "demo", "--sink", "console")
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline().split()[1:] == ["42", "90%"]
        process.send_signal(signal.SIGUSR1)
    process.terminate()
    assert process.wait(60) == 0
    process.communicate()


def test_between_times_it_reads_what_it_is_asked_for_and_a_recording_is_read_whole(tmp_path: Path, video: Path) -> None:
    config = tmp_path / "reader.toml"
    config.write_text("[read]\nevery = 86400\nat = ['00:00']\n")
    process = start("--source", "demo", "--config", str(config))
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline().split()[1:] == ["42", "90%"]
        process.send_signal(signal.SIGUSR1)
    process.terminate()
    assert process.wait(60) == 0
    process.communicate()
    process = start("--source", f"file:{video}", "--config", str(config))
    output, _ = process.communicate(timeout=60)
    assert "20 frames in " in output and ", 11 unchanged, " in output


def test_a_reader_of_the_output_that_goes_away_ends_it_quietly(video: Path) -> None:
    process = start("--source", f"file:{video}")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize(("sink", "status"), [("console", 0), ("jsonl:-", 1)])
def test_closed_standard_output_is_no_fault_unless_readings_are_wanted_there(
    video: Path, sink: str, status: int
) -> None:
    command = [sys.executable, "-c", STAND_IN, "--source", f"file:{video}", "--sink", sink]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    done = subprocess.run(closed, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    said = "edge-digits-camera: error: jsonl:-: standard output is closed\n" if status else ""
    assert (done.returncode, done.stderr.decode()) == (status, said)


@pytest.mark.parametrize("name", ["/dev/stdout", "out.jsonl"])
def test_a_file_that_standard_output_goes_to_is_refused_with_what_to_do(video: Path, tmp_path: Path, name: str) -> None:
    """The run's summary would be written over the first readings."""
    path = Path(name) if name.startswith("/") else tmp_path / name
    command = [sys.executable, "-c", STAND_IN, "--source", f"file:{video}", "--sink"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for sink, status in ((f"jsonl:{path}", 2), ("jsonl:-", 0)):
        with (tmp_path / "out.jsonl").open("wb") as output:
            done = subprocess.run(
                [*command, sink], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == status
        if status:
            said = f"edge-digits-camera: error: jsonl:{path}: is where standard output goes; there is jsonl:- for that"
            assert done.stderr == f"{said}\n"
    assert [json.loads(line)["text"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == ["42"]


def test_with_standard_error_closed_nothing_but_readings_is_among_the_readings(video: Path) -> None:
    command = [sys.executable, "-c", STAND_IN, "--source", f"file:{video}", "--sink", "jsonl:-"]
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command]
    done = subprocess.run(closed, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["42"]


def test_a_corrupt_video_is_one_line_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.mp4"
    path.write_bytes(b"this is no video" * 1000)
    process = start("--source", f"file:{path}")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert errors == f"edge-digits-camera: error: {path}: not a video that can be decoded, or it is damaged\n"


def test_a_video_that_breaks_off_is_read_as_far_as_it_goes(video: Path) -> None:
    data = video.read_bytes()
    video.write_bytes(data[: len(data) * 3 // 4])
    process = start("--source", f"file:{video}")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "frames in" in output
    assert errors.count("\n") == 1
    assert "the file is damaged" in errors
