"""The doctor finds what commonly goes wrong, above all on a Raspberry Pi, and says how to mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge_digits.cli import doctor, main
from edge_digits.cli.doctor import Check, Facts, diagnose, gather
from edge_digits.cli.system_info import CameraUser, camera_users

HEALTHY = Facts(
    python=(3, 11, 2),
    bits=64,
    machine="aarch64",
    system="Linux",
    board="Raspberry Pi 5 Model B Rev 1.0",
    versions={"ai-edge-litert": "2.3.0", "numpy": "1.24.2", "opencv-python-headless": "4.11.0.86"},
    opencv="4.11.0",
    models={"cnn-int8.tflite": None},
    in_venv=True,
    has_picamera2=True,
    apt_has_picamera2=True,
    locked_cameras=(),
    libc=("glibc", "2.36"),
    users=(),
    throttled=0,
    clock_synchronized=True,
)


def ailments(facts: Facts) -> list[Check]:
    return [check for check in diagnose(facts) if check.level != "ok"]


def test_a_healthy_pi_has_nothing_to_mend() -> None:
    assert ailments(HEALTHY) == []


def test_a_computer_that_is_no_pi_needs_no_picamera2() -> None:
    desktop = replace(HEALTHY, board=None, has_picamera2=False, apt_has_picamera2=False, machine="x86_64")
    assert ailments(desktop) == []


def with_versions(**versions: str | None) -> Facts:
    merged = {**HEALTHY.versions, **{name.replace("_", "-"): version for name, version in versions.items()}}
    return replace(HEALTHY, versions={name: version for name, version in merged.items() if version})


@pytest.mark.parametrize(
    ("facts", "level", "finding", "remedy"),
    [
        (replace(HEALTHY, python=(3, 10, 4)), "FAIL", "Python 3.10.4 is not supported", "3.11"),
        (replace(HEALTHY, bits=32, machine="armv7l"), "FAIL", "is 32 bit: TFLite", "64-bit Raspberry Pi OS"),
        (replace(HEALTHY, bits=32), "FAIL", "although the processor", "64-bit Raspberry Pi OS"),
        (replace(HEALTHY, libc=("", "")), "FAIL", "not glibc", "use Raspberry Pi OS"),
        (replace(HEALTHY, libc=("glibc", "2.24")), "FAIL", "glibc 2.24 is older than 2.28", "Bookworm"),
        (replace(HEALTHY, opencv=ImportError("libGL.so")), "FAIL", "libGL.so", "opencv-python-headless"),
        (with_versions(ai_edge_litert=None), "FAIL", "no runtime for .tflite", "pip install ai-edge-litert"),
        (replace(HEALTHY, models={}), "FAIL", "no shipped models", "git restore edge_digits/models"),
        (replace(HEALTHY, models={"a.tflite": "sha256"}), "FAIL", "a.tflite: sha256", "git restore"),
        (with_versions(numpy="2.1.0"), "warn", "NumPy 2.1.0 hides", "numpy<2"),
        (with_versions(opencv_python="4.11.0.86"), "warn", "overwrite each other", "pip uninstall -y opencv"),
        (replace(HEALTHY, has_picamera2=False), "warn", "does not see", "--system-site-packages"),
        (
            replace(HEALTHY, has_picamera2=False, apt_has_picamera2=False),
            "warn",
            "picamera2 is not installed",
            "sudo apt install python3-picamera2",
        ),
        (replace(HEALTHY, locked_cameras=("/dev/video0",)), "warn", "/dev/video0", "usermod -aG video"),
        (
            replace(
                HEALTHY,
                users=(CameraUser("/dev/media0", 12, "cheese", None), CameraUser("/dev/video0", 12, "cheese", None)),
            ),
            "warn",
            "cheese (process 12) uses /dev/media0, /dev/video0",
            "kill 12",
        ),
        (
            replace(HEALTHY, users=(CameraUser("/dev/video0", 7, "python", "edge-digits-camera.service"),)),
            "warn",
            "python (process 7) uses /dev/video0",
            "sudo systemctl stop edge-digits-camera.service",
        ),
        (replace(HEALTHY, throttled=0x50005), "warn", "voltage is too low (now)", "power supply"),
        (replace(HEALTHY, throttled=0x10000), "warn", "voltage is too low (since the last boot)", "power supply"),
        (replace(HEALTHY, throttled=0x8), "warn", "because it is hot (now)", "a heat sink or a fan"),
        (
            replace(HEALTHY, throttled=0x60000),
            "warn",
            "because it is hot (since the last boot)",
            "a heat sink or a fan",
        ),
        (replace(HEALTHY, clock_synchronized=False), "warn", "clock is not synchronized", "timedatectl set-ntp true"),
    ],
)
def test_each_ailment_is_found_alone_and_has_a_remedy(facts: Facts, level: str, finding: str, remedy: str) -> None:
    (check,) = ailments(facts)
    assert check.level == level
    assert finding in check.finding
    assert remedy in (check.remedy or "")


def test_tflite_runtime_beside_numpy_2() -> None:
    facts = with_versions(ai_edge_litert=None, tflite_runtime="2.14.0", numpy="2.1.0")
    assert any("does not run with NumPy 2.1.0" in check.finding for check in ailments(facts))
    assert ailments(with_versions(ai_edge_litert=None, tflite_runtime="2.14.0")) == []


def test_what_nobody_can_tell_is_no_ailment() -> None:
    assert ailments(replace(HEALTHY, throttled=None, clock_synchronized=None)) == []


def test_heat_and_low_voltage_are_told_apart() -> None:
    findings = [check.finding for check in ailments(replace(HEALTHY, throttled=0xD0008))]
    assert ["voltage" in finding for finding in findings] == [True, False]
    assert "hot (now)" in findings[1]


def test_programs_that_hold_a_camera_are_found_with_their_service(tmp_path: Path) -> None:
    for number, group in (("101", "/system.slice/motion.service"), ("102", "/user.slice/session-1.scope")):
        (tmp_path / number / "fd").mkdir(parents=True)
        (tmp_path / number / "comm").write_text("motion\n")
        (tmp_path / number / "cgroup").write_text(f"0::{group}\n")
        (tmp_path / number / "fd" / "3").symlink_to("/dev/video0")
        (tmp_path / number / "fd" / "4").symlink_to("/dev/null")
        (tmp_path / number / "fd" / "5").symlink_to("/dev/video0")
    (tmp_path / "103").mkdir()
    assert camera_users(tmp_path) == (
        CameraUser("/dev/video0", 101, "motion", "motion.service"),
        CameraUser("/dev/video0", 102, "motion", None),
    )


def test_an_onnx_model_without_its_optional_runtime_is_no_ailment() -> None:
    assert ailments(replace(HEALTHY, models={"a.tflite": None, "a.onnx": "onnxruntime is not installed"})) == []


def test_this_installation_can_be_looked_at() -> None:
    facts = gather()
    assert facts.bits in (32, 64)
    assert "numpy" in facts.versions


@pytest.mark.parametrize(("facts", "status"), [(HEALTHY, 0), (replace(HEALTHY, bits=32), 1)])
def test_the_exit_status_is_1_if_something_essential_is_broken(monkeypatch, capsys, facts: Facts, status: int) -> None:
    monkeypatch.setattr(doctor, "gather", lambda: facts)
    assert main.main(["doctor"]) == status
    assert ("-> install the 64-bit" in capsys.readouterr().out) == bool(status)
