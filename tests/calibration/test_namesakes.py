"""One network under several names is one where something is left out, and another one never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.calibration import Table, evaluate, finder, parse_measurements, tabulate
from costmodel.calibration.leaving import groups
from costmodel.calibration.names import NAMES, same_network
from costmodel.calibration.namesakes import one_network
from costmodel.interop.files import READERS, read
from costmodel.zoo import families

HEAD = "device,runtime,network,width,resolution,latency_ms\n"


def table(*rows: str, models: Path | None = None) -> Table:
    """A table of rows `network,width,resolution`."""
    text = HEAD + "".join(f"mine,ncnn,{row},20\n" for row in rows)
    return tabulate(parse_measurements(text.encode()).rows, finder(models, dict.fromkeys(READERS, read)))


def is_one(*rows: str, models: Path | None = None) -> bool:
    return len(set(one_network(table(*rows, models=models)))) == 1


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mobilenet", "mobilenet_v1"),
        ("mobilenet_int8", "MobileNet v1"),
        ("mobilenet_v1_0.75_192_quant.tflite", "mobilenet.param"),
        ("squeezenet", "squeezenet1_1"),
        ("shufflenet", "shufflenet_v1_g3"),
        ("resnet-50.onnx", "resnet50"),
        ("vgg16_bn", "vgg16"),
        ("resnet50" + "_int8" * 12_000, "resnet50"),
    ],
)
def test_names_of_one_network(name: str, other: str) -> None:
    assert same_network(name) == same_network(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mobilenet", "mobilenet_ssd"),
        ("mobilenet", "mobilenet_v2"),
        ("mobilenet_v3", "mobilenet_v3_small"),
        ("squeezenet1_0", "squeezenet1_1"),
        ("shufflenet_v2_x0_5", "shufflenet_v2_x1_0"),
        ("resnet50", "resnet152"),
        ("mnasnet_a1", "mnasnet_b1"),
        ("efficientnet_b0", "efficientnet_b1"),
    ],
)
def test_names_of_two_networks(name: str, other: str) -> None:
    assert same_network(name) != same_network(other)


def test_names_stand_for_networks_of_the_zoo_and_once() -> None:
    assert set(NAMES) <= set(families())
    others = [same_network(name) for names in NAMES.values() for name in names]
    assert len({name for names in NAMES.values() for name in names}) == len(others)
    assert not set(NAMES) & {name for names in NAMES.values() for name in names}


@pytest.mark.parametrize("name", ["mobilenet", "mnasnet", "shufflenet", "mobilenet_v3", "squeezenet", "vgg16"])
def test_a_network_of_ncnn_s_page_is_that_of_the_zoo(shared: Path, name: str) -> None:
    zoo = next((each for each, names in NAMES.items() if name in names), f"{name}_bn")
    assert is_one(f"{name},,", f"{zoo},1,224", models=shared / "data" / "ncnn" / "params")


@pytest.mark.parametrize(
    "rows",
    [
        ("mobilenet_v1,,", "mobilenet_v1,1,224", "mobilenet_v1,1,"),
        ("vgg16,,", "vgg16_bn,,", "vgg,1,224"),
        ("mobilenet_v3,,", "mobilenet_v3_large,,"),
    ],
)
def test_sizes_that_the_zoo_takes_by_default_are_none(rows: tuple[str, ...]) -> None:
    assert is_one(*rows)


@pytest.mark.parametrize(
    "rows",
    [
        ("mobilenet_v1,1,224", "mobilenet_v1,1,192"),
        ("mobilenet_v1,1,224", "mobilenet_v1,0.95,224"),
        ("squeezenet,,", "squeezenet1_1,,"),
        ("mnasnet,,", "mnasnet_b1,,"),
        ("alexnet,,", "alexnet_torchvision,,"),
    ],
)
def test_other_networks_stay_others(rows: tuple[str, ...]) -> None:
    assert len(set(one_network(table(*rows)))) == len(rows)


def test_layers_are_as_they_are_written() -> None:
    relu, tanh = (f'"{{""kind"": ""{kind}""}}",1x8x4x4' for kind in ("relu", "tanh"))
    lines = "".join(f"mine,{cells},{time}\n" for time, cells in enumerate((relu, relu, tanh), start=1))
    rows = parse_measurements(f"device,layer,input_shape,latency_ms\n{lines}".encode()).rows
    made = tabulate(rows, finder())
    assert one_network(made) == made.keys


@pytest.mark.parametrize("way", ["network", "fold:4"])
def test_names_of_one_network_are_left_out_together(way: str) -> None:
    made = table("vgg16,,", "resnet18,,", "vgg16_bn,1,224", "squeezenet1_0,,", "resnet50,,", "mobilenet_v1,,")
    labels = groups(made, way)
    assert labels[0] == labels[2]
    assert len(set(labels)) == (5 if way == "network" else 4)


def test_a_second_name_does_not_flatter_the_errors() -> None:
    times = {"resnet18": 30, "squeezenet1_0": 12, "resnet50": 80, "mobilenet_v1": 15, "vgg16": 900}
    lines = [f"mine,ncnn,{name},,,{time}" for name, time in times.items()]
    once = parse_measurements((HEAD + "\n".join(lines)).encode())
    twice = parse_measurements((HEAD + "\n".join([*lines, "mine,ncnn,vgg16_bn,,,900"])).encode())
    (alone,) = [each for points in evaluate(once).points.values() for each in points if each.row.key[0] == "vgg16"]
    beside = [each for points in evaluate(twice).points.values() for each in points if "vgg16" in each.row.key[0]]
    assert [each.error for each in beside] == pytest.approx([alone.error] * 2)
