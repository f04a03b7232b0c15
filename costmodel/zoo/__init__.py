"""The zoo: published networks as functions of their parameters, which may be symbols."""

from costmodel.zoo.family import Family, families, family, find
from costmodel.zoo.mobilenet_v1 import mobilenet_v1
from costmodel.zoo.resnet import (
    resnet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    resnext101_32x4d,
    resnext101_32x8d,
)
