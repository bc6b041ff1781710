"""The judge's two networks, trained for some seconds on some hundred nodes, and their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from converters import run_here

from convert import child, options, pipeline
from convert.check import nodes
from convert.check.gates import Limits
from convert.check.inputs import NodeInputs
from convert.pipeline import Converted, Job
from convert.quantize import calibration
from convert.quantize.calibration import CalibrationSet
from edge_digits.runtime.spec import judge_values
from train import checkpoint
from train.data.build_pool import tiny_pool
from train.networks import NETWORKS
from train.tensors import to_input

COUNT = 800
TASKS = ("judge-first", "judge")


@pytest.fixture(scope="session")
def judged() -> dict[str, NodeInputs]:
    """Nodes of tiles made of our own strokes alone, for each stage."""
    pool = tiny_pool()
    parts = [nodes.of_tiles(pool, number) for number in range(2)]
    first, second, label, *kinds = (np.concatenate(column)[:COUNT] for column in zip(*parts, strict=True))
    return {task: nodes.for_task(task, (first, second, label, kinds[0], kinds[1])) for task in TASKS}


@pytest.fixture(scope="session")
def networks(judged: dict[str, NodeInputs]) -> dict[str, torch.nn.Sequential]:
    """Both stages after some epochs on these nodes: their answers have margins."""
    torch.set_num_threads(1)
    made = {}
    for task, epochs in (("judge-first", 12), ("judge", 5)):
        torch.manual_seed(1)
        network = NETWORKS[task]().train()
        optimizer = torch.optim.Adam(network.parameters(), 4e-3)
        pixels = to_input(torch.from_numpy(judged[task].pixels))
        truth = torch.from_numpy(judged[task].truth).long()
        for _ in range(epochs):
            for batch in torch.randperm(len(truth)).split(64):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(pixels[batch]), truth[batch]).backward()
                optimizer.step()
        made[task] = network.eval()
    return made


@pytest.fixture(scope="session")
def checkpoints(networks: dict[str, torch.nn.Sequential], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The networks as checkpoints with their specs."""
    folder = tmp_path_factory.mktemp("runs")
    paths = {task: folder / task / f"{task}.safetensors" for task in TASKS}
    for task, path in paths.items():
        checkpoint.save(path, networks[task], name=task, **judge_values(task))
    return paths


@pytest.fixture(scope="session")
def calibration_set() -> CalibrationSet:
    return calibration.load(options.CALIBRATION)


@pytest.fixture(scope="session")
def converted(
    checkpoints: dict[str, Path],
    judged: dict[str, NodeInputs],
    calibration_set: CalibrationSet,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Converted]]:
    """Both networks as float32 and int8, TFLite and ONNX, the first stage first, in one folder."""
    pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")
    out = tmp_path_factory.mktemp("judge-models")
    kinds = ("tflite", "onnx"), ("float32", "int8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "run", run_here)
        # Networks that were trained for seconds doubt more than those that ship.
        patch.setattr("convert.check.gates.DIGITS", Limits(0.97, 0.02))
        patch.setattr("convert.check.judge_gates.MOST_RECALL_LOSS", 0.03)
        patch.setattr("convert.check.judge_gates.MOST_PRECISION_LOSS", 0.03)
        return {
            task: pipeline.convert(Job(path, *kinds, calibration_set, out, judged[task], {}, lead=0.0), progress=False)
            for task, path in checkpoints.items()
        }


@pytest.fixture(scope="session")
def files(converted: dict[str, list[Converted]]) -> Path:
    """Their folder."""
    return converted["judge"][0].path.parent
