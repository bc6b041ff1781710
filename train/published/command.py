"""What ``python -m train.published`` does: train published systems, one after the other, and say how well they read."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import logging
import platform
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from edge_digits.errors import ConfigError
from edge_digits.evaluation import metrics
from edge_digits.evaluation.statistics import wilson
from train import checkpoint, provenance
from train.networks import parameter_count
from train.published import classical, data, macs, runs, training
from train.published.data import Dataset
from train.published.networks import NETWORKS, take_imagenet_weights
from train.published.recipes import RECIPES, NeighbourRecipe, NetworkRecipe, Recipe, VectorRecipe
from train.published.runs import Record

logger = logging.getLogger(__name__)

ALL = "all"


@dataclass(frozen=True)
class Job:
    """What to train. scale: share of each recipe's epochs, 0..1; of the training set where there are no epochs. anew:
    forget what is there. imagenet: start AlexNet and ResNet from torchvision's weights."""

    names: tuple[str, ...]
    dataset: str = "mnist"
    scale: float = 1.0
    seed: int | None = None
    imagenet: bool = False
    anew: bool = False

    def __post_init__(self) -> None:
        """Raises ConfigError for what cannot be done."""
        unknown = [name for name in self.names if name not in (*RECIPES, ALL)]
        if unknown:
            raise ConfigError(f"{unknown[0]}: no published system: expected {', '.join(RECIPES)} or {ALL}")
        if self.dataset not in data.NAMES:
            raise ConfigError(f"--dataset {self.dataset}: expected one of {', '.join(data.NAMES)}")
        if not 0 < self.scale <= 1:
            raise ConfigError(f"--epochs-scale is {self.scale:g}, expected more than 0 and at most 1")
        if self.imagenet and not {*self.names} <= {"alexnet", "resnet"}:
            raise ConfigError("--imagenet: only alexnet and resnet have such weights")

    @property
    def systems(self) -> list[str]:
        """The names, ``all`` spelt out, each once."""
        named = RECIPES if ALL in self.names else self.names
        return list(dict.fromkeys(named))


def run(job: Job, folder: Path, out: Path, device: torch.device) -> list[Record]:
    """Do ``job``: each system's record, log and file go to a folder of its own below ``out``; one that is finished is
    left as it is, one that was interrupted goes on. folder: the data folder.

    Raises DataError if the data cannot be had or a folder holds another recipe's state, RuntimeMissingError if
    scikit-learn is needed and not there.
    """
    dataset = data.load(job.dataset, folder)
    records = []
    for number, name in enumerate(job.systems, 1):
        place = runs.folder(out, name, job.dataset, job.scale, job.imagenet)
        if job.anew and place.is_dir():
            shutil.rmtree(place)
        record = runs.read(place)
        if record is None:
            logger.info("%s: system %d of %d, into %s", name, number, len(job.systems), place)
            record = train(job, name, dataset, place, device)
        else:
            logger.info("%s: finished before, see %s; --anew trains it once more", name, place)
        records.append(record)
        print(sentence(record, len(dataset.test)))
    return records


def train(job: Job, name: str, dataset: Dataset, place: Path, device: torch.device) -> Record:
    """Train one system and write all that is kept of it into the folder ``place``."""
    recipe = RECIPES[name] if job.seed is None else dataclasses.replace(RECIPES[name], seed=job.seed)
    place.mkdir(parents=True, exist_ok=True)
    if isinstance(recipe, NetworkRecipe):
        epochs = max(1, round(job.scale * recipe.epochs))
        return _network(job, name, dataclasses.replace(recipe, epochs=epochs), dataset, place, device)
    part = dataset.part(job.scale)
    start = time.monotonic()
    if isinstance(recipe, VectorRecipe):
        logger.info("%s: one fit to %d pictures, whose end nobody can tell before", name, len(part.train))
        system = classical.fit_vectors(recipe, part.train, dataset.classes)
        classical.save(runs.file(place, name), system)
    else:
        system = classical.neighbours(recipe, part.train, dataset.classes)
    seconds = time.monotonic() - start
    accuracy = metrics.accuracy(dataset.test.labels, system.probabilities(dataset.test.images).argmax(1))
    counts = (system.parameters, system.macs)
    return _keep(place, job, name, recipe, dataset, len(part.train), 0, seconds, counts, accuracy, torch.device("cpu"))


