"""The networks, as plain ``nn.Sequential``: ``convert`` walks over their layers.

The CNNs: input (N, 1, 28, 28) float32 in 0..1; output (N, 11) logits: the ten digits and the reject class.
The CRNNs: input (N, 1, 32, W) float32 in 0..1, W a multiple of 4; output (N, W / 4, 12) logits, one time step every
four columns: the ten digits, the reject class and the CTC blank.
The judge: its first stage takes (N, 2, 20, 20) and gives (N, 2) logits, nothing and anything else; its second takes
(N, 4, 32, 32) and gives (N, 14) logits, see ``edge_digits.judge_classes``.
"""

from __future__ import annotations

from torch import nn

from edge_digits.charset import BLANK, REJECT
from edge_digits.judge_classes import CLASSES
from train.layers import Recurrence, Steps


def _block(inputs: int, outputs: int, stride: int = 1, padding: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


def judge_first() -> nn.Sequential:
    """The judge's first stage, for every hypothesis: 15,330 parameters, 94,000 multiplications."""
    return nn.Sequential(
        *_block(2, 8, stride=2),
        *_block(8, 16, stride=2),
        *_block(16, 32, padding=0),
        nn.Flatten(),
        nn.Linear(32 * 3 * 3, 32),
        nn.ReLU(),
        nn.Linear(32, 2),
    )


def judge() -> nn.Sequential:
    """The judge's second stage, for what the first leaves: 118,094 parameters, 3.1 million multiplications."""
    return nn.Sequential(
        *_block(4, 32, stride=2),
        *_block(32, 48, stride=2),
        *_block(48, 48),
        *_block(48, 64, stride=2),
        *_block(64, 64, padding=0),
        nn.Flatten(),
        nn.Linear(64 * 2 * 2, 64),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(64, CLASSES),
    )


def _convolutions(widths: tuple[int, int, int, int, int, int]) -> nn.Sequential:
    """Six 3×3 convolutions, 28×28 → 14×14 → 7×7 → 5×5, mean over places, one linear layer."""
    a, b, c, d, e, f = widths
    return nn.Sequential(
        *_block(1, a),
        *_block(a, b, stride=2),
        *_block(b, c),
        *_block(c, d, stride=2),
        *_block(d, e),
        *_block(e, f, padding=0),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(f, REJECT + 1),
    )


def cnn() -> nn.Sequential:
    """The lightweight CNN: 90,059 parameters, 5.1 million multiplications."""
    return _convolutions((16, 24, 32, 48, 64, 64))


def cnn_small() -> nn.Sequential:
    """The same shape with fewer channels: 19,243 parameters, 1.3 million multiplications."""
    return _convolutions((8, 12, 16, 20, 28, 32))


LINE_FEATURES = 80
"""Channels of a CRNN's time steps before the recurrence."""


def _line_convolutions() -> list[nn.Module]:
    """32×W → 16×W/2 → 8×W/4 → 4×W/4 → 1×W/4, 80 channels: 124,000 parameters, most of them where maps are small."""
    return [
        *_block(1, 16),
        *_block(16, 24, stride=2),
        *_block(24, 32),
        *_block(32, 48, stride=2),
        *_block(48, 64),
        nn.Conv2d(64, LINE_FEATURES, 3, stride=(2, 1), padding=1, bias=False),
        nn.BatchNorm2d(LINE_FEATURES),
        nn.ReLU(inplace=True),
        nn.Conv2d(LINE_FEATURES, LINE_FEATURES, (4, 1), bias=False),
        nn.BatchNorm2d(LINE_FEATURES),
        nn.ReLU(inplace=True),
    ]


def _crnn(layer: type[nn.LSTM] | type[nn.GRU] | type[nn.RNN], hidden: int) -> nn.Sequential:
    """Convolutions, columns as time steps, a recurrent layer, one score for each class and step (Shi, Bai and Yao
    2017)."""
    return nn.Sequential(
        *_line_convolutions(),
        Steps(),
        Recurrence(layer, LINE_FEATURES, hidden),
        nn.Dropout(DROPOUT),
        nn.Linear(2 * hidden, BLANK + 1),
    )


DROPOUT = 0.1
"""Before the last layer of a CRNN and of the judge."""


def crnn_lstm() -> nn.Sequential:
    """With long short-term memory (Hochreiter and Schmidhuber 1997): 175,436 parameters."""
    return _crnn(nn.LSTM, 48)


def crnn_gru() -> nn.Sequential:
    """With gated recurrent units (Cho et al. 2014): 172,076 parameters."""
    return _crnn(nn.GRU, 56)


def crnn_elman() -> nn.Sequential:
    """With the plain recurrence h = tanh(W x + U h + b) (Elman 1990): 160,844 parameters."""
    return _crnn(nn.RNN, 96)


def crnn_none() -> nn.Sequential:
    """Without recurrence: two more convolutions along the line see nine steps; 189,644 parameters."""
    width = LINE_FEATURES
    along: list[nn.Module] = []
    for _ in range(2):
        along += [
            nn.Conv2d(width, width, (1, 5), padding=(0, 2), bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*_line_convolutions(), *along, Steps(), nn.Dropout(DROPOUT), nn.Linear(width, BLANK + 1))


NETWORKS = {
    "cnn": cnn,
    "cnn-small": cnn_small,
    "judge-first": judge_first,
    "judge": judge,
    "crnn": crnn_gru,
    "crnn-lstm": crnn_lstm,
    "crnn-gru": crnn_gru,
    "crnn-elman": crnn_elman,
    "crnn-none": crnn_none,
}


def parameter_count(network: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in network.parameters())
