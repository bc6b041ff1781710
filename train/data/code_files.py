"""The project's own files that a module's results depend on: what is kept between runs is theirs."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def code_files(*modules: str, root: Path = _ROOT) -> list[Path]:
    """The files of ``modules`` ("train.judge.nodes") and of all below ``root`` that they import, wherever they do."""
    files: dict[str, Path] = {}
    waiting = [*modules]
    while waiting:
        name = waiting.pop()
        path = _file(name, root)
        if name not in files and path is not None:
            files[name] = path
            waiting += _imported(path)
    return sorted(files.values())


def code_hash(*modules: str) -> str:
    """Twelve hexadecimal digits that change whenever one of the ``code_files`` does."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in code_files(*modules))).hexdigest()[:12]


def _file(name: str, root: Path) -> Path | None:
    place = root.joinpath(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # What is imported from a package may be a module itself.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
