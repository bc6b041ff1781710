"""What imports what: nothing that a Raspberry Pi runs imports a training framework, and nothing imports in circles."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("edge_digits", "device", "train", "convert")
HEAVY = ("torch", "torchvision", "tensorflow", "matplotlib")


def imported_by(code: str) -> set[str]:
    """Names of the top-level modules that are loaded after ``code`` has run in a new interpreter."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("module", ["edge_digits.cli.main", "edge_digits.reader", "device.__main__"])
def test_what_a_pi_runs_imports_no_training_framework(module: str) -> None:
    loaded = imported_by(f"import {module}")
    assert module.partition(".")[0] in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.slow
def test_every_module_of_the_wheel_imports_no_training_framework() -> None:
    walk = "import importlib, pkgutil, edge_digits, device\n"
    walk += "for package in (edge_digits, device):\n"
    walk += "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
    walk += "        importlib.import_module(found.name)"
    assert imported_by(walk).isdisjoint(HEAVY)


@pytest.mark.slow
def test_the_command_line_answers_without_numpy_or_opencv() -> None:
    assert imported_by("import edge_digits.cli.main").isdisjoint({"numpy", "cv2", "ai_edge_litert"})


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All that stand in ``node``, however deep; no expressions, which are most of a file."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside = getattr(node, name, ())
        for one in inside if isinstance(inside, list) else ():
            yield one
            yield from statements(one)


@cache
def import_graph() -> dict[str, set[str]]:
    """By module of the project those of it that it imports, wherever it does: late, or for types alone."""
    paths = {}
    for package in (*PRODUCT, "docs"):
        for path in (ROOT / package).rglob("*.py"):
            paths[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    graph: dict[str, set[str]] = {}
    for module, path in paths.items():
        named: set[str] = set()
        for node in statements(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                within = [f"{node.module}.{name.name}" for name in node.names]
                named |= {name if name in paths else node.module for name in within}
            elif isinstance(node, ast.Import):
                named |= {name.name for name in node.names}
        graph[module] = (named & {*paths}) - {module}
    return graph


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = import_graph()
    assert sum(map(len, graph.values())) > 1000
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def circle_in(folder: str, graph: dict[str, set[str]]) -> list[str]:
    """Imports, in words, by which the modules and subfolders of ``folder`` import each other in a circle; none if they
    do not. A subfolder is one with all that lies in it."""

    def part(module: str) -> str | None:
        """The module or subfolder of ``folder`` that ``module`` is, or lies in."""
        below = module.removeprefix(f"{folder}.")
        return None if below == module else below.partition(".")[0]

    imports: dict[tuple[str, str], str] = {}
    for module, imported in graph.items():
        for other in imported:
            ends = part(module), part(other)
            if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
                imports[ends[0], ends[1]] = f"{module} imports {other}"
    try:
        TopologicalSorter({name: {b for a, b in imports if a == name} for name, _ in imports}).prepare()
    except CycleError as error:
        # From what is imported to what imports it.
        return [imports[after, before] for before, after in pairwise(error.args[1])]
    return []


@pytest.mark.parametrize("package", PRODUCT)
def test_in_every_folder_modules_and_subfolders_import_each_other_one_way(package: str) -> None:
    graph = import_graph()
    folders = {module.rpartition(".")[0] for module in graph if module.startswith(f"{package}.")}
    assert len(folders) > 3
    for folder in sorted(folders):
        assert circle_in(folder, graph) == []


def test_folders_that_point_at_each_other_are_a_circle_though_no_two_modules_do() -> None:
    graph = {"device.web.app": {"device.loop"}, "device.loop": {"device.sinks.jsonl"}, "device.sinks.http.page": set()}
    assert circle_in("device", graph) == []
    graph["device.sinks.http.page"] = {"device.web.record"}
    assert sorted(circle_in("device", graph)) == [
        "device.loop imports device.sinks.jsonl",
        "device.sinks.http.page imports device.web.record",
        "device.web.app imports device.loop",
    ]


def test_nothing_of_the_product_imports_what_only_compares_or_measures() -> None:
    apart = ("docs.", "train.published.")
    for module, imported in import_graph().items():
        if not module.startswith(("docs", "train.published")):
            assert not [name for name in imported if f"{name}.".startswith(apart)], module


@pytest.mark.parametrize("package", [*PRODUCT, "docs"])
def test_no_folder_holds_more_than_fifteen_modules(package: str) -> None:
    for folder in [ROOT / package, *(path for path in (ROOT / package).rglob("*") if path.is_dir())]:
        assert len(list(folder.glob("*.py"))) <= 15, folder
