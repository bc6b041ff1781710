"""The training loop, once: CPU or CUDA, the same result from the same seed, resumed after an interruption."""

from __future__ import annotations

import csv
import dataclasses
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from edge_digits.errors import DataError
from train.checkpoint import read_state, write_state
from train.fake_quantization import fake_quantized
from train.networks import NETWORKS
from train.recipes import Recipe

logger = logging.getLogger(__name__)

WARM_UP = 0.15


class Task(Protocol):
    """What a network learns: ``train.digits.task`` or ``train.lines.task``, on one device."""

    examples: int
    """How many there are to train with."""

    def steps(self) -> int:
        """Batches in an epoch."""
        ...

    def batches(self, random: torch.Generator) -> Iterator[tuple[Tensor, Any]]:
        """One epoch's batches, augmented: the network's input, its first dimension counting examples, and the truth."""
        ...

    def loss(self, logits: Tensor, truth: Any) -> Tensor:
        """The mean loss of a batch. logits: float32."""
        ...

    def right(self, logits: Tensor, truth: Any) -> Tensor:
        """How many of a batch are read without a mistake."""
        ...

    def validate(self, network: nn.Module) -> tuple[float, float]:
        """Mean loss and share read without a mistake, 0..1, of the examples that choose."""
        ...


@dataclass(frozen=True)
class Epoch:
    """One row of the log: epoch counts from 1, losses are means, accuracies 0..1, learning_rate at the end, seconds."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """The averaged network in evaluation mode on the CPU, the log, and which epoch it stands for."""

    network: nn.Sequential
    log: list[Epoch]
    epoch: int


def pick_device(name: str = "auto") -> torch.device:
    """``auto``: CUDA where there is a GPU, else the CPU. Raises DataError if CUDA was asked for and is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise DataError("--device cuda: torch sees no GPU here")
    return torch.device(name)


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """What convolutions are computed in while training; weights and sums stay float32. ``auto`` is bfloat16 on a GPU
    or processor that has instructions for it."""
    if precision == "auto":
        if device.type == "cuda":
            fast = torch.cuda.is_bf16_supported()
        else:
            info = Path("/proc/cpuinfo")
            text = info.read_text(encoding="utf-8") if info.is_file() else ""
            fast = "avx512_bf16" in text or "amx_bf16" in text
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def learning_rate_at(progress: float, peak: float) -> float:
    """One-cycle schedule (Smith and Topin 2019): linear up, then a cosine down to zero. progress: 0..1 of the run."""
    if progress < WARM_UP:
        return peak * max(progress / WARM_UP, 0.02)
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - WARM_UP) / (1 - WARM_UP))))


def fit(name: str, recipe: Recipe, task: Task, folder: Path, device: torch.device, resume: bool = False) -> Outcome:
    """Train the network ``name`` to do ``task``; write ``log.csv`` and the state to resume from (``state.pt``) into
    ``folder``.

    resume: go on from ``state.pt`` if it is there. Raises DataError if it belongs to another recipe or data set.
    Order and augmentation of each epoch depend on the seed and the epoch alone, so a run that was interrupted between
    epochs ends as it would have ended, but for one that has so many minutes: how far that comes hangs on the machine.
    """
    run = _Run(name, recipe, task, folder, device)
    if resume:
        run.restore()
    while run.progress(0) < 1 and not run.is_over():
        run.one_epoch()
    return run.outcome()


def _new_network(name: str, device: torch.device) -> nn.Sequential:
    """Its weights lie channels last, which convolutions on a CPU are fastest with."""
    network = NETWORKS[name]().to(device)
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  # not in torch's stubs


