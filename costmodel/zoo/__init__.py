"""The zoo: published networks as functions of their parameters, which may be symbols."""

from costmodel.zoo.alexnet import alexnet, alexnet_one_tower, alexnet_torchvision
from costmodel.zoo.amoebanet import amoebanet_a, amoebanet_a_mobile
from costmodel.zoo.densenet import densenet, densenet121, densenet161, densenet169, densenet201
from costmodel.zoo.document_000 import document_000
from costmodel.zoo.document_002 import document_002
from costmodel.zoo.family import Family, families, family, find
from costmodel.zoo.googlenet import googlenet, googlenet_paper
from costmodel.zoo.inception_v3 import inception_v3
from costmodel.zoo.lenet import lenet_5, lenet_300_100
from costmodel.zoo.mobilenet_v1 import mobilenet_v1
from costmodel.zoo.mobilenet_v2 import mobilenet_v2
from costmodel.zoo.nasnet import nasnet_a, nasnet_a_large, nasnet_a_mobile
from costmodel.zoo.regnet import (
    regnet,
    regnet_x_1_6gf,
    regnet_x_3_2gf,
    regnet_x_8gf,
    regnet_x_16gf,
    regnet_x_32gf,
    regnet_x_400mf,
    regnet_x_800mf,
    regnet_y_1_6gf,
    regnet_y_3_2gf,
    regnet_y_8gf,
    regnet_y_16gf,
    regnet_y_32gf,
    regnet_y_128gf,
    regnet_y_400mf,
    regnet_y_800mf,
)
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
from costmodel.zoo.shufflenet_v1 import (
    shufflenet_v1,
    shufflenet_v1_g1,
    shufflenet_v1_g2,
    shufflenet_v1_g3,
    shufflenet_v1_g4,
    shufflenet_v1_g8,
)
from costmodel.zoo.squeezenet import squeezenet, squeezenet1_0, squeezenet1_1
from costmodel.zoo.vgg import vgg, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

__all__ = [
    "Family",
    "alexnet",
    "alexnet_one_tower",
    "alexnet_torchvision",
    "amoebanet_a",
    "amoebanet_a_mobile",
    "densenet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "document_000",
    "document_002",
    "families",
    "family",
    "find",
    "googlenet",
    "googlenet_paper",
    "inception_v3",
    "lenet_5",
    "lenet_300_100",
    "mobilenet_v1",
    "mobilenet_v2",
    "nasnet_a",
    "nasnet_a_large",
    "nasnet_a_mobile",
    "regnet",
    "regnet_x_1_6gf",
    "regnet_x_3_2gf",
    "regnet_x_8gf",
    "regnet_x_16gf",
    "regnet_x_32gf",
    "regnet_x_400mf",
    "regnet_x_800mf",
    "regnet_y_1_6gf",
    "regnet_y_3_2gf",
    "regnet_y_8gf",
    "regnet_y_16gf",
    "regnet_y_32gf",
    "regnet_y_128gf",
    "regnet_y_400mf",
    "regnet_y_800mf",
    "resnet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x4d",
    "resnext101_32x8d",
    "shufflenet_v1",
    "shufflenet_v1_g1",
    "shufflenet_v1_g2",
    "shufflenet_v1_g3",
    "shufflenet_v1_g4",
    "shufflenet_v1_g8",
    "squeezenet",
    "squeezenet1_0",
    "squeezenet1_1",
    "vgg",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
