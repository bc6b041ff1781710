"""Each published system's set-up, as its text states it, and what was chosen where the text leaves a choice open."""

from __future__ import annotations

from dataclasses import dataclass, replace

_WEIGHTS = "initial weights: PyTorch's own"
_ALL = "no validation part is stated: all 60,000 train, and nothing is chosen by the test set"


@dataclass(frozen=True)
class Published:
    """What is published. stated: the set-up in the text's words. accuracy: the published share of right answers on
    MNIST's test set, 0..1, None where none is given; figure: the same in words. chosen: what the text leaves open, and
    what was taken. seed: of weights, order and augmentation."""

    stated: str
    accuracy: float | None
    figure: str
    chosen: tuple[str, ...]
    seed: int = 1


@dataclass(frozen=True)
class NetworkRecipe(Published):
    """How a network is trained. optimizer: "adam" or "sgd", at a learning rate that is multiplied with ``decay`` after
    each epoch. validation: share of the training set that is held out, 0..1. augmentation: "none", "affine" (rotation,
    shift, scale, noise) or "elastic". widths: of a committee one for each member: columns that its digits are stretched
    to, 0 leaves them as they are."""

    epochs: int = 15
    batch: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    decay: float = 1.0
    validation: float = 0.0
    augmentation: str = "none"
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class VectorRecipe(Published):
    """A support vector machine with a Gaussian kernel exp(-gamma |x - y|²) of pixels in 0..1; c: what errors cost."""

    c: float = 5.0
    gamma: float = 0.05


@dataclass(frozen=True)
class NeighbourRecipe(Published):
    """The most frequent label among the nearest training pictures. neighbours: how many."""

    neighbours: int = 3


Recipe = NetworkRecipe | VectorRecipe | NeighbourRecipe

_AFFINE = (
    "ranges, drawn evenly: 10 degrees, 2 pixels, 0.9 to 1.1 times the size, noise of standard deviation 0 to 0.1 of "
    "the range of grey"
)

_LOWEST = "which of the three figures belongs to which network is not said: compared with the lowest"
_IMAGENET = "--imagenet starts from torchvision's weights wherever the shapes are the same"

_CRNN = NetworkRecipe(
    stated="conv, columns as time steps, recurrent layer, dropout 0.5, Adam 0.001, batch 64, 25 epochs; rotation, "
    "shift, scale, noise",
    accuracy=0.992,
    figure="99.2 % (CNN beside it 99.0 %)",
    chosen=(
        "32 and 64 filters of 3×3, each with ReLU and 2×2 max pooling; 7 columns of 7×64 features are the steps",
        "LSTM of 128 units that reads both ways",
        "one softmax on the states at the ends, not CTC: it is judged on single digits, beside a CNN",
        _AFFINE,
        _WEIGHTS,
        _ALL,
    ),
    epochs=25,
    batch=64,
    augmentation="affine",
)

_ALEXNET = NetworkRecipe(
    stated="torchvision's, fitted to 28×28; transfer from ImageNet weights where they can be fetched",
    accuracy=0.9915,
    figure="99.15, 99.72, 99.60 % for AlexNet and ResNet together",
    chosen=(
        "widths and layers of torchvision's; first kernel 3×3 at stride 1 on one channel, pooling 2×2, so that 3×3 "
        "places are left",
        _LOWEST,
        "Adam at 0.0003, batch 128, 10 epochs, affine augmentation",
        _IMAGENET,
        _WEIGHTS,
        _ALL,
    ),
    epochs=10,
    batch=128,
    learning_rate=3e-4,
    augmentation="affine",
)

