"""The commands that install this package, from its checkout or from a wheel's file: no package index has it yet."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, or the folder that a wheel was unpacked to."""


def install_extra(extra: str) -> str:
    """The command that installs ``extra`` where this package came from."""
    if _is_checkout():
        return f"pip install -e '.[{extra}]'"
    return f"pip install './{_wheel()}[{extra}]'"


def restore_models() -> str:
    """The command that brings back the model files that ship."""
    if _is_checkout():
        return "git restore edge_digits/models"
    return f"pip install --force-reinstall --no-deps ./{_wheel()}"


def _is_checkout() -> bool:
    return (ROOT / "pyproject.toml").is_file()


def _wheel() -> str:
    # It takes its time to import, and only those who miss something wait for it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"edge_digits-{version('edge-digits')}-py3-none-any.whl"
    except PackageNotFoundError:
        return "edge_digits-VERSION-py3-none-any.whl"
