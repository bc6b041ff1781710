"""``python -m docs.results.house``: how the code is arranged at two commits, side by side."""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from docs.results.page import RESULTS, write_page
from edge_digits.errors import DataError
from edge_digits.system.exit_status import exit_status

ROOT = Path(__file__).parents[2]
PROGRAM = "python -m docs.results.house"
PAGE = RESULTS / "house.md"
BEFORE = "9df5ecf"
"""The last commit of the reader that rules decided."""

PACKAGES = ("edge_digits", "device", "train", "convert")
MEASURING = ("docs/", ".ci/", "device/benchmark/", "device/soak.py", "device/measure.py", "device/web/measure.py")
MEASURING += ("train/published/", "convert/report/", "train/evaluate/")
"""What only measures or writes documents, at either commit."""

HEAD = """\
# The house, before and after

How the code is arranged. Made by `python -m docs.results.house {before} {after}`.

"""

NOTES = """
*Modules that import each other in circles* counts every import, late ones and those for types alone. *Modules imported
by a reading* are those of `edge_digits` that are loaded once a picture was read. Lines are those that are neither blank
nor comment.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Write docs/results/house.md: how the code is arranged at two commits.",
        epilog=f"example: {PROGRAM} {BEFORE} HEAD",
    )
    parser.add_argument("before", nargs="?", default=BEFORE, help=f"a commit ({BEFORE})")
    parser.add_argument("after", nargs="?", default="HEAD", help="another (HEAD)")
    options = parser.parse_args(arguments)

    def work() -> int:
        commits = [
            git("rev-parse", "--short", "--verify", f"{commit}^{{commit}}").decode().strip()
            for commit in (options.before, options.after)
        ]
        before, after = (figures_at(commit) for commit in commits)
        rows = [f"| {name} | {before[name]} | {after[name]} |" for name in after]
        head = HEAD.format(before=commits[0], after=commits[1])
        table = "\n".join([f"| | {commits[0]} | {commits[1]} |", "|---|---:|---:|", *rows])
        write_page(PAGE, f"{head}{table}\n{NOTES}")
        return 0

    return exit_status(PROGRAM, work)


def git(*arguments: str) -> bytes:
    """What git says. Raises DataError with git's own words where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise DataError(f"git {' '.join(arguments)}: {done.stderr.decode().strip().splitlines()[-1]}")
    return done.stdout


def figures_at(commit: str) -> dict[str, str]:
    """What is counted in the tree of a commit, by its name."""
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as tar:
            tar.extractall(place, filter="data")
        return figures(Path(place))


def figures(tree: Path) -> dict[str, str]:
    """What is counted in a checkout, by its name."""
    modules = {path.relative_to(tree): path.read_text("utf-8") for path in sorted(tree.rglob("*.py"))}
    product = {path: text for path, text in modules.items() if path.parts[0] in PACKAGES}
    folders = Counter(path.parent.as_posix() for path in product)
    largest, most = folders.most_common(1)[0]
    numbers = {
        "modules of the four packages": f"{len(product)}",
        "folders": f"{len(folders)}",
        "most modules in a folder": f"{most} (`{largest}/`)",
        "modules that import each other in circles": f"{len(in_circles(import_graph(product)))}",
        "modules imported by a reading": imported_by_a_reading(tree),
        "modules that the wheel holds": f"{sum(path.parts[0] in ('edge_digits', 'device') for path in product)}",
    }
    purposes: Counter[str] = Counter()
    for path, text in modules.items():
        purposes[purpose(path)] += code_lines(text)
    total = sum(purposes.values())
    for name in ("product", "training", "conversion", "measurement", "tests", "examples"):
        numbers[f"lines: {name}"] = f"{purposes[name]:,} ({100 * purposes[name] / total:.0f} %)"
    written = [tree / "README.md", *sorted((tree / "docs").rglob("*.md"))]
    words = {path: len(path.read_text("utf-8").split()) for path in written}
    generated = sum(count for path, count in words.items() if path.is_relative_to(tree / "docs" / "results"))
    numbers["words: README"] = f"{words[tree / 'README.md']:,}"
    numbers["words: docs"] = f"{sum(words.values()) - words[tree / 'README.md'] - generated:,}"
    numbers["words: generated results"] = f"{generated:,}" if generated else "among the docs"
    return numbers


def purpose(path: Path) -> str:
    """What a module is for."""
    if path.parts[0] in ("tests", "examples"):
        return path.parts[0]
    if path.as_posix().startswith(MEASURING):
        return "measurement"
    return {"train": "training", "convert": "conversion"}.get(path.parts[0], "product")


def code_lines(text: str) -> int:
    """Lines that are neither blank nor comment."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in text.splitlines())


def import_graph(modules: dict[Path, str]) -> dict[str, set[str]]:
    """By module those that it imports, wherever it does."""
    named = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): text for path, text in modules.items()}
    graph: dict[str, set[str]] = {}
    for module, text in named.items():
        imported: set[str] = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module:
                within = [f"{node.module}.{name.name}" for name in node.names]
                imported |= {name if name in named else node.module for name in within}
            elif isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
        graph[module] = (imported & set(named)) - {module}
    return graph


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """The modules from which some way of imports leads back to them."""
    return {module for module, direct in graph.items() if module in reached(graph, direct)}


def reached(graph: dict[str, set[str]], start: set[str]) -> set[str]:
    """Everything that ``start`` imports, and what that imports."""
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        module = ahead.pop()
        if module not in seen:
            seen.add(module)
            ahead += graph[module]
    return seen


def imported_by_a_reading(tree: Path) -> str:
    """How many modules of edge_digits a reading loads."""
    code = (
        "import sys, numpy, edge_digits.reader as r; "
        "r.open_reader().read(numpy.full((120, 160), 230, numpy.uint8)); "
        "print(sum(name.split('.')[0] == 'edge_digits' for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
