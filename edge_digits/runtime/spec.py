"""The JSON beside each model file: what it expects, where it comes from, how well it reads.

``cnn-int8.tflite`` has its spec in ``cnn-int8.tflite.json``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_digits.charset import DIGITS
from edge_digits.errors import ModelError
from edge_digits.judge_classes import CLASSES
from edge_digits.model_input import judge_parameters, normalize, views
from edge_digits.runtime.preprocessing import from_dict

SPEC_VERSION = 1

JUDGE_CLASSES = {"judge-first": 2, "judge": CLASSES}
"""How many scores the judge's networks give, by their tasks."""

TASKS = ("digits", "lines", *JUDGE_CLASSES)
"""What a network is for: single digits, lines of them, and the judge's two stages."""

LARGEST_SIDE, MOST_CHANNELS = 10_000, 100
"""Of a model's input."""

_VOUCHED = ("input_shape", "charset", "reject", "temperature", "ink", "normalization")
"""What a spec must say itself: a default would vouch for what the file was made behind."""


@dataclass(frozen=True)
class ModelSpec:
    """All that must be known to use a model file.

    name: the network ("cnn"). format: "torch", "tflite" or "onnx". precision: "float32" or "int8". input_shape:
    (height, width) of the uint8 pixels that go in; width is the widest where a file takes strips of any width.
    channels: of these pixels. task: one of ``TASKS``; where none is said, lines with a blank, digits without.
    charset: the classes, in order; reject: whether one more class follows, for ink that is not one digit; blank:
    whether the CTC blank is the last class, which is so for networks that read lines, step by step. The judge's
    networks have classes of their own, see ``edge_digits.judge_classes``. ink, normalization: parameters and version of
    the preprocessing the model was trained behind; ``judge_values`` gives the judge's. temperature: divides the
    logits before the softmax. thresholds: by the share of wrong ones among the digits that are read ("0.01") the
    confidence below which to read none; empty where that was not fitted. line_exponent: the power of its digits'
    product that makes a line's confidence come true. sha256: of the model file. calibration: hash of the calibration
    set (int8 only). origin: command, recipe, seed, data, commit, tools, hardware. scores: share of right answers by
    data set, 0..1. preprocessing: of a network that others trained, what ``edge_digits.runtime.preprocessing`` says of
    its input; empty for this project's, which take ink in 0..1. steps: of a network that reads lines, time steps of the
    widest strip; 0 is one for every four columns.
    """

    name: str
    format: str
    precision: str
    sha256: str
    input_shape: tuple[int, int] = (normalize.PARAMETERS.size, normalize.PARAMETERS.size)
    charset: str = DIGITS
    reject: bool = True
    blank: bool = False
    temperature: float = 1.0
    thresholds: dict[str, float] = field(default_factory=dict)
    line_exponent: float = 1.0
    ink: dict[str, float] = field(default_factory=dict)
    normalization: dict[str, float] = field(default_factory=normalize.parameters)
    calibration: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    channels: int = 1
    task: str = ""
    preprocessing: dict[str, Any] = field(default_factory=dict)
    steps: int = 0
    spec_version: int = SPEC_VERSION

    def __post_init__(self) -> None:
        """A task that is not said is told from the blank: specs of before there was a judge."""
        if self.task == "":
            object.__setattr__(self, "task", "lines" if self.blank else "digits")

    @property
    def classes(self) -> int:
        """How many scores the model gives."""
        return JUDGE_CLASSES.get(self.task, len(self.charset) + self.reject + self.blank)

    @property
    def pixels_shape(self) -> tuple[int, ...]:
        """Shape of one input's pixels: (height, width), of several channels (channels, height, width)."""
        return self.input_shape if self.channels == 1 else (self.channels, *self.input_shape)

    @property
    def reads_lines(self) -> bool:
        """Whether the model reads strips of a line."""
        return self.task == "lines"

    @property
    def judges(self) -> bool:
        """Whether the model is one of the judge's two."""
        return self.task in JUDGE_CLASSES


def judge_values(task: str) -> dict[str, Any]:
    """What the spec of one of the judge's networks says of its input. task: "judge-first" or "judge"."""
    first = task == "judge-first"
    side = views.SETTINGS.first_size if first else views.SETTINGS.size
    return {
        "task": task,
        "input_shape": (side, side),
        "channels": judge_parameters.FIRST_CHANNELS if first else judge_parameters.CHANNELS,
        "reject": False,
        **_preprocessing(task),
    }


def _preprocessing(task: str) -> dict[str, dict[str, float]]:
    """Parameters of what stands before a model of a task here, as its spec holds them."""
    # Version 1 had an ink map, of which this version knows nothing.
    if task in JUDGE_CLASSES:
        return {"ink": {}, "normalization": judge_parameters.parameters()}
    return {"ink": {}, "normalization": normalize.line_parameters() if task == "lines" else normalize.parameters()}


def spec_path(model: Path) -> Path:
    """Where the spec of a model file stands."""
    return model.with_name(model.name + ".json")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_spec(model: Path, spec: ModelSpec) -> None:
    """Write ``spec`` beside ``model``, in a form that gives readable diffs."""
    text = json.dumps(dataclasses.asdict(spec), indent=2, ensure_ascii=False)
    spec_path(model).write_text(text + "\n", encoding="utf-8")


