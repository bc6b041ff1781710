"""A foreign model -> float ONNX graph -> TFLite and ONNX, float32 and int8, each failing alone, and a report."""

from __future__ import annotations

import logging
import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from tqdm import tqdm

from convert import child
from convert.atomic_place import place, staging
from convert.check.gates import Scores
from convert.check.parity import milliseconds
from convert.errors import ConversionError
from convert.foreign import mistakes
from convert.foreign.declared import Declared
from convert.foreign.float_graph import lengths, scores, session
from convert.foreign.judge import Judged, judge
from convert.foreign.load import ANSWERED, Source, kind_of, load
from convert.foreign.mistakes import Checked
from convert.foreign.report import Report, as_json, as_markdown
from convert.foreign.samples import Samples, apart, find_pictures, is_light, read_labels, read_pictures, truth_of
from convert.provenance import version_of
from edge_digits.charset import DIGITS
from edge_digits.errors import ConfigError
from edge_digits.runtime.load import load_model
from edge_digits.runtime.preprocessing import network_input
from edge_digits.runtime.spec import ModelSpec, sha256_of, spec_path, write_spec
from edge_digits.system.extras import require
from train.provenance import commit
from train.temperature_scaling import fit_temperature

logger = logging.getLogger(__name__)

_SPEED_INPUTS = 20
_TOOLS = {"tflite": ("tensorflow", "ai-edge-litert"), "onnx": ("onnxruntime",)}
_KIND_TOOLS = {
    "keras": ("keras", "tf2onnx"),
    "saved-model": ("tf2onnx",),
    "exported-program": ("torch",),
    "module": ("torch",),
}
_NEEDED = {"tflite": ("tensorflow",), "onnx": ("onnxruntime",)}


@dataclass(frozen=True)
class Job:
    """What to convert. model: as the command line names it. name: of the files. samples: folder of pictures. labels: of
    them, a table. share: one in so many pictures is used."""

    model: str
    name: str
    samples: Path
    labels: Path | None
    out: Path
    declared: Declared
    formats: tuple[str, ...]
    precisions: tuple[str, ...]
    share: int = 1


@dataclass(frozen=True)
class _Network:
    """The model as it was read. spec: of its files but for their format. first: pixels that the model was asked
    about. expected: the float graph's scores of the samples that judge."""

    source: Source
    spec: ModelSpec
    calibrating: Samples
    judging: Samples
    first: NDArray[np.uint8]
    expected: Scores
    checked: Checked | None


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
            network = _network(job, source, pictures, labels)
            bar.update()
            judged, failures = {}, {}
            np.save(folder / "samples.npy", network_input(network.calibrating.pixels, _preprocessing(network.spec)))
            for format, precision in sorted([*wanted, *made_too]):
                bar.set_postfix_str(f"making {format} {precision}")
                path = folder / f"{job.name}-{precision}.{format}"
                try:
                    _make(folder, path, format, precision)
                    _write_spec(job, network, path, precision, {})
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
            {tool: version_of(tool) for tool in _tools(job, source)},
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


