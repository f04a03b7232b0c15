"""The 27 networks of ncnn's benchmark: every shape that the files give, and counts from their numbers of weights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from costmodel import symbols
from costmodel.errors import ReadingError
from costmodel.interop.ncnn import blob_shapes, read_ncnn
from tests.interop.ncnn.counting import count, hints
from tests.interop.ncnn.files import write

NAMES = [
    "alexnet", "blazeface", "efficientnet_b0", "mnasnet", "mobilenet", "mobilenet_int8", "mobilenet_ssd",
    "mobilenet_ssd_int8", "mobilenet_v2", "mobilenet_v3", "mobilenet_yolo", "mobilenetv2_yolov3", "proxylessnasnet",
    "resnet18", "resnet18_int8", "resnet50", "resnet50_int8", "shufflenet", "squeezenet", "squeezenet_int8",
    "squeezenet_ssd", "squeezenet_ssd_int8", "vgg16", "vgg16_int8", "vision_transformer", "yolo-fastest-1.1",
    "yolo-fastestv2",
]  # fmt: skip
WITHOUT_SHAPES = {"blazeface", "vision_transformer"}


def params(shared: Path) -> Path:
    """The folder of the files."""
    return shared / "data" / "ncnn" / "params"


def test_all_files_are_here(shared: Path) -> None:
    assert sorted(path.stem for path in params(shared).glob("*.param")) == sorted(NAMES)


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of all blobs, without the batch."""
    return {blob: tuple(map(int, shape[1:])) for blob, shape in blob_shapes(path).items()}


@pytest.mark.parametrize("name", NAMES)
class TestEachFile:
    def test_every_shape_in_the_file_is_ours(self, shared: Path, name: str) -> None:
        path = params(shared) / f"{name}.param"
        given, found = hints(path), shapes_of(path)
        assert bool(given) == (name not in WITHOUT_SHAPES)
        assert {blob: found[blob] for blob in given} == given

    def test_counts_are_those_of_the_weights_in_the_file(self, shared: Path, name: str) -> None:
        path = params(shared) / f"{name}.param"
        cost = read_ncnn(path).cost()
        assert (cost.macs, cost.params) == count(path, shapes_of(path) | hints(path))

    def test_a_batch_of_eight_does_all_of_it_eight_times(self, shared: Path, name: str) -> None:
        path = params(shared) / f"{name}.param"
        one, eight = read_ncnn(path).cost(), read_ncnn(path, batch=8).cost()
        assert (eight.macs, eight.params) == (8 * one.macs, one.params)


@pytest.mark.parametrize("name", ["mobilenet_v3", "shufflenet", "yolo-fastestv2", "vision_transformer"])
def test_a_symbolic_batch_is_a_factor(shared: Path, name: str) -> None:
    path = params(shared) / f"{name}.param"
    cost = read_ncnn(path, batch="batch").cost()
    assert cost.macs == symbols("batch") * read_ncnn(path).cost().macs


@pytest.mark.parametrize("name", ["squeezenet", "mobilenet_v3", "efficientnet_b0", "yolo-fastestv2"])
def test_symbolic_sizes_give_what_numbers_give(shared: Path, name: str) -> None:
    path = params(shared) / f"{name}.param"
    (data,) = read_ncnn(path).inputs
    open_sizes = read_ncnn(path, input_shapes={data: (3, "32*h", "32*w")})
    fixed = read_ncnn(path, input_shapes={data: (3, 160, 192)})
    assert open_sizes.bind(h=5, w=6).cost().ledger == fixed.cost().ledger


def test_the_input_that_stored_tensors_fix_is_found(shared: Path) -> None:
    network = read_ncnn(params(shared) / "vision_transformer.param")
    assert network.inputs == {"input": (1, 3, 384, 384)}
    assert "are 384, the smallest that its stored tensors fit" in network.source


def test_published_figures(shared: Path) -> None:
    """EfficientNet-B0 as its common implementation counts, and VGG-16 as its paper's layers do."""
    counts = {name: read_ncnn(params(shared) / f"{name}.param").cost().macs for name in ("efficientnet_b0", "vgg16")}
    assert counts == {"efficientnet_b0": 385_814_752, "vgg16": 15_470_264_320}


@pytest.mark.parametrize("name", ["squeezenet", "mobilenet_ssd", "yolo-fastestv2"])
def test_a_shape_in_the_file_that_is_not_ours_is_refused(shared: Path, tmp_path: Path, name: str) -> None:
    text = (params(shared) / f"{name}.param").read_text()
    computed = [line for line in text.splitlines() if "-23330=4,3," in line and not line.startswith("Input")]
    for line in computed[:: max(1, len(computed) // 10)]:
        start, sizes = re.split(r"(?<=-23330=4,3,)", line)
        wrong = re.sub(r"^\d+", lambda found: str(int(found[0]) + 1), sizes)
        path = write(tmp_path, text.replace(line, start + wrong))
        with pytest.raises(ReadingError, match=r"the file declares an output of \d+(x\d+)*,"):
            read_ncnn(path)
