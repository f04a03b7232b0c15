"""Compiled spaces: any rows, in any pieces and any process, say what building each network says."""

import os
import pickle
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import zoo
from costmodel.errors import CostModelError, SizingError, UnknownNameError
from costmodel.layers import Conv2d, GlobalAvgPool, Linear
from costmodel.network import Builder
from costmodel.sizing import compile_space
from costmodel.sizing.spaces.space import space
from tests.conftest import ROOT

SPACES: dict[str, dict[str, str]] = {
    "mobilenet_v1": {"width": "0.1:1.5:0.07", "resolution": "20:300:7", "shallow": "true,false"},
    "mobilenet_v2": {"width": "0.05:1.5:0.01", "resolution": "32:40:1", "batch": "1,3"},
    "resnet": {"resolution": "33:65:16", "depth": "18,50", "width": "1/3,0.29,1"},
    "efficientnet": {"depth": "1,1.2", "resolution": "65,224"},
    "vgg": {"classes": "1:9:4", "depth": "11,16", "batch_norm": "false,true"},
    "shufflenet_v2": {"resolution": "1:9000:1", "width": "0.5,1"},
}
COSTS = ("macs", "flops", "params", "weight_bytes", "activations", "comparisons")


def exact(name: str, over: dict[str, str], row: int, costs: tuple[str, ...] = COSTS) -> list[float] | None:
    """What building the network of a row says; None where it cannot be built."""
    chosen = space(name, over)
    try:
        cost = chosen.network(chosen.at(row)).cost()
    except CostModelError:
        return None
    return [float(getattr(cost.ledger if each == "comparisons" else cost, each)) for each in costs]