RECIPES: dict[str, Recipe] = {
    "svm": VectorRecipe(
        stated="scikit-learn on raw pixels, support vector machine",
        accuracy=0.986,
        figure="98.6 %",
        chosen=("Gaussian kernel", "pixels scaled to 0..1", "C 5 and gamma 0.05, not searched for", _ALL),
    ),
    "knn": NeighbourRecipe(
        stated="scikit-learn on raw pixels, nearest neighbours",
        accuracy=None,
        figure="–",
        chosen=("3 neighbours, Euclidean distance, equal votes",),
    ),
    "mlp": NetworkRecipe(
        stated="feed-forward, two hidden ReLU layers, softmax, Adam, categorical cross-entropy",
        accuracy=None,
        figure="–",
        chosen=("512 units in each hidden layer", "Adam at 0.001, batch 128, 10 epochs", _WEIGHTS, _ALL),
        epochs=10,
        batch=128,
    ),
    "cnn-lenet": NetworkRecipe(
        stated="5×5 conv, pool, 5×5 conv, pool, 128 ReLU, dropout, softmax; Adam, batch 64, 15 epochs",
        accuracy=0.9915,
        figure="99.15 % (LeNet-5 99.05 %)",
        chosen=(
            "32 and 64 filters, ReLU, no padding, max pooling",
            "dropout 0.5",
            "Adam at 0.001",
            _WEIGHTS,
            _ALL,
        ),
        batch=64,
    ),
    "cnn-421k": NetworkRecipe(
        stated="32 then 64 3×3 filters with max pooling, dropout 0.25, dense 128, dropout 0.5; 421,642 parameters; "
        "SGD 0.01",
        accuracy=0.9894,
        figure="98.94 % (on EMNIST)",
        chosen=(
            "padding that keeps the size and pooling after each convolution: the layout that has 421,642 parameters",
            "ReLU, no momentum, batch 32, 15 epochs",
            _WEIGHTS,
            _ALL,
        ),
        optimizer="sgd",
        learning_rate=0.01,
    ),
    "cnn-keras": NetworkRecipe(
        stated="two conv + max-pool, two dense, dropout 0.25, batch 32, Adam 0.001, 20 % validation, 15 epochs",
        accuracy=0.985,
        figure="98.5 %",
        chosen=(
            "32 and 64 filters of 3×3, ReLU, no padding",
            "dense 128 and the softmax are the two dense layers, the dropout stands between them",
            "the last 12,000 of the training set validate, as Keras takes them",
            _WEIGHTS,
        ),
        validation=0.2,
    ),
    "rnn": NetworkRecipe(
        stated="recurrent network over the rows",
        accuracy=0.9874,
        figure="98.74 % (CNN beside it 99.15 %)",
        chosen=(
            "LSTM of 128 units, one row of 28 pixels at each of 28 steps, its last state to the softmax",
            "Adam at 0.001, batch 64, 15 epochs",
            _WEIGHTS,
            _ALL,
        ),
        batch=64,
    ),
    "crnn-published": _CRNN,
    "cnn-beside-crnn": replace(
        _CRNN,
        stated="not described but for its accuracy: the CNN beside the CRNN",
        accuracy=0.99,
        figure="99.0 %",
        chosen=(
            "crnn-published with a dense layer of 128 in the place of the recurrent one, all else the same",
            _AFFINE,
            _WEIGHTS,
            _ALL,
        ),
    ),
    "alexnet": _ALEXNET,
    "resnet": replace(
        _ALEXNET,
        chosen=(
            "ResNet-18; first kernel 3×3 at stride 1 on one channel, no pooling after it",
            _LOWEST,
            "Adam at 0.001 with 0.8 of it left after each epoch, batch 128, 10 epochs, affine augmentation",
            _IMAGENET,
            _WEIGHTS,
            _ALL,
        ),
        learning_rate=1e-3,
        decay=0.8,
    ),
    "committee": NetworkRecipe(
        stated="several deep CNNs with elastic distortions, averaged (Ciresan et al. 2012: 35 nets)",
        accuracy=0.9977,
        figure="99.77 % (35 nets)",
        chosen=(
            "7 nets, not 35: one for each of their widths of digits (10, 12, 14, 16, 18, 20 columns, and as it is), "
            "where they train five",
            "their layout 20C4-MP2-40C5-MP3-150N-10N on 29×29, with ReLU for their scaled tanh",
            "30 epochs of Adam from 0.001 with 0.9 of it left after each, batch 128; theirs is 800 epochs of on-line "
            "descent",
            "rotation up to 15 degrees (of each digit alike), 0.85 to 1.15 times the size, shift up to 1 pixel, and a "
            "random field smoothed with a Gaussian of 6 pixels and multiplied with 36 (Simard et al. 2003)",
            _WEIGHTS,
            _ALL,
        ),
        epochs=30,
        batch=128,
        decay=0.9,
        augmentation="elastic",
        widths=(10, 12, 14, 16, 18, 20, 0),
    ),
}
"""By the name on the command line, in the order of the tables."""
