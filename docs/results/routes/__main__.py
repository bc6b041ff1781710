"""``python -m docs.results.routes``: which way from ONNX to TFLite converts what, as docs/results/routes.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from docs.results.page import RESULTS, write_page
from docs.results.prose import routes as prose
from edge_digits.system.exit_status import exit_status
from edge_digits.system.extras import require

PROGRAM = "python -m docs.results.routes"
PAGE = RESULTS / "routes.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Convert six small networks from ONNX to TFLite in each way that is installed, and compare.",
        epilog=f"example: {PROGRAM}",
    )
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help="the page (docs/results/routes.md)")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _run(options.out))


def _run(out: Path) -> int:
    require(PROGRAM, "convert", ("torch", "onnx", "onnxscript", "onnxruntime", "tensorflow"))
    # Imported after the command line is understood: torch takes seconds.
    from convert.foreign.graph.declared import Declared
    from convert.foreign.graph.float_graph import float_graph
    from convert.foreign.graph.torch_models import from_torch
    from docs.results.routes.networks import NETWORKS, made
    from docs.results.routes.routes import WAYS, Attempt, attempt

    rows: dict[str, dict[str, Attempt]] = {}
    for name, about in NETWORKS.items():
        network = made(name)
        given, _ = from_torch(name, network, network, (1, 1, *about.size))
        graph, _ = float_graph(given, Declared(size=about.size), name)
        rows[name] = {}
        for way in WAYS:
            print(f"{name}: {way}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as folder:
                rows[name][way] = attempt(way, graph, Path(folder))
    lines = ["| network | way | float32: greatest difference | int8: kB | int8: difference | float tensors | seconds |"]
    lines += ["|---|---|---:|---:|---:|---:|---:|"]
    for name, ways in rows.items():
        for way, one in ways.items():
            figures = f"{one.difference:.0e} | {one.int8_bytes / 1000:.0f} | {one.int8_difference:.1%} | {one.floats}"
            lines.append(
                f"| {name} | {way} | {f'fails: {one.error} | | |' if one.error else figures} | {one.seconds:.0f} |"
            )
    versions = ", ".join(f"{package} {_version(package)}" for package in prose.PACKAGES)
    write_page(out, prose.HEAD, "\n".join(lines), prose.READING, f"Made with {versions}.", prose.CHOICE)
    print(out)
    return 0


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
