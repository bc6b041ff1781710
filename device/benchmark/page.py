"""``docs/benchmarks.md``: the tables and plots of a run, put between the page's markers."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from device.benchmark import emulation, plots, table
from device.benchmark.results import Results
from edge_digits.errors import DataError

BEGIN = "<!-- figures: made by `python -m device.benchmark page`, do not edit -->"
END = "<!-- end of figures -->"


def write(results: Results, page: Path, emulated: Results | None = None) -> None:
    """Put the figures of ``results`` into ``page``, and its plots into the folder of its name beside it; those of a run
    under emulation too. Raises DataError if the page has no place for them, RuntimeMissingError without matplotlib."""
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{page}: cannot be read: {error.strerror}") from error
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise DataError(f"{page}: needs the lines '{BEGIN}' and '{END}' once each")
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    pictures = plots.draw(results, folder)
    shown = [f"![{title}]({folder.name}/{path.name})" for path, title in pictures]
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    parts = [f"`{_shown(results['command'])}`", table.markdown(results), *shown]
    if emulated is not None:
        parts.append(emulation.section(results, emulated))
    body = "\n\n".join(parts)
    page.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}", encoding="utf-8")


def _shown(command: str) -> str:
    """The command as anybody may see it: of an absolute path only the name."""
    return shlex.join(re.sub(r"^(--[^=]*=)?/(.*/)?", r"\1", part) for part in shlex.split(command))
