"""What a result depends on is found from the code itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.data.code_files import code_files

FILES = {
    "ours/__init__.py": "",
    "ours/whole.py": "from ours.part import value\nfrom ours import other\nimport json\n",
    "ours/part.py": "value = 1\n",
    "ours/other.py": "def late():\n    import ours.inner.last\n",
    "ours/inner/__init__.py": "",
    "ours/inner/last.py": "from ours.whole import value\n",
    "ours/alone.py": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_that_is_imported_is_found_whether_at_once_late_or_in_a_circle(root: Path) -> None:
    found = code_files("ours.whole", root=root)
    names = {path.relative_to(root).as_posix() for path in found}
    assert names == {
        "ours/__init__.py",
        "ours/whole.py",
        "ours/part.py",
        "ours/other.py",
        "ours/inner/last.py",
    }


def test_nodes_depend_on_what_they_are_found_with_and_on_what_tiles_are_made_of() -> None:
    names = {path.name for path in code_files("train.judge.nodes", "train.data.tiles")}
    assert {"contrast.py", "component_tree.py", "labels.py", "tiles.py", "writing.py"} <= names
