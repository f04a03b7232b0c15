"""Published accuracies joined with the zoo."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError, FileFormatError
from costmodel.sizing.fronts.accuracy import join_accuracy, parse_accuracy
from costmodel.sizing.fronts.pareto import pareto_front

HEAD = "model,weights,crop,top1_percent\n"

PARAMETERS = {
    "alexnet": 61_100_840,
    "mnasnet0_5": 2_218_512,
    "mnasnet0_75": 3_170_208,
    "mnasnet1_0": 4_383_312,
    "mnasnet1_3": 6_282_256,
    "resnext101_64x4d": 83_455_272,
    "wide_resnet50_2": 68_883_240,
    "wide_resnet101_2": 126_886_696,
    "mobilenet_v3_small": 2_542_856,
    "efficientnet_b4": 19_341_616,
    "regnet_x_3_2gf": 15_296_552,
    "shufflenet_v2_x1_5": 3_503_624,
    "googlenet": 6_624_904,
    "vit_b_32": 88_224_232,
}
"""Parameters by torchvision's names, as torchvision 0.29 documents them (`num_params` of its weights)."""


class TestNames:
    @pytest.mark.parametrize("model", PARAMETERS)
    def test_are_those_of_torchvision(self, model: str) -> None:
        (rated,) = parse_accuracy(f"{HEAD}{model},V1,224,50\n").rated
        assert rated.network().cost().params == PARAMETERS[model]

    def test_that_torchvision_does_not_have_are_the_zoos(self) -> None:
        (rated,) = parse_accuracy("crop,top1_percent,model\n128,60.6,mobilenet_v1\n").rated
        assert rated.network().shapes["image"][2:] == (128, 128)

    def test_that_nobody_has_are_reported(self) -> None:
        found = parse_accuracy(f"{HEAD}swin_t,V1,224,81\nswin_t,V2,224,82\nresnet18,V1,224,nan\nresnet18,V2,224,\n")
        assert (found.rated, found.unknown, found.unrated) == ((), ("swin_t",), ("resnet18",))


class TestPublishedFile:
    def test_every_row_is_joined_or_reported(self, shared: Path) -> None:
        path = shared / "reference" / "imagenet_top1.csv"
        with path.open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        found = join_accuracy(path)
        known = {(each.model, each.weights) for each in found.rated}
        for row in rows:
            places = [
                (row["model"], row["weights"]) in known,
                row["model"] in found.unknown,
                row["model"] in found.unrated and row["top1_percent"] == "nan",
            ]
            assert places.count(True) == 1, row
        assert all(name.startswith(("convnext", "efficientnet_v2", "maxvit", "swin")) for name in found.unknown)

    def test_crops_are_the_resolutions_that_are_built(self, shared: Path) -> None:
        for each in join_accuracy(shared / "reference" / "imagenet_top1.csv").rated[:12]:
            assert each.network().shapes["image"][2] == each.settings["resolution"]

    def test_the_front_of_those_trained_alike_starts_with_the_cheapest_and_ends_with_the_best(
        self, shared: Path
    ) -> None:
        found = join_accuracy(shared / "reference" / "imagenet_top1.csv").of("IMAGENET1K_V1")
        macs = [each.network().cost().macs for each in found.rated]
        top1 = [each.top1_percent for each in found.rated]
        front = sorted(pareto_front([macs, top1], maximize=[False, True]), key=lambda index: macs[index])
        assert found.rated[front[0]].model == "shufflenet_v2_x0_5"
        assert found.rated[front[-1]].model == max(found.rated, key=lambda each: each.top1_percent).model
        assert [top1[index] for index in front] == sorted(top1[index] for index in front)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "must have one column 'model' (it is empty)"),
            ("model,crop\nresnet18,224\n", "must have one column 'top1_percent' (it has: model, crop)"),
            (HEAD + "resnet18,V1,224\n", "line 2: a row must have 4 cells (got 3)"),
            (HEAD + "resnet18,V1,224,101\n", "line 2: 'top1_percent' must be between 0 and 100 (got '101')"),
            (HEAD + "resnet18,V1,224,1e1\n", "line 2: 'top1_percent' must be between 0 and 100 (got '1e1')"),
            (HEAD + "resnet18,V1,0,50\n", "line 2: 'crop' must be a positive integer of pixels (got '0')"),
            (HEAD + ",V1,224,50\n", "line 2: 'model' must be the name of a network (got '')"),
            (HEAD + "resnet18,V1,224,50\n" * 2, "line 3: 'resnet18' at 224 with these weights is in line 2"),
            (HEAD + '"resnet18,V1,224,50\n', "is not valid CSV"),
        ],
    )
    def test_name_the_line_and_the_rule(self, text: str, sentence: str) -> None:
        with pytest.raises(FileFormatError) as refused:
            parse_accuracy(text, "mine.csv")
        assert sentence in str(refused.value)

    def test_of_weights_that_are_not_there_name_those_that_are(self) -> None:
        with pytest.raises(FileFormatError, match=r"no weights 'V3' \(V1, V2\)"):
            parse_accuracy(f"{HEAD}resnet18,V1,224,50\nresnet18,V2,224,60\n").of("V3")

    def test_of_a_file_that_is_too_large_or_not_there(self, tmp_path: Path) -> None:
        large = tmp_path / "large.csv"
        large.write_bytes(b"x" * (1 << 20) + b"y")
        with pytest.raises(FileFormatError, match="larger than 1048576 bytes"):
            join_accuracy(large)
        with pytest.raises(FileFormatError, match="cannot be read"):
            join_accuracy(tmp_path / "none.csv")

    @given(st.text(alphabet='modelcrpt1_n,"\n0.5\x00é', max_size=80))
    def test_nothing_but_a_sentence_comes_of_any_text(self, text: str) -> None:
        refusals = []
        for whole in (text, HEAD + text):
            try:
                parse_accuracy(whole)
            except CostModelError as problem:
                refusals.append(str(problem))
        assert not any("\n" in sentence for sentence in refusals)