def _network(job: Job, source: Source, pictures: Sequence[Path], labels: dict[Path, str] | None) -> _Network:
    graph = source.graph.graph
    _, channels, height, width = lengths(graph.input[0])
    output = lengths(graph.output[0])
    is_line = len(output) == 3
    known = [None if labels is None else labels.get(path) for path in pictures]
    pixels = read_pictures(pictures, (height, width), job.declared.preprocessing.colour, is_line)
    light = is_light(pixels)
    preprocessing = replace(job.declared.preprocessing, invert=job.declared.preprocessing.invert != light)
    pixels = 255 - pixels if light else pixels
    truth = None if labels is None else truth_of(known, job.declared.charset, is_line)
    samples = Samples(pixels, truth, np.array([label is not None for label in known]))
    calibrating, judging = apart(samples)
    running = session(source.graph)

    def score(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return scores(running, values)

    expected = score(network_input(judging.pixels, preprocessing))
    reject, blank = _classes(job, output[-1], is_line)
    temperature = 1.0
    if judging.truth is not None and judging.labelled.any() and not is_line:
        temperature = fit_temperature(expected[judging.labelled], judging.truth[judging.labelled].astype(np.uint8))
    spec = ModelSpec(
        name=job.name,
        format="",
        precision="",
        sha256="",
        input_shape=(height, width),
        channels=channels,
        charset=job.declared.charset,
        reject=reject,
        blank=blank,
        task="lines" if is_line else "digits",
        temperature=temperature,
        preprocessing=preprocessing.as_dict(),
        steps=output[1] if is_line else 0,
        **_line_normalization(is_line),
    )
    checked = mistakes.check(samples, preprocessing, score)
    return _Network(source, spec, calibrating, judging, pixels[:ANSWERED], expected, checked)


def _line_normalization(is_line: bool) -> dict[str, Any]:
    from edge_digits.model_input import normalize

    return {"normalization": normalize.line_parameters() if is_line else normalize.parameters()}


def _classes(job: Job, classes: int, is_line: bool) -> tuple[bool, bool]:
    """Whether there is a reject class, and a blank. Raises ConfigError if the charset does not fit the outputs."""
    more = classes - len(job.declared.charset) - is_line
    if more not in (0, 1):
        blank = ", with the blank" if is_line else ""
        raise ConfigError(
            f"{job.model}: gives {classes} scores{blank}, and the charset has {len(job.declared.charset)} characters: "
            "--charset names them in order"
        )
    return bool(more), is_line


def _preprocessing(spec: ModelSpec) -> Any:
    from edge_digits.runtime.preprocessing import from_dict

    return from_dict(spec.preprocessing)


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


def _judge(job: Job, network: _Network, path: Path, plain: Path) -> Judged:
    judged = judge(
        path, plain, network.source, network.judging, network.first, network.expected, network.spec.temperature
    )
    if judged.accuracy is not None:
        _write_spec(job, network, path, load_model(path).spec.precision, {job.samples.name: judged.accuracy})
    return judged


def _write_spec(job: Job, network: _Network, path: Path, precision: str, accuracies: dict[str, float]) -> None:
    format = path.suffix[1:]
    calibration = sha256_of(path.parent / "samples.npy") if precision == "int8" else None
    conversion: dict[str, Any] = {
        "command": command(job),
        "commit": commit(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "tools": {tool: version_of(tool) for tool in _tools(job, network.source)},
    }
    if precision == "int8":
        conversion["quantization"] = f"post-training, per channel, {len(network.calibrating)} calibration samples"
    origin = {"model": Path(job.model).name, "kind": network.source.kind, "conversion": conversion}
    if Path(job.model).is_file():
        origin["model_sha256"] = sha256_of(Path(job.model))
    spec = replace(
        network.spec,
        format=format,
        precision=precision,
        sha256=sha256_of(path),
        calibration=calibration,
        origin=origin,
        scores={name: round(value, 6) for name, value in accuracies.items()},
    )
    write_spec(path, spec)


def _tools(job: Job, source: Source) -> list[str]:
    tools = [
        *_KIND_TOOLS.get(source.kind, ()),
        *(tool for name in job.formats for tool in _TOOLS[name]),
        "onnx",
        "numpy",
    ]
    return list(dict.fromkeys(tools))


def command(job: Job) -> str:
    """The command line that makes these files; folders are the user's own and left out."""
    about, declared = job.declared.preprocessing, job.declared
    words = ["python", "-m", "convert", "file", Path(job.model).name]
    if about.colour != "grey":
        words += ["--colour", about.colour]
    if about.scale != 1 / 255:
        words += ["--scale", f"{about.scale:g}"]
    for name, values, usual in (("--mean", about.mean, (0.0,)), ("--std", about.std, (1.0,))):
        if values != usual:
            words += [name, ",".join(f"{value:g}" for value in values)]
    words += ["--invert"] * about.invert + (["--layout", declared.layout] if declared.layout else [])
    if declared.size:
        words += ["--size", "{}x{}".format(*declared.size)]
    words += ["--charset", declared.charset] if declared.charset != DIGITS else []
    words += ["--blank", "first"] * declared.blank_first
    return shlex.join(words)