class _Run:
    """What changes while a network is trained."""

    def __init__(self, name: str, recipe: Recipe, task: Task, folder: Path, device: torch.device) -> None:
        self.recipe, self.task, self.folder, self.device = recipe, task, folder, device
        self.precision = resolve_precision(recipe.precision, device)
        torch.manual_seed(recipe.seed)
        self.network = _new_network(name, device)
        self.average = _new_network(name, device)
        self.average.load_state_dict(self.network.state_dict())
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
        )
        self.steps = task.steps()
        self.done = 0
        self.log: list[Epoch] = []
        self.best: dict[str, Tensor] | None = None
        self.best_epoch = 0
        self.identity = {"network": name, "examples": task.examples, **dataclasses.asdict(recipe)}

    def progress(self, step: int, seconds: float = 0.0) -> float:
        """Share of the run that is over, 0..1 or a little more. step: of the epoch, which has taken ``seconds``."""
        of_steps = (self.done + step / self.steps) / self.recipe.epochs
        if not self.recipe.minutes:
            return of_steps
        spent = sum(epoch.seconds for epoch in self.log) + seconds
        return max(of_steps, spent / (60 * self.recipe.minutes))

    def is_over(self) -> bool:
        """Whether early stopping was asked for and its patience is at an end."""
        return 0 < self.recipe.patience <= self.done - self.best_epoch

    def one_epoch(self) -> None:
        start = time.monotonic()
        random = torch.Generator(self.device).manual_seed(self.recipe.seed * 100_003 + self.done)
        loss_sum, right, rate = torch.zeros((), device=self.device), torch.zeros((), device=self.device), 0.0
        seen = steps = 0
        self.network.train()
        bar = tqdm(self.task.batches(random), f"epoch {self.done + 1}/{self.recipe.epochs}", self.steps, unit="batch")
        for step, (x, y) in enumerate(bar):
            progress = self.progress(step, time.monotonic() - start)
            if progress >= 1:
                break
            rate = learning_rate_at(progress, self.recipe.learning_rate)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            logits = self.logits(x)
            loss = self.task.loss(logits.float(), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.follow(self.done * self.steps + step)
            loss_sum += loss.detach()
            right += self.task.right(logits.detach(), y)
            seen += len(x)
            steps += 1
        validation_loss, validation_accuracy = self.task.validate(self.average.eval())
        self.done += 1
        epoch = Epoch(
            self.done,
            float(loss_sum) / max(steps, 1),
            float(right) / max(seen, 1),
            validation_loss,
            validation_accuracy,
            rate,
            time.monotonic() - start,
        )
        self.log.append(epoch)
        if not self.best_epoch or epoch.validation_loss < self.log[self.best_epoch - 1].validation_loss:
            self.best_epoch = self.done
            self.best = {k: v.detach().clone() for k, v in self.average.state_dict().items()}
        logger.info(
            "epoch %d: loss %.4f, validation loss %.4f, accuracy %.2f %%, %.0f s",
            epoch.epoch,
            epoch.train_loss,
            epoch.validation_loss,
            100 * epoch.validation_accuracy,
            epoch.seconds,
        )
        self.keep()

    def logits(self, x: Tensor) -> Tensor:
        """Of a batch, as training computes them: in the recipe's precision, in its last epochs as int8 will."""
        if self.done >= self.recipe.epochs - self.recipe.qat:
            # bfloat16 would round a second time, and more coarsely.
            return fake_quantized(self.network, x)
        with torch.autocast(self.device.type, self.precision, self.precision != torch.float32):
            return self.network(x)

    def follow(self, step: int) -> None:
        """Move the average towards the weights; early on it follows faster, so that the start is forgotten."""
        decay = min(self.recipe.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for a, w in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
                if a.dtype.is_floating_point:
                    a.lerp_(w, 1 - decay)
                else:
                    a.copy_(w)

    def keep(self) -> None:
        """Write the log, and the state to resume from, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(f.name for f in dataclasses.fields(Epoch))
            writer.writerows(dataclasses.astuple(e) for e in self.log)
        state = {
            "done": self.done,
            "log": [list(dataclasses.astuple(e)) for e in self.log],
            "best_epoch": self.best_epoch,
            "best": self.best,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        write_state(self.folder / "state.pt", self.identity, state)

    def restore(self) -> None:
        path = self.folder / "state.pt"
        if not path.is_file():
            logger.info("%s: nothing to resume from, starting anew", path)
            return
        state = read_state(path, self.identity, self.device, "begin anew without --resume, or with another --out")
        self.done, self.best_epoch, self.best = state["done"], state["best_epoch"], state["best"]
        self.log = [Epoch(*row) for row in state["log"]]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        logger.info("resuming after epoch %d of %d", self.done, self.recipe.epochs)

    def outcome(self) -> Outcome:
        """The last epoch's average; with early stopping the best one's."""
        network, epoch = self.average, self.done
        if self.recipe.patience and self.best is not None:
            network.load_state_dict(self.best)
            epoch = self.best_epoch
        network.to("cpu")
        return Outcome(network.eval(), self.log, epoch)
