"""What a conversion prints at its end."""

from __future__ import annotations

from convert.pipeline import Converted


def table(results: list[Converted]) -> str:
    """One line per file: size, accuracy on the crops that judge and on MNIST (the specs hold all sets), agreement with
    torch, time per input; below, every gate's figure."""
    sets = list(dict.fromkeys(key for result in results for key in result.scores))[:2]
    head = ["model", "format", "precision", "kB", *sets, "agreement", "ms"]
    rows = [
        [
            result.path.name.removesuffix(f"-{result.precision}.{result.format}"),
            result.format,
            result.precision,
            f"{result.bytes / 1000:.0f}",
            *(f"{result.scores[key]:.2%}" for key in sets),
            f"{result.agreement:.3%}",
            f"{result.milliseconds:.3f}",
        ]
        for result in results
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    gates = [f"{result.path}\n" + "\n".join(f"  {g.gate}: {g.figure}" for g in result.gates) for result in results]
    return "\n".join([*lines, "", *gates])