def read_spec(model: Path) -> ModelSpec:
    """The spec beside ``model``.

    Raises ModelError if the model or the spec is missing, if the spec is not valid, or has unknown or missing keys.
    """
    path = spec_path(model)
    if not model.is_file():
        raise ModelError(f"{model}: no such model file")
    if not path.is_file():
        raise ModelError(f"{model}: its spec {path.name} is missing; copy both files together")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not a valid model spec: {error}") from error
    if not isinstance(values, dict):
        raise ModelError(f"{path}: not a model spec: expected one JSON object")
    if values.get("spec_version") != SPEC_VERSION:
        raise ModelError(
            f"{path}: spec_version is {values.get('spec_version')}, this version of edge-digits reads {SPEC_VERSION}"
        )
    missing = [key for key in _VOUCHED if key not in values]
    if missing:
        raise ModelError(f"{path}: not a valid model spec: without {', '.join(missing)}")
    try:
        spec = ModelSpec(**values)
    except TypeError as error:
        raise ModelError(f"{path}: not a valid model spec: {error}") from error
    wrong = next((text for text, is_right in _expectations(spec) if not is_right), None)
    if wrong:
        raise ModelError(f"{path}: not a valid model spec: expected {wrong}")
    return dataclasses.replace(spec, input_shape=(spec.input_shape[0], spec.input_shape[1]))


def _expectations(spec: ModelSpec) -> list[tuple[str, bool]]:
    """What a spec's values must be like, and whether they are: JSON has types of its own."""
    texts = (spec.name, spec.format, spec.precision, spec.sha256, spec.charset)
    mappings = (spec.thresholds, spec.ink, spec.normalization, spec.origin, spec.scores)
    return [
        *_expected_preprocessing(spec),
        ("text as name, format, precision, sha256 and charset", all(isinstance(text, str) for text in texts)),
        ("two sides in pixels as input_shape", _are_sides(spec.input_shape)),
        (f"channels from 1 to {MOST_CHANNELS}", type(spec.channels) is int and 0 < spec.channels <= MOST_CHANNELS),
        (f"task {', '.join(TASKS)}", isinstance(spec.task, str) and spec.task in TASKS),
        ("true or false as reject and blank", isinstance(spec.reject, bool) and isinstance(spec.blank, bool)),
        ("blank with task lines, and with no other", spec.blank == (spec.task == "lines")),
        ("temperature and line_exponent above 0", all(map(_is_positive, (spec.temperature, spec.line_exponent)))),
        ("objects as thresholds, ink, normalization, origin, scores", all(isinstance(m, dict) for m in mappings)),
        (
            "thresholds from 0 to 1",
            isinstance(spec.thresholds, dict)
            and all(least == 0 or (_is_positive(least) and least <= 1) for least in spec.thresholds.values()),
        ),
    ]


def _expected_preprocessing(spec: ModelSpec) -> list[tuple[str, bool]]:
    """What a preprocessing must be like that is there."""
    kept = ("an object as preprocessing", isinstance(spec.preprocessing, dict))
    counted = ("a whole number as steps, 0 but for lines", type(spec.steps) is int and 0 <= spec.steps <= LARGEST_SIDE)
    if not kept[1] or not spec.preprocessing:
        return [kept, counted]
    try:
        channels = from_dict(spec.preprocessing).channels
    except (ValueError, TypeError) as error:
        return [(str(error), False)]
    return [("as many channels as colour in preprocessing has", spec.channels == channels), counted]


def _are_sides(value: object) -> bool:
    sides = value if isinstance(value, list | tuple) else []
    return len(sides) == 2 and all(isinstance(side, int) and 0 < side <= LARGEST_SIDE for side in sides)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < math.inf


def check_spec(model: Path, spec: ModelSpec) -> None:
    """Refuse a model that does not fit: raises ModelError if the file's hash differs from the spec's, or if the
    model was trained behind another ink map or normalization than this version makes."""
    digest = sha256_of(model)
    if digest != spec.sha256:
        raise ModelError(
            f"{model}: sha256 is {digest[:12]}…, its spec says {spec.sha256[:12]}…: "
            "the file is damaged or not the spec's"
        )
    for name, here in _preprocessing(spec.task).items():
        theirs: dict[str, float] = getattr(spec, name)
        for key in sorted({*here, *theirs}):
            if here.get(key) != theirs.get(key):
                raise ModelError(
                    f"{model}: trained with {name} {key} {theirs.get(key)}, this version of edge-digits "
                    f"uses {here.get(key)}: {_made_again(spec)}, or install the version it was made with"
                )


def _made_again(spec: ModelSpec) -> str:
    """What makes a model anew, with the commands that made it as far as its spec holds them."""
    conversion = spec.origin.get("conversion")
    entries = (spec.origin.get("command"), conversion.get("command") if isinstance(conversion, dict) else None)
    commands = ", then ".join(command for command in entries if isinstance(command, str))
    what = "train it again" if spec.format == "torch" else "train and convert it again"
    return f"{what} ({commands})" if commands else what
