"""A foreign model -> float ONNX graph -> TFLite and ONNX, float32 and int8, each failing alone, and a report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from tqdm import tqdm

from convert import child
from convert.atomic_place import place, staging
from convert.check import gates
from convert.check.gates import Scores
from convert.check.parity import milliseconds
from convert.errors import ConversionError
from convert.foreign.graph.load import kind_of, load
from convert.foreign.job import Job, file_spec, tools
from convert.foreign.judge import Judged, judge, least_decided, lost
from convert.foreign.network import Network, with_samples
from convert.foreign.remedy import Remedied, remedy
from convert.foreign.report import Report, as_json, as_markdown
from convert.foreign.samples import Samples, find_pictures, read_labels
from edge_digits.errors import ModelError
from edge_digits.runtime.load import load_model
from edge_digits.runtime.preprocessing import from_dict, network_input
from edge_digits.runtime.spec import read_spec, spec_path, write_spec
from edge_digits.system.extras import require

logger = logging.getLogger(__name__)

_SPEED_INPUTS = 20
_NEEDED = {"tflite": ("tensorflow",), "onnx": ("onnxruntime",)}


Kind = tuple[str, str]
"""Format and precision of a file."""


def convert(job: Job) -> Report:
    """Do ``job``: write to ``job.out`` each file that passes its gates, with its spec, and the report of all.

    Raises DataError for samples or labels that cannot be used, ModelError and ConfigError for MODEL itself,
    ConversionError if it cannot be read or ``job.out`` cannot be written.
    """
    kind_of(job.model)
    for name in job.formats:
        require(f"--format {name}", "convert", _NEEDED[name])
    pictures = find_pictures(job.samples, job.share)
    labels = None if job.labels is None else read_labels(job.labels, job.samples, job.declared.charset)
    wanted = list(product(job.formats, job.precisions))
    # What int8 is compared with, layer by layer.
    beside = [kind for kind in product(job.formats, ("float32",)) if kind not in wanted]
    with staging(job.out) as folder:
        with tqdm(total=2 * len(wanted) + len(beside) + 3, desc=job.name, disable=None, leave=False) as bar:
            bar.set_postfix_str("reading the model")
            source = load(job.model, job.declared, pictures, folder)
            bar.update()
            bar.set_postfix_str("samples")
            network = with_samples(job, source, pictures, labels)
            bar.update()
            failures = _make_all(job, network, folder, sorted([*wanted, *beside]), bar)
            judged = _judge_all(job, network, folder, wanted, failures, bar)
            bar.set_postfix_str("speed")
            some = network.judging.pixels[:_SPEED_INPUTS]
            times = milliseconds({name: (load_model(folder / name), some) for name in judged})
            bar.update()
        report = Report(
            job.name, job.model, source.kind, network.spec, network.checked,
            len(network.calibrating), len(network.judging),
            None if network.judging.truth is None else int(network.judging.labelled.sum()), judged, times, failures,
            tools(job, source.kind),
        )  # fmt: skip
        texts = {f"{job.name}-report.md": as_markdown(report), f"{job.name}-report.json": as_json(report)}
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        files = [path for name in report.written for path in (spec_path(folder / name), folder / name)]
        place([*files, *(folder / name for name in texts)], job.out)
    if network.checked is not None and network.checked.warning:
        logger.warning("%s: %s", job.model, network.checked.warning)
    return report


def _make_all(job: Job, network: Network, folder: Path, kinds: list[Kind], bar: Any) -> dict[str, str]:
    """Make the files, each with a first spec; returns by name why there is none."""
    failures = {}
    preprocessing = from_dict(network.spec.preprocessing)
    np.save(folder / "samples.npy", network_input(network.calibrating.pixels, preprocessing))
    for format in job.formats:
        paths = {of: folder / f"{job.name}-{of}.{format}" for one, of in kinds if one == format}
        bar.set_postfix_str(f"making {', '.join(path.name for path in paths.values())}")
        reason = ""
        try:
            _make(folder, format, paths)
        except ConversionError as error:
            reason = str(error)
        for precision, path in paths.items():
            if path.is_file():
                _write_spec(job, network, path, precision)
            else:
                failures[path.name] = reason
            bar.update()
    return failures


def _judge_all(
    job: Job, network: Network, folder: Path, kinds: list[Kind], failures: dict[str, str], bar: Any
) -> dict[str, Judged]:
    """Judge each file that there is; one that the runtime cannot run joins ``failures``."""
    judged = {}
    for format, precision in kinds:
        path = folder / f"{job.name}-{precision}.{format}"
        bar.set_postfix_str(f"gates of {path.name}")
        if path.name not in failures:
            try:
                judged[path.name] = _judge(job, network, path, network.judging, network.expected)
                if precision == "int8" and lost(judged[path.name]) and _is_decided(network):
                    bar.set_postfix_str(f"remedies for {path.name}: minutes")
                    judged[path.name] = _remedied(job, network, path, judged[path.name])
            except (ModelError, ConversionError) as error:
                failures[path.name] = str(error)
        bar.update()
    return judged


def _is_decided(network: Network) -> bool:
    """Whether float itself is sure enough to be compared with: what it is not, no remedy mends."""
    counted = gates.decided(network.expected, network.spec.temperature)
    return int(counted.sum()) >= least_decided(len(counted))


def _remedied(job: Job, network: Network, path: Path, plain: Judged) -> Judged:
    """The int8 file at ``path`` made again with remedies, if it passes then; else as it was, with what was tried.

    Half of the samples that judge choose the remedies, and the other half alone judges what comes of them.
    """
    every = np.arange(len(network.judging))
    choosing, judging = every[::2], every[1::2]
    anew = path.with_name(f"remedied-{path.name}")
    about = from_dict(network.spec.preprocessing)
    remedied = remedy(path.parent, anew, path.suffix[1:], network.judging.some(choosing), about)
    _write_spec(job, network, anew, "int8", remedied.helped)
    judged = _judge(job, network, anew, network.judging.some(judging), network.expected[judging], remedied)
    if not judged.passed:
        return replace(plain, tried=remedied.tried)
    for old, new in ((path, anew), (spec_path(path), spec_path(anew))):
        new.replace(old)
    return judged


def _make(folder: Path, format: str, paths: dict[str, Path]) -> None:
    """Run the converter of one format in a process of its own. paths: by precision."""
    graph, log = folder / "float.onnx", folder / f"{format}.log"
    samples: list[str | Path] = ["--samples", folder / "samples.npy"]
    if format == "tflite":
        files = [word for precision, path in paths.items() for word in (f"--{precision}", path)]
        child.run("convert.export.from_onnx.to_tflite", [graph, *files, *samples], log)
        return
    if "float32" in paths:
        paths["float32"].write_bytes(onnx.load(graph).SerializeToString(deterministic=True))
    if "int8" in paths:
        child.run("convert.quantize.onnx_int8", [graph, "int8", paths["int8"], *samples], log)


def _judge(
    job: Job, network: Network, path: Path, samples: Samples, expected: Scores, remedied: Remedied | None = None
) -> Judged:
    spec = read_spec(path)
    plain = path.with_name(f"{job.name}-float32{path.suffix}")
    judged = judge(path, plain, network.source, samples, network.first, expected, spec.temperature, remedied)
    if judged.accuracy is not None:
        write_spec(path, replace(spec, scores={job.samples.name: round(judged.accuracy, 6)}))
    return judged


def _write_spec(job: Job, network: Network, path: Path, precision: str, remedies: Sequence[str] = ()) -> None:
    samples, count = path.parent / "samples.npy", len(network.calibrating)
    write_spec(path, file_spec(job, network.spec, network.source.kind, path, precision, samples, count, remedies))
