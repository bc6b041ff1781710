"""Measurements of the camera reader: that they say what they promise, not how fast this machine is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from device.cameras import demo
from device.config.camera import CameraSettings
from device.loop import Run, run
from device.sinks.memory import ReadingsInMemory
from docs.results.measurements import __main__ as command
from docs.results.measurements import frames as measure
from docs.results.measurements import pictures

SMALL = CameraSettings(320, 240, 15.0)
FRAMES = 25


def end_when(monkeypatch: pytest.MonkeyPatch, is_enough: Callable[[int, ReadingsInMemory], bool]) -> None:
    """Runs end after so many frames and readings, however long these take here; seconds count no more."""

    def run_until(
        camera: Any, read: Any, rule: Any, sinks: Any, watchers: Any = (), *, stop: Any, duration: Any
    ) -> Run:
        memory, frames = ReadingsInMemory(), [0]

        def count(*_: object) -> None:
            frames[0] += 1
            if is_enough(frames[0], memory):
                stop.set()

        return run(camera, read, rule, [*sinks, memory], [*watchers, count], stop=stop)

    monkeypatch.setattr(measure, "run", run_until)


def test_a_still_page_is_read_until_it_has_settled_a_moving_one_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    end_when(monkeypatch, lambda frames, memory: frames >= FRAMES)
    report = measure.still(SMALL, 2.5, "auto")
    moving, still, share = report.splitlines()
    read = [int(re.search(r"(\d+) read", line)[1]) for line in (moving, still)]  # pyright: ignore[reportOptionalSubscript]
    assert read[1] == 9 < read[0]
    assert re.fullmatch(r"a still page costs \d+\.\d% of a moving one", share)


def test_latency_is_reported_with_the_share_of_every_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    # The page stays until its numbers have settled.
    monkeypatch.setattr(demo, "PAGE_SECONDS", 600.0)
    monkeypatch.setattr(measure, "PAGE_SECONDS", 600.0)
    monkeypatch.setattr(measure, "WARM_UP_SECONDS", 0.0)
    end_when(monkeypatch, lambda frames, memory: frames >= FRAMES and len(memory.readings) > 0)
    report = measure.latency(SMALL, 3.0, "auto")
    assert re.search(r"frame -> published, [1-9]\d* readings: +p50 \d+\.\d ms, p99 \d+\.\d ms", report)
    shares = {
        name: float(part) for name, part in re.findall(r"([a-z][a-z, ]+) (\d+\.\d)%", report.split("shares: ")[1])
    }
    assert sum(shares.values()) == pytest.approx(100, abs=0.05 * len(shares) + 0.01)
    assert all(shares[stage] > 0 for stage in ("illumination", "component tree", "normalize", "judge"))


@pytest.mark.parametrize(
    ("given", "least"),
    [
        (["latency", "--seconds", "0.01"], "1"),
        (["latency", "--seconds", "1.5", "--frame-rate", "0.5"], "2"),
        (["still", "--seconds", "1e-06"], "0.033"),
    ],
)
def test_a_time_without_a_frame_to_measure_is_refused(
    given: list[str], least: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(given) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert f"--seconds {given[2]}" in said and said.endswith(f"expected more than {least}")


def test_the_page_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end_when(monkeypatch, lambda frames, memory: frames >= FRAMES)
    monkeypatch.setattr(measure, "WARM_UP_SECONDS", 0.0)
    monkeypatch.setattr(measure, "reading_alone", lambda *_: [0.01, 0.02])
    monkeypatch.setattr(pictures, "RUNS", 1)
    monkeypatch.setattr(pictures, "installation", lambda: "300 MB.")
    out = tmp_path / "measurements.md"
    assert command.main(["page", "--seconds", "2", "--out", str(out), "--width", "320", "--height", "240"]) == 0
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Where time and memory go\n")
    assert re.search(r"1 runs: median \d+\.\d\d s \(.*\), peak memory \d+ MB", text)
    assert re.search(r"\| `numpy` \| \d+ \|", text)
    assert re.search(r"after one that warms up: \d+\.\d ms", text)
    assert "shares: " in text and "of a moving one" in text and "300 MB." in text
