"""A model file of any known kind -> a float ONNX graph, in a process of its own, with what the model answers itself.

ONNX is read as it is; Keras goes through tf2onnx, torch through its own exporter.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from convert import child
from convert.errors import ConversionError
from convert.export.onnx_graph import OPSET
from convert.foreign.declared import Declared, from_json
from convert.foreign.float_graph import Changes, float_graph, lengths
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
_PROGRAM = "convert.foreign.load"

Answer = Callable[[NDArray[np.float32]], NDArray[Any]]
"""The model itself: one input in its own layout -> its output."""


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


def _onnx(model: str, _: Declared) -> tuple[onnx.ModelProto, Answer]:
    import onnxruntime
    from google.protobuf.message import DecodeError

    from edge_digits.runtime.onnx import session_options

    try:
        graph = onnx.load(model)
        running = onnxruntime.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
    # onnxruntime's own errors share no base class but Exception.
    except (DecodeError, Exception) as error:
        raise ConversionError(f"{model}: not an ONNX file that onnxruntime can run: {_line(error)}") from error
    return graph, lambda x: np.asarray(running.run(None, {running.get_inputs()[0].name: x})[0])


def _keras(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    import keras
    import tensorflow as tf

    try:
        loaded: Any = keras.models.load_model(model, compile=False)
    # Keras raises whatever the layer that it does not know raises.
    except Exception as error:
        raise ConversionError(f"{model}: Keras cannot read it: {_line(error)}") from error
    shape = loaded.input_shape
    if isinstance(shape, list | dict):
        raise ConversionError(f"{model}: has {len(shape)} inputs: expected a network with one input")
    called = tf.function(lambda pixels: loaded(pixels, training=False))
    return _from_tensorflow(model, called, _known(shape, declared))


def _saved_model(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    import tensorflow as tf

    try:
        loaded: Any = tf.saved_model.load(model)
        signature = loaded.signatures["serving_default"]
    except (OSError, KeyError, ValueError) as error:
        raise ConversionError(f"{model}: no SavedModel with the signature serving_default: {_line(error)}") from error
    given = signature.structured_input_signature[1]
    if len(given) != 1 or len(signature.structured_outputs) != 1:
        raise ConversionError(
            f"{model}: has {len(given)} inputs and {len(signature.structured_outputs)} outputs: expected one"
        )
    (name, spec), (output, _) = *given.items(), *signature.structured_outputs.items()
    called = tf.function(lambda pixels: signature(**{name: pixels})[output])
    return _from_tensorflow(model, called, _known(spec.shape, declared))


def _known(shape: Any, declared: Declared) -> tuple[int, ...]:
    """A shape of TensorFlow's for one picture, open sides as declared."""
    given = list(shape)
    places = {3: (1, 2), 4: (2, 3) if declared.layout == "NCHW" else (1, 2)}.get(len(given), ())
    for side, place in enumerate(places):
        if given[place] is None and declared.size:
            given[place] = declared.size[side]
    if None in given[1:]:
        raise ConversionError("leaves open how large its pictures are: --size says it, such as --size 28x28")
    return 1, *map(int, given[1:])


def _from_tensorflow(model: str, called: Any, shape: tuple[int, ...]) -> tuple[onnx.ModelProto, Answer]:
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec(shape, tf.float32, name="pixels")]
    try:
        graph, _ = tf2onnx.convert.from_function(called, input_signature=signature, opset=OPSET)
    # tf2onnx raises errors of many kinds for an operator that it does not know.
    except Exception as error:
        raise ConversionError(f"{model}: tf2onnx cannot convert it: {_line(error)}") from error
    return graph, lambda x: np.asarray(called(tf.constant(x)))


def _exported_program(model: str, _: Declared) -> tuple[onnx.ModelProto, Answer]:
    import torch

    try:
        program: Any = torch.export.load(model)
    # torch raises errors of many kinds for a file that is none of its own.
    except Exception as error:
        raise ConversionError(f"{model}: torch cannot read it as an exported program: {_line(error)}") from error
    network = program.module()
    example = program.example_inputs[0] if program.example_inputs else ()
    if len(example) != 1:
        raise ConversionError(f"{model}: has {len(example)} example inputs: expected a network with one input")
    return from_torch(model, program, network, tuple(example[0].shape))


def _module(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    import torch

    name, _, function = model.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        network = getattr(importlib.import_module(name), function)()
    # The user's own code may raise anything.
    except Exception as error:
        raise ConversionError(f"{model}: {type(error).__name__}: {_line(error)}") from error
    if not isinstance(network, torch.nn.Module):
        raise ConversionError(f"{model}: returned {type(network).__name__}: expected a torch.nn.Module")
    if declared.size is None:
        raise ConversionError(f"{model}: a module does not say how large its pictures are: --size says it")
    network = network.eval().cpu().float()
    channels = declared.preprocessing.channels
    shape = (channels, *declared.size) if declared.layout != "NHWC" else (*declared.size, channels)
    return from_torch(model, network, network, (1, *shape))


def from_torch(model: str, given: Any, network: Any, shape: tuple[int, ...]) -> tuple[onnx.ModelProto, Answer]:
    """A torch module, or an exported program ``given`` with its module, as ONNX, and the module to ask. shape: of its
    input. Raises ConversionError if torch cannot export it."""
    import torch

    torch.set_num_threads(1)
    recurrent = any(isinstance(layer, torch.nn.RNNBase) for layer in network.modules())
    example = torch.zeros(shape)
    out = Path("exported.onnx")
    try:
        if recurrent and given is network:
            # The newer exporter takes a recurrence apart, step by step; this one writes it as one node.
            torch.onnx.export(
                given, (example,), out, input_names=["pixels"], output_names=["logits"], dynamo=False, opset_version=17
            )
            graph = onnx.load(out)
        else:
            exported = torch.onnx.export(given, (example,), dynamo=True, external_data=False, verbose=False)
            if exported is None:
                raise ConversionError(f"{model}: torch.onnx.export gave no program")
            graph = exported.model_proto
    # The exporter raises errors of many kinds, of which the innermost names the operator.
    except Exception as error:
        raise ConversionError(f"{model}: torch cannot export it to ONNX: {_line(_innermost(error))}") from error
    finally:
        out.unlink(missing_ok=True)

    def answer(x: NDArray[np.float32]) -> NDArray[Any]:
        with torch.inference_mode():
            return network(torch.from_numpy(x)).numpy()

    return graph, answer


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


_READERS = {
    "onnx": _onnx,
    "keras": _keras,
    "saved-model": _saved_model,
    "exported-program": _exported_program,
    "module": _module,
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
