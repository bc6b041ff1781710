"""Layers that torch lacks, between feature maps and recurrences: ``convert`` knows how to execute each of them."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn


def leaves(network: nn.Sequential) -> Iterator[nn.Module]:
    """The layers of ``network`` in order, those of an ``nn.Sequential`` in it each for itself."""
    for layer in network:
        if isinstance(layer, nn.Sequential):
            yield from leaves(layer)
        else:
            yield layer


class Steps(nn.Module):
    """Each column of a feature map one pixel high becomes a time step: (N, C, 1, T) -> (N, T, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x.squeeze(2).transpose(1, 2)


class Recurrence(nn.Module):
    """A recurrent layer that reads both ways (Schuster and Paliwal 1997): (N, T, C) -> (N, T, 2 * hidden), first what
    was read from the left, then what was read from the right."""

    def __init__(self, layer: type[nn.LSTM] | type[nn.GRU] | type[nn.RNN], inputs: int, hidden: int) -> None:
        super().__init__()
        self.layer = layer(inputs, hidden, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.layer(x)[0]


class Rows(nn.Module):
    """Each row of a picture becomes a time step: (N, 1, T, C) -> (N, T, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x.squeeze(1)


class Columns(nn.Module):
    """Each column of a feature map becomes a time step: (N, C, H, T) -> (N, T, C * H)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x.flatten(1, 2).transpose(1, 2)


class LastState(nn.Module):
    """A recurrent layer of which only the last state counts (Hochreiter and Schmidhuber 1997): (N, T, C) ->
    (N, directions * hidden), of each direction the state after its last step."""

    def __init__(self, inputs: int, hidden: int, both_ways: bool) -> None:
        super().__init__()
        self.layer = nn.LSTM(inputs, hidden, batch_first=True, bidirectional=both_ways)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.layer(x)[1][0].transpose(0, 1).flatten(1)
