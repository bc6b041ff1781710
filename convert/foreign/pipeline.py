"""A foreign model -> float ONNX graph -> TFLite and ONNX, float32 and int8, each failing alone, and a report."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from tqdm import tqdm

from convert import child
from convert.atomic_place import place, staging
from convert.check.parity import milliseconds
from convert.errors import ConversionError
from convert.foreign.graph.load import kind_of, load
from convert.foreign.job import Job, file_spec, tools
from convert.foreign.judge import Judged, judge
from convert.foreign.network import Network, with_samples
from convert.foreign.report import Report, as_json, as_markdown
from convert.foreign.samples import find_pictures, read_labels
from edge_digits.runtime.load import load_model
from edge_digits.runtime.preprocessing import from_dict, network_input
from edge_digits.runtime.spec import read_spec, spec_path, write_spec
from edge_digits.system.extras import require

logger = logging.getLogger(__name__)

_SPEED_INPUTS = 20
_NEEDED = {"tflite": ("tensorflow",), "onnx": ("onnxruntime",)}


def convert(job: Job, progress: bool = True) -> Report:
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
    made_too = [kind for kind in product(job.formats, ("float32",)) if kind not in wanted]
    with staging(job.out) as folder:
        with tqdm(
            total=len(wanted) * 2 + len(made_too) + 3, desc=job.name, disable=None if progress else True, leave=False
        ) as bar:
            bar.set_postfix_str("reading the model")
            source = load(job.model, job.declared, pictures, folder)
            bar.update()
            bar.set_postfix_str("samples")
            network = with_samples(job, source, pictures, labels)
            bar.update()
            judged, failures = {}, {}
            np.save(
                folder / "samples.npy", network_input(network.calibrating.pixels, from_dict(network.spec.preprocessing))
            )
            for format, precision in sorted([*wanted, *made_too]):
                bar.set_postfix_str(f"making {format} {precision}")
                path = folder / f"{job.name}-{precision}.{format}"
                try:
                    _make(folder, path, format, precision)
                    _write_spec(job, network, path, precision)
                except ConversionError as error:
                    failures[path.name] = str(error)
                bar.update()
            for format, precision in wanted:
                path = folder / f"{job.name}-{precision}.{format}"
                if path.name not in failures:
                    bar.set_postfix_str(f"gates of {format} {precision}")
                    plain = folder / f"{job.name}-float32.{format}"
                    judged[path.name] = _judge(job, network, path, plain)
                bar.update()
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
        texts = {".md": as_markdown(report), ".json": as_json(report)}
        for suffix, text in texts.items():
            (folder / f"{job.name}-report{suffix}").write_text(text, encoding="utf-8")
        written = [folder / name for name, one in judged.items() if one.passed]
        reports = [folder / f"{job.name}-report{suffix}" for suffix in texts]
        place([*(path for file in written for path in (spec_path(file), file)), *reports], job.out)
    if network.checked is not None and network.checked.warning:
        logger.warning("%s: %s", job.model, network.checked.warning)
    return report


def _make(folder: Path, path: Path, format: str, precision: str) -> None:
    """Run the converter of one file in its own process."""
    graph, log = folder / "float.onnx", folder / f"{path.name}.log"
    samples: list[str | Path] = ["--samples", folder / "samples.npy"] if precision == "int8" else []
    if format == "tflite":
        child.run("convert.export.from_onnx.to_tflite", [graph, precision, path, *samples], log)
    elif precision == "int8":
        child.run("convert.quantize.onnx_int8", [graph, precision, path, *samples], log)
    else:
        path.write_bytes(onnx.load(graph).SerializeToString(deterministic=True))


def _judge(job: Job, network: Network, path: Path, plain: Path) -> Judged:
    spec = read_spec(path)
    judged = judge(path, plain, network.source, network.judging, network.first, network.expected, spec.temperature)
    if judged.accuracy is not None:
        write_spec(path, replace(spec, scores={job.samples.name: round(judged.accuracy, 6)}))
    return judged


def _write_spec(job: Job, network: Network, path: Path, precision: str) -> None:
    samples, count = path.parent / "samples.npy", len(network.calibrating)
    write_spec(path, file_spec(job, network.spec, network.source.kind, path, precision, samples, count))