class TestRows:
    @pytest.mark.parametrize("name", SPACES)
    @settings(max_examples=8)
    @given(data=st.data())
    def test_a_row_is_what_building_its_network_says(self, name: str, data: st.DataObject) -> None:
        table = compile_space(name, SPACES[name], COSTS)
        row = data.draw(st.integers(0, table.size - 1))
        found = table.evaluate(row, row + 1)[:, 0]
        truth = exact(name, SPACES[name], row)
        assert np.isnan(found).all() if truth is None else found.tolist() == truth

    @pytest.mark.parametrize("name", SPACES)
    @given(data=st.data())
    def test_rows_anywhere_are_those_of_the_whole(self, name: str, data: st.DataObject) -> None:
        table = compile_space(name, SPACES[name], ("macs", "params"))
        rows = np.array(data.draw(st.lists(st.integers(0, table.size - 1), max_size=40)), dtype=np.int64)
        np.testing.assert_array_equal(table.at(rows), table.evaluate(0, table.size)[:, rows])

    @pytest.mark.parametrize("name", SPACES)
    @given(data=st.data())
    def test_pieces_are_parts_of_the_whole(self, name: str, data: st.DataObject) -> None:
        table = compile_space(name, SPACES[name], ("macs", "params"))
        whole = table.evaluate(0, table.size)
        ends = st.integers(0, table.size)
        start, stop = sorted((data.draw(ends), data.draw(ends)))
        np.testing.assert_array_equal(table.evaluate(start, stop), whole[:, start:stop])

    @pytest.mark.parametrize("name", SPACES)
    def test_settings_are_the_parameters_of_a_row(self, name: str) -> None:
        chosen = space(name, SPACES[name])
        table = compile_space(name, SPACES[name], ("macs",))
        rows = np.random.default_rng(0).integers(0, table.size, 20)
        found = table.settings(rows)
        for place, row in enumerate(rows.tolist()):
            for parameter, value in chosen.at(row).items():
                assert found[parameter][place] == (float(value) if isinstance(value, Fraction) else value)

    def test_the_last_axis_runs_fastest_and_structures_come_first(self) -> None:
        chosen = space("resnet", {"width": "0.5,1", "resolution": "64,96", "depth": "18,34"})
        assert [each.name for each in chosen.axes] == ["depth", "width", "resolution"]
        assert [chosen.at(row)["resolution"] for row in range(4)] == [64, 96, 64, 96]
        assert chosen.at(4) == {"depth": 34, "width": Fraction(1, 2), "resolution": 64}

    def test_what_cannot_be_built_is_no_number(self) -> None:
        """alexnet pools 3x3 twice: small images leave nothing."""
        table = compile_space("alexnet_torchvision", {"resolution": "1:80:1"}, ("macs", "params"))
        found = table.evaluate(0, 80)
        for row in range(80):
            truth = exact("alexnet_torchvision", {"resolution": "1:80:1"}, row, ("macs", "params"))
            assert np.isnan(found[:, row]).all() if truth is None else found[:, row].tolist() == truth
        assert 0 < np.isnan(found[0]).sum() < 80

    def test_latency_energy_and_memory_of_a_device(self) -> None:
        over = {"width": "0.3,0.75,1", "resolution": "96:224:64"}
        table = compile_space("mobilenet_v2", over, ("latency_s", "ram_bytes", "flash_bytes"), device="pixel-1")
        found = table.evaluate(0, table.size)
        chosen = space("mobilenet_v2", over)
        for row in range(table.size):
            latency = chosen.network(chosen.at(row)).latency("pixel-1")
            assert latency.memory is not None
            truth = [latency.latency_s, latency.memory.peak_ram_bytes, latency.memory.weight_bytes]
            assert found[:, row] == pytest.approx(truth, rel=1e-12)

    def test_a_score_is_an_expression_of_parameters_and_costs(self) -> None:
        over = {"width": "0.25:1:0.25", "resolution": "96,160"}
        table = compile_space(
            "mobilenet_v1", over, ("macs",), scores={"density": "params/macs", "area": "width*resolution**2"}
        )
        found = table.evaluate(0, table.size)
        for row in range(table.size):
            macs, params = exact("mobilenet_v1", over, row, ("macs", "params")) or []
            parameters = space("mobilenet_v1", over).at(row)
            area = Fraction(parameters["width"]) * int(parameters["resolution"]) ** 2
            assert found[:, row] == pytest.approx([macs, params / macs, float(area)], rel=1e-15)

    @pytest.mark.parametrize("rounding", ["auto", "exact", "none"])
    def test_channels_are_rounded_as_the_settings_say(self, rounding: str) -> None:
        chosen = space("mobilenet_v2", {"width": "0.25:1:0.05"}, {"rounding": rounding})
        found = compile_space("mobilenet_v2", {"width": "0.25:1:0.05"}, settings={"rounding": rounding})
        for row, macs in enumerate(found.evaluate(0, found.size)[0]):
            try:
                assert macs == chosen.network(chosen.at(row)).cost().macs
            except CostModelError:
                assert np.isnan(macs)

    def test_a_score_that_divides_by_zero_is_infinite_there(self) -> None:
        table = compile_space("mobilenet_v1", {"width": "0.5,1,1.5"}, ("macs",), scores={"pole": "1/(width-1)"})
        assert table.evaluate(0, 3)[1].tolist() == [-2, np.inf, 2]

    def test_a_score_beyond_floats_is_no_number(self) -> None:
        table = compile_space(
            "mobilenet_v1", {"resolution": "32,224"}, scores={"power": "resolution**64*resolution**64*resolution**64"}
        )
        with pytest.raises(SizingError, match="a score must stay below 1e308"):
            table.evaluate(0, 2)

    def test_a_network_with_symbols_is_a_family(self) -> None:
        b = Builder("own")
        x = b.input("image", ("n", 3, "r", "r")).then(Conv2d(out_channels="8*c", kernel=3), name="conv")
        net = b.build(x.then(GlobalAvgPool(keepdims=False), Linear(out_features=10), name="head"))
        table = compile_space(net, {"c": "1:4:1", "r": "2:6:1"}, ("macs",), settings={"n": 2})
        found = table.evaluate(0, table.size).reshape(4, 5)
        for c in range(1, 5):
            assert np.isnan(found[c - 1, 0])  # 2x2 is smaller than the kernel
            for r in range(3, 7):
                assert found[c - 1, r - 2] == 2 * (8 * c * (r - 2) ** 2 * 27 + 80 * c)


