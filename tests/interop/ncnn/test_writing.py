"""Networks written for ncnn: read back, they are the same networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from costmodel import Builder, zoo
from costmodel.errors import CostModelError, SpecError, UnsupportedError
from costmodel.interop.ncnn import read_ncnn
from costmodel.interop.ncnn.writing import to_ncnn
from costmodel.latency import lower
from costmodel.layers import Add, BatchNorm, Conv2d, Dropout, Linear, ReLU, SiLU
from costmodel.network import Network

NAMES = (
    "alexnet_torchvision", "squeezenet", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "shufflenet_v1",
    "shufflenet_v2", "resnet18", "resnext50_32x4d", "googlenet", "googlenet_paper", "inception_v3", "efficientnet_b0",
    "ghostnet", "mnasnet_a1", "densenet121", "regnet_y_400mf", "nasnet_a_mobile", "vgg11_bn", "vit_b_32", "lenet_5",
)  # fmt: skip


def zeros(_: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return np.zeros(shape, np.float32)


def back(network: Network, tmp_path: Path) -> Network:
    path = tmp_path / "net.param"
    path.write_text(to_ncnn(network, zeros).param, encoding="utf-8")
    return read_ncnn(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_read_back_multiplies_as_much(name: str, tmp_path: Path) -> None:
    network = zoo.find(name)()
    assert back(network, tmp_path).cost().macs == network.cost().macs


@pytest.mark.parametrize("name", ["mobilenet_v1", "resnet18", "vgg11_bn", "squeezenet"])
def test_a_network_read_back_has_the_weights_that_are_left_after_folding(name: str, tmp_path: Path) -> None:
    """Batch norms are folded: of each there is left a bias, which the lowering counts too."""
    network = zoo.find(name)()
    folded = sum(kernel.weight_bytes for kernel in lower(network)) // 4
    assert back(network, tmp_path).cost().params == folded


@pytest.mark.parametrize("name", ["mobilenet_v2", "efficientnet_lite0"])
def test_the_binary_file_has_a_number_for_each_weight(name: str, tmp_path: Path) -> None:
    network = zoo.find(name)()
    model = to_ncnn(network, zeros)
    path = tmp_path / "net.param"
    path.write_text(model.param, encoding="utf-8")
    tags = sum(line.split()[0] in ("Convolution", "ConvolutionDepthWise", "InnerProduct")
               for line in model.param.splitlines()[2:])  # fmt: skip
    assert len(model.weights) == 4 * (read_ncnn(path).cost().params + tags)


def small(*layers: Conv2d | BatchNorm | ReLU | SiLU | Linear | Dropout, batch: int = 1) -> Network:
    b = Builder("small")
    return b.build(b.input("x", (batch, 4, 8, 8)).then(*layers))


def types(network: Network) -> list[str]:
    return [line.split()[0] for line in to_ncnn(network, zeros).param.splitlines()[2:]]


def test_batch_norm_and_activation_join_a_convolution() -> None:
    network = small(Conv2d(out_channels=4, kernel=3, bias=False), BatchNorm(), ReLU())
    line = to_ncnn(network, zeros).param.splitlines()[3]
    assert types(network) == ["Input", "Convolution"]
    assert "5=1" in line.split()
    assert "9=1" in line.split()


def test_an_activation_that_ncnn_does_not_fuse_stays() -> None:
    assert types(small(Conv2d(out_channels=4, kernel=3), SiLU())) == ["Input", "Convolution", "Swish"]


def test_what_another_layer_reads_too_is_not_folded_away() -> None:
    b = Builder("fork")
    y = b.input("x", (1, 4, 8, 8)).then(Conv2d(out_channels=4, kernel=3))
    network = b.build(b.add(Add(), y.then(ReLU()), y))
    assert types(network) == ["Input", "Convolution", "Split", "ReLU", "BinaryOp"]


def test_dropout_is_left_out_even_as_the_last_layer() -> None:
    assert types(small(ReLU(), Dropout())) == ["Input", "ReLU"]
    assert types(small(Dropout())) == ["Input", "Noop"]


@pytest.mark.parametrize(
    ("network", "error", "sentence"),
    [
        (small(ReLU(), batch=2), UnsupportedError, "no batch"),
        (zoo.lenet_5(batch="n"), SpecError, "bind them"),
        (zoo.lenet_5(resolution="r") if "resolution" in zoo.find("lenet_5").parameters else zoo.mobilenet_v1(
            resolution="r"), SpecError, "bind them"),
    ],
)  # fmt: skip
def test_what_ncnn_has_no_blob_for_is_refused(network: Network, error: type[CostModelError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        to_ncnn(network, zeros)
