"""Small published networks to compare with: (N, 1, 28, 28) float32 in 0..1 -> (N, classes) logits.

Plain ``nn.Sequential``, as those of ``train.networks``, so that ``convert`` takes them to a device too.
``train.published`` trains them, beside larger ones.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from train.layers import Columns, LastState, Rows


def mlp(classes: int) -> nn.Sequential:
    """Two hidden layers: 669,706 parameters with ten classes, as all the figures here."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, classes)
    )


def _convolutions(kernel: int, padding: int) -> list[nn.Module]:
    """Two convolutions with 32 and 64 filters, max pooling after each."""
    return [
        nn.Conv2d(1, 32, kernel, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, kernel, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def _dense(inputs: int, dropout: float, classes: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(inputs, 128), nn.ReLU(), nn.Dropout(dropout), nn.Linear(128, classes)]


def cnn_lenet(classes: int) -> nn.Sequential:
    """After LeNet-5 (LeCun et al. 1998): 184,586 parameters."""
    return nn.Sequential(*_convolutions(5, 0), *_dense(64 * 4 * 4, 0.5, classes))


def cnn_421k(classes: int) -> nn.Sequential:
    """421,642 parameters: 320 + 18,496 + (7·7·64 + 1) · 128 + 1,290."""
    return nn.Sequential(*_convolutions(3, 1), nn.Dropout(0.25), *_dense(64 * 7 * 7, 0.5, classes))


def cnn_keras(classes: int) -> nn.Sequential:
    """225,034 parameters."""
    return nn.Sequential(*_convolutions(3, 0), *_dense(64 * 5 * 5, 0.25, classes))


def rnn(classes: int) -> nn.Sequential:
    """One LSTM over the rows: 82,186 parameters."""
    return nn.Sequential(Rows(), LastState(28, 128, both_ways=False), nn.Linear(128, classes))


def crnn_published(classes: int) -> nn.Sequential:
    """Convolutions, columns as time steps, an LSTM that reads both ways: 613,258 parameters."""
    recurrent = LastState(7 * 64, 128, both_ways=True)
    return nn.Sequential(*_convolutions(3, 1), Columns(), recurrent, nn.Dropout(0.5), nn.Linear(256, classes))


def cnn_beside_crnn(classes: int) -> nn.Sequential:
    """The same convolutions, and a dense layer: 421,642 parameters."""
    return nn.Sequential(*_convolutions(3, 1), *_dense(64 * 7 * 7, 0.5, classes))


BASELINES: dict[str, Callable[[int], nn.Sequential]] = {
    "mlp": mlp,
    "cnn-lenet": cnn_lenet,
    "cnn-421k": cnn_421k,
    "cnn-keras": cnn_keras,
    "rnn": rnn,
    "crnn-published": crnn_published,
    "cnn-beside-crnn": cnn_beside_crnn,
}
"""By name, given how many classes there are."""