def _network(job: Job, name: str, recipe: NetworkRecipe, dataset: Dataset, place: Path, device: torch.device) -> Record:
    torch.manual_seed(recipe.seed)
    network = NETWORKS[name](dataset.classes)
    if job.imagenet:
        taken = take_imagenet_weights(name, network)
        logger.info("%s: %d tensors from ImageNet", name, taken)
    counts = (parameter_count(network), macs.count(network))
    trained = training.fit(_fast(network), recipe, dataset, place, device, name)
    network.to("cpu").eval()
    seconds = sum(epoch.seconds for epoch in trained.log)
    accuracy = trained.log[-1].test_accuracy
    examples = len(dataset.train) - round(recipe.validation * len(dataset.train))
    checkpoint.save(
        runs.file(place, name),
        network,
        name=name,
        charset=dataset.charset,
        reject=False,
        origin={
            **_origin(job, name, recipe, device),
            "data": {"name": dataset.name, "labels": list(dataset.labels), "examples": examples},
            "seconds": round(seconds, 1),
        },
        scores={f"{dataset.name}-test": round(accuracy, 5)},
    )
    np.save(place / runs.ANSWERS, trained.answers)
    return _keep(place, job, name, recipe, dataset, examples, recipe.epochs, seconds, counts, accuracy, device)


def _fast(network: nn.Module) -> nn.Module:
    """Its weights lie channels last, which convolutions on a CPU are fastest with."""
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  # not in torch's stubs


def _origin(job: Job, name: str, recipe: Recipe, device: torch.device) -> dict[str, object]:
    tools = ["torch", "numpy"] if isinstance(recipe, NetworkRecipe) else ["scikit-learn", "numpy"]
    return {
        "command": command(job, name),
        "recipe": dataclasses.asdict(recipe),
        "scale": job.scale,
        "commit": provenance.commit(),
        "hardware": provenance.hardware(device),
        "versions": {"python": platform.python_version()} | {tool: _version(tool) for tool in tools},
    }


def _version(tool: str) -> str:
    try:
        return importlib.metadata.version(tool)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _keep(
    place: Path,
    job: Job,
    name: str,
    recipe: Recipe,
    dataset: Dataset,
    examples: int,
    epochs: int,
    seconds: float,
    counts: tuple[int, int],
    accuracy: float,
    device: torch.device,
) -> Record:
    path = runs.file(place, name)
    parameters, products = counts
    record = Record(
        name=name,
        dataset=dataset.name,
        labels=list(dataset.labels),
        imagenet=job.imagenet,
        epochs=epochs,
        examples=examples,
        seconds=round(seconds, 1),
        parameters=parameters,
        macs=products,
        bytes=path.stat().st_size if not isinstance(recipe, NeighbourRecipe) else 0,
        accuracy=accuracy,
        **_origin(job, name, recipe, device),  # pyright: ignore[reportArgumentType]
    )
    runs.write(place, record)
    return record


def command(job: Job, name: str) -> str:
    """The command line that makes this run; folders are the user's own and left out."""
    words = ["python -m train.published", name]
    words += [f"--epochs-scale {job.scale:g}"] * (job.scale != 1) + [f"--dataset {job.dataset}"] * (
        job.dataset != "mnist"
    )
    words += [f"--seed {job.seed}"] * (job.seed is not None) + ["--imagenet"] * job.imagenet
    return " ".join(words)


def sentence(record: Record, count: int) -> str:
    """One line on a finished run, tested on ``count`` pictures."""
    low, high = wilson(round(record.accuracy * count), count)
    text = f"{record.title}, {record.dataset}: {100 * record.accuracy:.2f} % right"
    text += f" ({100 * low:.2f} to {100 * high:.2f}), {record.parameters:,} parameters, {record.seconds:.0f} s"
    figure = RECIPES[record.name].figure
    return text + (f"; published {figure}" if record.dataset == "mnist" and figure != "–" else "")