class TestProcesses:
    def test_another_process_evaluates_without_sympy(self) -> None:
        table = compile_space("mobilenet_v2", SPACES["mobilenet_v2"], ("macs",))
        script = (
            "import pickle, sys; table = pickle.load(sys.stdin.buffer); found = table.evaluate(0, table.size).sum();"
            "print(int(found), 'sympy' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], input=pickle.dumps(table), capture_output=True, check=True, cwd=ROOT
        )
        assert done.stdout.split() == [str(int(table.evaluate(0, table.size).sum())).encode(), b"False"]

    def test_the_fingerprint_is_the_same_in_every_process(self) -> None:
        script = (
            "from costmodel.sizing import compile_space;"
            "over = {'width': '1,2', 'depth': '1,2', 'resolution': '32:224:32'};"
            "costs = ('macs', 'latency_s', 'peak_memory_bytes');"
            "print(compile_space('efficientnet', over, costs, device='pixel-1').fingerprint)"
        )
        prints = {
            subprocess.run(
                [sys.executable, "-c", script],
                capture_output=True,
                check=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONHASHSEED": seed},
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(prints) == 1

    def test_every_part_of_a_question_decides_the_fingerprint(self) -> None:
        def made(target: str = "mobilenet_v1", costs: Any = ("macs",), **options: Any) -> str:
            return compile_space(target, {"width": "0.5,1"}, costs, **options).fingerprint

        prints = [
            made(),
            made("mobilenet_v2"),
            made(costs=("params",)),
            made(settings={"classes": 10}),
            made(scores={"a": "macs"}),
            made(scores={"b": "macs"}),
            made(costs=("macs", "weight_bytes")),
            made(costs=("macs", "weight_bytes"), data_type="int8"),
        ]
        assert len(set(prints)) == len(prints)
        assert made() == made()


class TestMistakes:
    @pytest.mark.parametrize(
        ("over", "options", "rule"),
        [
            ({"widht": "1"}, {}, "no parameter of mobilenet_v1 named 'widht'; the nearest are width"),
            ({"width": "0:1:0.5"}, {}, "the values of 'width' must be a number above 0"),
            ({"resolution": "1.5,2"}, {}, "the values of 'resolution' must be a positive integer"),
            ({"shallow": "perhaps"}, {}, "the values of 'shallow' must be one of false, true"),
            ({"width": "1"}, {"settings": {"width": 2}}, "'width' is both an axis and fixed"),
            ({"width": "a,b"}, {}, "the values of 'width' must be numbers .got a, b"),
            ({"width": "1,true"}, {}, "the values of 'width' must be numbers .got 1, true"),
            ({"width": "1"}, {"settings": {"resolution": "32*r"}}, "'resolution' must be fixed to a number, or be an"),
            ({"width": "1"}, {"costs": ("mac",)}, "no cost named 'mac'; the nearest are macs"),
            ({"width": "1"}, {"costs": ("macs", "macs")}, "'macs' must be the name of one cost"),
            ({"width": "1"}, {"costs": ("latency_s",)}, "latency_s needs a device"),
            ({"width": "1"}, {"scores": {"s": "latency_s"}}, "latency_s needs a device"),
            ({"width": "1"}, {"scores": {"s": "depth*2"}}, "a score must be an expression of parameters and costs"),
            ({"width": "1"}, {"scores": {"s": "__import__('os')"}}, "a score must be an expression"),
            ({"width": "1"}, {"scores": {"macs": "1"}}, "'macs' must be the name of one cost"),
            ({"width": "1:2:1e-9", "resolution": "1:10000000:1"}, {}, "must have at most 2"),
        ],
    )
    def test_a_sentence(self, over: dict[str, str], options: dict[str, Any], rule: str) -> None:
        with pytest.raises((SizingError, UnknownNameError), match=rule):
            compile_space("mobilenet_v1", over, **options)

    def test_too_many_structures(self) -> None:
        over = {"repeats": "1:200:1", "filters": "32", "skip_reduction": "true,false", "stem": "32:96:1"}
        with pytest.raises(SizingError, match="repeats"):
            compile_space("nasnet_a", {**over, "repeats": "1:9000:1"})

    def test_an_open_symbol(self) -> None:
        b = Builder("own")
        net = b.build(b.input("x", ("n", "c")).then(Linear(out_features=10), name="fc"))
        with pytest.raises(SizingError, match="the symbol 'n' must have a value or be an axis"):
            compile_space(net, {"c": "1:4:1"})


def test_a_space_of_one_point_needs_no_axis() -> None:
    assert compile_space("mobilenet_v1", {}).evaluate(0, 1).tolist() == [
        [float(zoo.mobilenet_v1().cost().macs)],
        [float(zoo.mobilenet_v1().cost().params)],
    ]
