"""The set network in PyTorch, and its training: ``edge_digits.selection.set_network`` computes the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from edge_digits.selection.page_context import EDGE_FEATURES, NODE_FEATURES
from edge_digits.selection.set_network import EDGE_WIDTH, LOGIT, NODE_WIDTH

EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 12, 512, 2e-3, 0.5

HELD_OUT = 10
"""Every so many pages one chooses nothing."""

DOUBTFUL, OTHERS = -6.4, 0.15
"""Log-odds above which all hypotheses are learned, and the share of the others that is."""


_LEAST = 1e-7


class PageNetwork(nn.Module):
    """See ``SetNetwork``."""

    def __init__(self) -> None:
        super().__init__()
        self.edge1 = nn.Linear(EDGE_FEATURES + NODE_FEATURES, EDGE_WIDTH)
        self.edge2 = nn.Linear(EDGE_WIDTH, EDGE_WIDTH)
        self.node1 = nn.Linear(NODE_FEATURES + 2 * EDGE_WIDTH, NODE_WIDTH)
        self.node2 = nn.Linear(NODE_WIDTH, NODE_WIDTH)
        self.node3 = nn.Linear(NODE_WIDTH, 1)
        # It begins by saying what the judge says.
        nn.init.zeros_(self.node3.weight)
        nn.init.zeros_(self.node3.bias)

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        """See ``SetNetwork.__call__``."""
        there = edges[:, :, -1:]
        both = torch.cat([edges, nodes[:, None].expand(-1, edges.shape[1], -1)], 2)
        messages = F.relu(self.edge2(F.relu(self.edge1(both)))) * there
        seen = torch.cat([nodes, messages.amax(1), messages.sum(1) / 4], 1)
        return LOGIT * nodes[:, 0] + self.node3(F.relu(self.node2(F.relu(self.node1(seen)))))[:, 0]

    def arrays(self) -> dict[str, Any]:
        """Its weights, as ``load_set_network`` reads them."""
        out: dict[str, Any] = {}
        for name, layer in self.named_children():
            assert isinstance(layer, nn.Linear)
            out[name] = layer.weight.detach().numpy().T.copy()
            out[f"{name}_bias"] = layer.bias.detach().numpy().copy()
        return out


@dataclass(frozen=True)
class PageExamples:
    """nodes: (N, NODE_FEATURES), edges: (N, K, EDGE_FEATURES) float32. is_digit: (N,) float32, 0 or 1. page: (N,),
    whose hypothesis each is."""

    nodes: NDArray[np.float32]
    edges: NDArray[np.float32]
    is_digit: NDArray[np.float32]
    page: NDArray[np.intp]


def fit(examples: PageExamples, seed: int) -> tuple[PageNetwork, dict[str, float]]:
    """Train a network on the hypotheses of pages. Every tenth page chooses nothing and is only measured: the figures
    are the cross-entropy, and the shares of digits missed and of others taken for digits, before and after."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    logit = LOGIT * examples.nodes[:, 0]
    use = (logit > DOUBTFUL) | (random.random(len(logit)) < OTHERS)
    held = examples.page % HELD_OUT == 0
    train, test = np.flatnonzero(use & ~held), np.flatnonzero(use & held)
    nodes, edges, truth = (torch.from_numpy(a) for a in (examples.nodes, examples.edges, examples.is_digit))
    network = PageNetwork()
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * max(1, len(train) // BATCH)
    bar = tqdm(total=steps, desc="page network", unit="batch")
    for _ in range(EPOCHS):
        for index in np.array_split(random.permutation(train), max(1, len(train) // BATCH)):
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * bar.n / steps))
            loss = F.binary_cross_entropy_with_logits(network(nodes[index], edges[index]), truth[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update()
    bar.close()
    network.eval()
    with torch.inference_mode():
        after = network(nodes[test], edges[test])
    figures = {f"{name} before": value for name, value in _figures(torch.from_numpy(logit[test]), truth[test]).items()}
    return network, figures | _figures(after, truth[test])


def fit_calibration(
    log_odds: NDArray[np.floating], which: NDArray[np.floating], right: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Scale, offset and exponent (3,) with which ``SetNetwork.confidence`` says how often such digits are ``right``
    (N,), by maximum likelihood. log_odds, which: (N,), as it takes them."""
    x, w, y = (torch.from_numpy(column.astype(np.float64)) for column in (log_odds, which, right))
    three = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([three], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        chance = w.clamp_min(_LEAST) ** three[2] * torch.sigmoid(three[0] * x + three[1])
        value = F.binary_cross_entropy(chance.clamp(_LEAST, 1 - _LEAST), y)
        value.backward()
        return value

    optimizer.step(loss)  # pyright: ignore[reportArgumentType]  # torch's stub wants a float
    return three.detach().numpy().astype(np.float32)


def _figures(logits: Tensor, truth: Tensor) -> dict[str, float]:
    return {
        "cross-entropy": float(F.binary_cross_entropy_with_logits(logits, truth)),
        "missed": float((logits[truth > 0] < 0).float().mean()),
        "false": float((logits[truth < 1] > 0).float().mean()),
    }
