"""The wheel holds all that a Raspberry Pi runs, and runs where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[dev]'")

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def without_checkout() -> dict[str, str]:
    """The environment, in which nothing tells of the checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=without_checkout(), capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    [made] = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment in which the wheel is installed, beside what it depends on: that is
    taken from the environment of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel, folder=folder)
    [packages] = (folder / "lib").glob("python*/site-packages")
    around = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "dependencies.pth").write_text("\n".join(around))
    return folder / "bin"


def test_every_file_of_the_packages_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        held = {name for name in content.namelist() if ".dist-info/" not in name}
    files = [path for package in ("edge_digits", "device") for path in (ROOT / package).rglob("*") if path.is_file()]
    assert held == {str(path.relative_to(ROOT)) for path in files if path.suffix != ".pyc"}


def test_it_reads_a_picture(programs: Path, tmp_path: Path) -> None:
    done = run(programs / "edge-digits", "read", ROOT / "docs" / "guide" / "demo.png", folder=tmp_path)
    assert any(character.isdigit() for character in done.stdout)


def test_it_reads_the_demo_camera(programs: Path, tmp_path: Path) -> None:
    command = [programs / "edge-digits-camera", "--source", "demo", "--sink", "jsonl:-"]
    with subprocess.Popen(command, cwd=tmp_path, env=without_checkout(), stdout=subprocess.PIPE, text=True) as camera:
        assert camera.stdout is not None
        first = json.loads(camera.stdout.readline())
        camera.terminate()
        # What it still writes would be lost, and lost readings are an error.
        camera.communicate()
    assert first["text"] and camera.returncode == 0


def test_what_is_missing_is_installed_from_its_file(programs: Path, wheel: Path, tmp_path: Path) -> None:
    program = "from edge_digits.system.install import install_extra; print(install_extra('onnx'))"
    done = run(programs / "python", "-c", program, folder=tmp_path)
    assert done.stdout == f"pip install './{wheel.name}[onnx]'\n"
