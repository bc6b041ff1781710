"""What is missing is installed from where this package came from: its checkout, or a wheel's file."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from edge_digits.system import install

WHEEL = f"./edge_digits-{version('edge-digits')}-py3-none-any.whl"


@pytest.fixture
def unpacked_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)


def test_in_a_checkout_an_extra_is_installed_from_it() -> None:
    assert install.install_extra("web") == "pip install -e '.[web]'"


@pytest.mark.usefixtures("unpacked_wheel")
def test_of_a_wheel_an_extra_is_installed_from_its_file() -> None:
    assert install.install_extra("web") == f"pip install '{WHEEL}[web]'"


def test_in_a_checkout_models_are_restored_by_git() -> None:
    assert install.restore_models() == "git restore edge_digits/models"


@pytest.mark.usefixtures("unpacked_wheel")
def test_of_a_wheel_models_are_installed_again() -> None:
    assert install.restore_models() == f"pip install --force-reinstall --no-deps {WHEEL}"
