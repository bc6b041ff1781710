"""A model file of any known kind -> a float ONNX graph, in a process of its own, with what the model answers itself.

ONNX is read as it is; Keras goes through tf2onnx, torch through its own exporter.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from convert import child
from convert.errors import ConversionError
from convert.foreign.graph.declared import Declared, from_json
from convert.foreign.graph.float_graph import Changes, float_graph
from convert.foreign.graph.onnx_scores import lengths
from convert.foreign.graph.reading import Answer, one_line
from convert.foreign.graph.tensorflow_models import read_keras, read_saved_model
from convert.foreign.graph.torch_models import read_exported_program, read_module
from convert.foreign.samples import read_pictures
from edge_digits.errors import ConfigError, EdgeDigitsError, ModelError
from edge_digits.runtime.preprocessing import network_input
from edge_digits.system.extras import require

KINDS = {
    "onnx": "an ONNX file",
    "keras": "a Keras file",
    "saved-model": "a TensorFlow SavedModel",
    "exported-program": "a PyTorch exported program",
    "module": "a PyTorch module",
}
"""By kind, in words."""
_SUFFIXES = {".onnx": "onnx", ".keras": "keras", ".h5": "keras", ".hdf5": "keras", ".pt2": "exported-program"}
_NEEDED = {
    "onnx": (),
    "keras": ("tensorflow", "tf2onnx"),
    "saved-model": ("tensorflow", "tf2onnx"),
    "exported-program": ("torch", "onnxscript"),
    "module": ("torch", "onnxscript"),
}
ANSWERED = 100
"""On so many samples a file must give what the model itself does."""
_PROGRAM = "convert.foreign.graph.load"


@dataclass(frozen=True)
class Source:
    """A model as it was read. kind: one of ``KINDS``. graph: its float ONNX graph. changes: what that differs in.
    answers: the model's own outputs for the first ``ANSWERED`` samples, as the graph's outputs stand; where ``changes``
    has a softmax they have passed it."""

    kind: str
    graph: onnx.ModelProto
    changes: Changes
    answers: NDArray[np.floating]


def kind_of(model: str) -> str:
    """Which of ``KINDS`` a command line's MODEL is. Raises ConfigError if it is none, ModelError if it is missing."""
    path = Path(model)
    if path.is_dir():
        if (path / "saved_model.pb").is_file():
            return "saved-model"
        raise ModelError(f"{path}: is a folder without a saved_model.pb, so not a SavedModel")
    if path.suffix.lower() in _SUFFIXES:
        if not path.is_file():
            raise ModelError(f"{path}: no such model file")
        return _SUFFIXES[path.suffix.lower()]
    module, _, name = model.partition(":")
    if name.isidentifier() and all(part.isidentifier() for part in module.split(".")):
        return "module"
    known = "an .onnx, .keras or .pt2 file, the folder of a SavedModel, or module:function"
    raise ConfigError(f"{model}: unknown kind of model: expected {known}")


def load(model: str, declared: Declared, samples: list[Path], folder: Path) -> Source:
    """Read MODEL in a process of its own. samples: pictures to ask it about. folder: for what is handed over.

    Raises ModelError or ConfigError for what ``kind_of`` says, RuntimeMissingError for a missing package, and
    ConversionError for what cannot be read or converted.
    """
    kind = kind_of(model)
    require(model, "convert", _NEEDED[kind])
    (folder / "declared.json").write_text(declared.as_json(), encoding="utf-8")
    (folder / "samples.json").write_text(json.dumps([str(path) for path in samples[:ANSWERED]]), encoding="utf-8")
    child.run(_PROGRAM, [kind, model, folder], folder / "load.log")
    changes = Changes(**json.loads((folder / "changes.json").read_text(encoding="utf-8")))
    return Source(kind, onnx.load(folder / "float.onnx"), changes, np.load(folder / "answers.npy"))


def _read_onnx(model: str, _: Declared) -> tuple[onnx.ModelProto, Answer]:
    import onnxruntime
    from google.protobuf.message import DecodeError

    from edge_digits.runtime.onnx import session_options

    try:
        graph = onnx.load(model)
        running = onnxruntime.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
    # onnxruntime's own errors share no base class but Exception.
    except (DecodeError, Exception) as error:
        raise ConversionError(f"{model}: not an ONNX file that onnxruntime can run: {one_line(error)}") from error
    return graph, lambda x: np.asarray(running.run(None, {running.get_inputs()[0].name: x})[0])


_READERS = {
    "onnx": _read_onnx,
    "keras": read_keras,
    "saved-model": read_saved_model,
    "exported-program": read_exported_program,
    "module": read_module,
}


def _read(kind: str, model: str, folder: Path) -> None:
    """Write what ``load`` reads again: the graph, what was changed, and the model's own answers."""
    declared = from_json((folder / "declared.json").read_text(encoding="utf-8"))
    given, answer = _READERS[kind](model, declared)
    graph, changes = float_graph(given, declared, model)
    onnx.save(graph, folder / "float.onnx")
    (folder / "changes.json").write_text(json.dumps(asdict(changes)), encoding="utf-8")
    paths = [Path(text) for text in json.loads((folder / "samples.json").read_text(encoding="utf-8"))]
    size, is_line = lengths(graph.graph.input[0])[2:], len(lengths(graph.graph.output[0])) == 3
    pictures = read_pictures(paths, (size[0], size[1]), declared.preprocessing.colour, is_line)
    values = changes.as_given(network_input(pictures, declared.preprocessing))
    answers = [changes.as_answered(answer(np.ascontiguousarray(values[i : i + 1]))) for i in range(len(values))]
    np.save(folder / "answers.npy", np.concatenate(answers).astype(np.float64))


def main() -> None:
    """The child process: a model in, a float ONNX graph out. Its last line says what went wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m {_PROGRAM}", description=__doc__)
    parser.add_argument("kind", choices=tuple(KINDS))
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    try:
        _read(arguments.kind, arguments.model, arguments.folder)
    except EdgeDigitsError as error:
        print(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
