"""Which inputs judge the files of which network, and which sets are only reported on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from convert import options
from convert.check import nodes, validation
from convert.check.inputs import Judges, thinned
from edge_digits.runtime.spec import TASKS, read_spec


def judges_of(name: str, data_dir: Path, share: int = 1) -> Judges:
    """What judges files of a network, or one in ``share`` of that; published ones have no class for what is no digit,
    so digits alone."""
    if options.reads_lines(name):
        return thinned(validation.line_judges(data_dir), share)
    count = nodes.COUNT // share
    if name in options.JUDGE:
        return nodes.judges(name, data_dir, count)
    crops = nodes.crops(data_dir, count)
    return validation.digits_alone(crops) if name in options.PUBLISHED else crops


def reports_of(name: str, data_dir: Path, share: int) -> Mapping[str, Judges]:
    """The sets whose accuracy only goes into the specs, by name; one in ``share`` of each."""
    if name in options.JUDGE:
        return {}
    reports = (validation.line_reports if options.reads_lines(name) else validation.reports)(data_dir)
    return {key: thinned(judges, share) for key, judges in reports.items()}


def all_judges(files: list[Path], data_dir: Path) -> list[Judges]:
    """What judges the networks of ``files``, digits first."""
    tasks = {read_spec(path).task for path in files}
    makers: dict[str, Callable[[Path], Judges]] = {"digits": nodes.crops, "lines": validation.line_judges}
    makers |= {task: partial(nodes.judges, task) for task in options.JUDGE}
    return [makers[task](data_dir) for task in TASKS if task in tasks]
