"""`compare`: two networks side by side."""

import pytest

from costmodel import zoo
from tests.cli.conftest import Run


def test_totals_are_those_of_two_summaries(costmodel: Run) -> None:
    record = costmodel("compare", "vgg16", "resnet50", "--json").json
    for side, name in zip(record["networks"], ("vgg16", "resnet50"), strict=True):
        assert side["totals"] == costmodel("summary", name, "--json").json["totals"]
    assert record["ratios"]["macs"] == pytest.approx(4_089_184_256 / 15_470_264_320, rel=1e-15)
    assert "latency_s" not in record["ratios"]


def test_each_way_of_grouping_sums_to_the_totals(costmodel: Run) -> None:
    record = costmodel("compare", "resnet18", "resnet34", "--json").json
    for side in (0, 1):
        totals = record["networks"][side]["totals"]
        for grouping in ("stages", "kinds", "layers"):
            for quantity in ("macs", "params"):
                assert sum(pair[quantity][side] for pair in record[grouping]) == totals[quantity]
    assert len(record["layers"]) == len(zoo.resnet34().nodes)


def test_settings_of_one_side_and_of_both(costmodel: Run) -> None:
    settings = ["--set", "width=0.5", "--set", "b.width=0.75", "--set", "a.resolution=192", "--batch", "2"]
    one, other = costmodel("compare", "mobilenet_v1", "mobilenet_v1", *settings, "--json").json["networks"]
    assert one["parameters"] == {"width": "0.5", "resolution": "192", "batch": "2"}
    assert other["parameters"] == {"width": "0.75", "batch": "2"}
    assert other["totals"]["macs"] == 2 * 325_400_448


def test_latency_on_a_device(costmodel: Run) -> None:
    record = costmodel("compare", "mobilenet_v1", "mobilenet_v2", "--device", "pixel-1", "--json").json
    expected = [
        costmodel("predict", each, "--device", "pixel-1", "--json").json for each in ("mobilenet_v1", "mobilenet_v2")
    ]
    for side, prediction in zip(record["networks"], expected, strict=True):
        assert all(side[key] == prediction[key] for key in ("latency_s", "low_s", "high_s"))
    assert record["ratios"]["latency_s"] == pytest.approx(expected[1]["latency_s"] / expected[0]["latency_s"])
    assert " ms " in costmodel("compare", "mobilenet_v1", "mobilenet_v2", "--device", "pixel-1").output


def test_symbols_cancel_or_stay(costmodel: Run) -> None:
    same = costmodel("compare", "vgg16", "resnet50", "--set", "batch=n", "--json").json
    assert same["ratios"]["macs"] == pytest.approx(4_089_184_256 / 15_470_264_320)
    assert same["networks"][0]["totals"]["macs"] == "15470264320*n"
    assert [pair["name"] for pair in same["stages"]] == ["1/1", "1/2", "1/4", "1/8", "1/16", "1/32", "features"]
    other = costmodel("compare", "alexnet", "alexnet", "--set", "b.batch=n", "--json").json
    assert other["ratios"]["macs"] == "n"
    assert other["ratios"]["params"] == 1


def test_a_convention(costmodel: Run) -> None:
    record = costmodel("compare", "alexnet", "alexnet", "--convention", "one-per-mac", "--json").json
    assert record["convention"] == "one-per-mac"
    assert {each["totals"]["flops"] for each in record["networks"]} == {724_406_816}


def test_networks_without_names_in_common_are_not_compared_by_layer(costmodel: Run) -> None:
    assert costmodel("compare", "vgg16", "resnet50", "--json").json["layers"] == []
    assert "MACs by layer" not in costmodel("compare", "vgg16", "resnet50").output


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["vgg16", "resnet5"], 1, "there is no zoo network named 'resnet5'"),
        (["vgg16", "resnet50", "--set", "b.widt=1"], 1, "there is no parameter of resnet50 named 'widt'"),
        (["vgg16", "resnet50", "--set", "a.=1"], 1, "there is no parameter of vgg16 named ''"),
        (["vgg16", "resnet50", "--set", "c.width=1"], 1, "there is no parameter of vgg16 named 'c.width'"),
        (["vgg16", "resnet50", "--device", "pixl"], 1, "there is no device named 'pixl'"),
        (["vgg16"], 2, "Missing argument 'B'"),
    ],
)
def test_a_mistake_is_one_sentence(costmodel: Run, arguments: list[str], status: int, sentence: str) -> None:
    done = costmodel("compare", *arguments)
    assert done.status == status
    assert sentence in " ".join(done.errors.replace("│", " ").split())
    assert done.output == ""
