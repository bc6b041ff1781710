"""The plain training loop of the published networks: their own optimizers, no schedule that the text does not have."""

from __future__ import annotations

import csv
import dataclasses
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from edge_digits.errors import DataError
from train.checkpoint import read_state, write_state
from train.published.augment import augmented
from train.published.data import Dataset
from train.published.networks import Committee
from train.published.recipes import NetworkRecipe
from train.published.widths import stretched
from train.tensors import to_input

logger = logging.getLogger(__name__)

LOG = "log.csv"
_STATE = "state.pt"
_EVALUATION_BATCH = 1000


@dataclass(frozen=True)
class Epoch:
    """One row of the log: means over the epoch, accuracies 0..1, NaN where nothing is held out. What the network makes
    of the test set after each epoch is only told: nothing is chosen by it."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


@dataclass(frozen=True)
class Trained:
    """log: of all epochs. answers: (epochs, N) uint8, the class that each test picture was taken for after each."""

    log: list[Epoch]
    answers: NDArray[np.uint8]


def probabilities(network: nn.Module, images: NDArray[np.uint8], device: torch.device | None = None) -> NDArray[Any]:
    """Softmax of ``network`` (N, classes) float32 for pictures (N, 28, 28) uint8."""
    network.eval()
    parts = []
    with torch.inference_mode():
        for batch in torch.from_numpy(images).split(_EVALUATION_BATCH):
            x = to_input(batch.to(device) if device else batch).contiguous(memory_format=torch.channels_last)
            parts.append(F.softmax(network(x), 1).float().cpu())
    return torch.cat(parts).numpy()


def fit(
    network: nn.Module, recipe: NetworkRecipe, data: Dataset, folder: Path, device: torch.device, name: str
) -> Trained:
    """Train ``network`` in place; go on where the state in ``folder`` stopped, if there is one.

    Order, augmentation and dropout of an epoch depend on the seed and the epoch alone, so a run that was interrupted
    ends as it would have ended. Raises DataError if the state is damaged or belongs to another recipe or data set.
    """
    run = _Run(network, recipe, data, folder, device, name)
    run.restore()
    with tqdm(total=recipe.epochs * run.steps, initial=run.done * run.steps, unit="batch", disable=None) as bar:
        while run.done < recipe.epochs:
            bar.set_description(f"{name}, epoch {run.done + 1} of {recipe.epochs}")
            run.one_epoch(bar)
    return Trained(run.log, np.stack(run.answers))


class _Run:
    """What changes while a network is trained."""

    def __init__(
        self, network: nn.Module, recipe: NetworkRecipe, data: Dataset, folder: Path, device: torch.device, name: str
    ) -> None:
        self.network, self.recipe, self.data, self.folder, self.device = network, recipe, data, folder, device
        network.to(device)
        count = len(data.train)
        held = round(recipe.validation * count)
        # Of a committee every member has an input of its own.
        self.members: list[nn.Module] = list(network.members) if isinstance(network, Committee) else [network]
        images = torch.from_numpy(data.train.images[: count - held])
        self.views = [stretched(images, width).to(device) for width in recipe.widths or (0,)]
        self.labels = torch.from_numpy(data.train.labels[: count - held]).long().to(device)
        self.held = (data.train.images[count - held :], data.train.labels[count - held :])
        kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.SGD
        self.optimizer: torch.optim.Optimizer = kind(network.parameters(), lr=recipe.learning_rate)
        self.steps = -(-len(self.labels) // recipe.batch)
        self.done = 0
        self.log: list[Epoch] = []
        self.answers: list[NDArray[np.uint8]] = []
        self.identity = {"name": name, "data": data.name, "examples": count, **_numbers(recipe)}

    def one_epoch(self, bar: Any) -> None:
        start = time.monotonic()
        seed = self.recipe.seed * 100_003 + self.done
        torch.manual_seed(seed)  # dropout draws from torch's own
        random = torch.Generator(self.device).manual_seed(seed)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * self.recipe.decay**self.done
        loss_sum, right = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        self.network.train()
        for index in torch.randperm(len(self.labels), generator=random, device=self.device).split(self.recipe.batch):
            losses, hits = self.step(index, random)
            loss_sum += losses * len(index)
            right += hits
            bar.update()
        validation = self.judged(*self.held)[:2] if len(self.held[1]) else (float("nan"), float("nan"))
        test_loss, test_accuracy, answers = self.judged(self.data.test.images, self.data.test.labels)
        self.done += 1
        n = len(self.labels)
        seconds = time.monotonic() - start
        row = Epoch(self.done, float(loss_sum) / n, float(right) / n, *validation, test_loss, test_accuracy, seconds)
        self.log.append(row)
        self.answers.append(answers)
        text = "epoch %d: training loss %.4f, %.2f %% right; test %.2f %% right; %.0f s"
        logger.info(text, row.epoch, row.train_loss, 100 * row.train_accuracy, 100 * row.test_accuracy, row.seconds)
        self.keep()

    def step(self, index: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """One step. Returns the mean loss, and how many of the batch were right, each the mean over the members."""
        truth = self.labels[index]
        losses, hits = [], []
        for member, view in zip(self.members, self.views, strict=True):
            x = augmented(view[index], self.recipe.augmentation, random)
            logits = member(x.contiguous(memory_format=torch.channels_last))
            losses.append(F.cross_entropy(logits, truth))
            hits.append((logits.detach().argmax(1) == truth).sum())
        self.optimizer.zero_grad(set_to_none=True)
        # Members share no weight, so the sum gives each one its own gradient.
        torch.stack(losses).sum().backward()
        self.optimizer.step()
        return torch.stack(losses).detach().mean(), torch.stack(hits).float().mean()

    def judged(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[float, float, NDArray[np.uint8]]:
        """Mean cross-entropy, share of right answers, and the answers."""
        chances = probabilities(self.network, images, self.device)
        answers = chances.argmax(1).astype(np.uint8)
        chance = np.maximum(chances[np.arange(len(labels)), labels], 1e-12)
        return float(-np.log(chance).mean()), float((answers == labels).mean()), answers

    def keep(self) -> None:
        """Write the log, and the state to go on from, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(f.name for f in dataclasses.fields(Epoch))
            writer.writerows(dataclasses.astuple(e) for e in self.log)
        state = {
            "log": [list(dataclasses.astuple(e)) for e in self.log],
            "answers": torch.from_numpy(np.stack(self.answers)),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        write_state(self.folder / _STATE, self.identity, state)

    def restore(self) -> None:
        path = self.folder / _STATE
        if not path.is_file():
            return
        state = read_state(path, self.identity, self.device, "--anew begins anew")
        self.log = [Epoch(*row) for row in state["log"]]
        self.answers = list(state["answers"].numpy())
        self.done = len(self.log)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        logger.info("%s: going on after epoch %d of %d", path.parent, self.done, self.recipe.epochs)


def read_log(path: Path) -> list[Epoch]:
    """The rows of a ``log.csv``, [] if there is none. Raises DataError if it is not one."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [Epoch(int(first), *map(float, rest)) for first, *rest in list(csv.reader(file))[1:]]
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: not a log of training: {error}") from error


def _numbers(recipe: NetworkRecipe) -> dict[str, Any]:
    """What of a recipe decides how training goes: all but its words."""
    words = {"stated", "accuracy", "figure", "chosen"}
    values = {key: value for key, value in dataclasses.asdict(recipe).items() if key not in words}
    return values | {"widths": list(recipe.widths)}
