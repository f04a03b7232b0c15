"""Layer kinds: small frozen specs with closed-form formulas, one file for each family."""

from costmodel.layers.activation import (
    ELU,
    GELU,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from costmodel.layers.attention import Attention
from costmodel.layers.base import Layer, LayerCost
from costmodel.layers.composite import Composite, Part
from costmodel.layers.conv import Conv1d, Conv2d, Conv3d
from costmodel.layers.depthwise import DepthwiseConv2d, PointwiseConv2d
from costmodel.layers.einsum import Einsum
from costmodel.layers.embedding import Embedding
from costmodel.layers.formulas import Formulas
from costmodel.layers.global_pool import AdaptiveAvgPool2d, AdaptiveMaxPool2d, GlobalAvgPool, GlobalMaxPool
from costmodel.layers.linear import Linear
from costmodel.layers.matmul import MatMul
from costmodel.layers.merge import Add, Concat, Multiply, Split
from costmodel.layers.multi_head import MultiHeadAttention
from costmodel.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, RMSNorm
from costmodel.layers.pool import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from costmodel.layers.recurrent import GRU, LSTM, RNN
from costmodel.layers.registry import kind, kinds, parse_layer
from costmodel.layers.reshape import ChannelShuffle, Dropout, Flatten, Identity, Pad, Permute, Reshape, Upsample2d
from costmodel.layers.separable import (
    DepthwiseSeparableConv2d,
    DepthwiseSpatiallySeparableConv2d,
    SpatiallySeparableConv2d,
)
from costmodel.layers.stored import Buffer, Constant, Parameter, Uncounted
from costmodel.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "Add",
    "Attention",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm",
    "Buffer",
    "ChannelShuffle",
    "Composite",
    "Concat",
    "Constant",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseConv2d",
    "DepthwiseSeparableConv2d",
    "DepthwiseSpatiallySeparableConv2d",
    "Dropout",
    "Einsum",
    "Embedding",
    "Flatten",
    "Formulas",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "InstanceNorm",
    "Layer",
    "LayerCost",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "MatMul",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MultiHeadAttention",
    "Multiply",
    "Pad",
    "Parameter",
    "Part",
    "Permute",
    "PointwiseConv2d",
    "RMSNorm",
    "ReLU",
    "ReLU6",
    "Reshape",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "SpatiallySeparableConv2d",
    "Split",
    "Tanh",
    "Uncounted",
    "Upsample2d",
    "kind",
    "kinds",
    "parse_layer",
]
