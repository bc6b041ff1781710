"""A trained network as it is executed: batch normalization folded into the convolutions, dropout gone.

Both converters start from this one form, so a TFLite and an ONNX file hold the same weights.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from convert.errors import ConversionError
from train.layers import LastState, Recurrence, Steps, leaves


def reads_lines(network: nn.Module) -> bool:
    """Whether ``network`` gives scores for each time step, not for the whole input."""
    return any(isinstance(layer, Steps) for layer in network.modules())


def time_steps(network: nn.Sequential, size: tuple[int, int]) -> int:
    """How many steps a recurrence goes over in an input of ``size`` (height, width); 0 if there is none."""
    if not recurrences(network):
        return 0
    x = torch.zeros(1, 1, *size)
    with torch.inference_mode():
        for layer in folded(network):
            if isinstance(layer, Recurrence | LastState):
                return x.shape[1]
            x = layer(x)
    return 0


def check_recurrence(layer: nn.RNNBase) -> None:
    """Raises ConversionError unless ``layer`` is one layer of tanh RNN, GRU or LSTM with biases, of one direction or of
    both."""
    plain = layer.num_layers == 1 and layer.bias and not layer.proj_size
    if type(layer) not in (nn.RNN, nn.GRU, nn.LSTM) or not plain:
        raise ConversionError("only one layer of RNN, GRU or LSTM with biases is converted")
    if isinstance(layer, nn.RNN) and layer.nonlinearity != "tanh":
        raise ConversionError("only tanh is converted")


def recurrences(network: nn.Module) -> list[nn.RNNBase]:
    """The recurrent layers of ``network``."""
    return [layer for layer in network.modules() if isinstance(layer, nn.RNNBase)]


def folded(network: nn.Sequential) -> nn.Sequential:
    """``network`` (in evaluation mode, left as it is) as a flat chain of layers that computes the same.

    Each BatchNorm2d is folded into the convolution before it (Jacob et al. 2018, section 3.2). Raises ConversionError
    for a BatchNorm2d that stands anywhere else.
    """
    layers: list[nn.Module] = []
    for position, layer in enumerate(leaves(network)):
        if isinstance(layer, nn.BatchNorm2d):
            if not layers or not isinstance(layers[-1], nn.Conv2d):
                raise ConversionError(f"layer {position} (BatchNorm2d): can only be folded into a Conv2d before it")
            # In double precision, so that a product of weights is rounded once.
            conv, norm = copy.deepcopy(layers[-1]).double(), copy.deepcopy(layer).double()
            layers[-1] = fuse_conv_bn_eval(conv, norm).float()
        elif not isinstance(layer, nn.Dropout | nn.Dropout2d | nn.Identity):
            layers.append(layer)
    return nn.Sequential(*layers).eval()
