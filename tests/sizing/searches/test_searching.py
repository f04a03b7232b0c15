"""Search: same seed, same answer; budgets kept and counted exactly; better than sampling; every mistake a sentence."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from costmodel import Builder, parse, zoo
from costmodel.errors import InfeasibleError, MissingExtraError, SizingError, UnknownNameError
from costmodel.layers import Conv2d, GlobalAvgPool, Linear, ReLU
from costmodel.network import Network
from costmodel.sizing.searches.objective import Columns
from costmodel.sizing.searches.places import evaluator
from costmodel.sizing.searches.searching import Searched, search
from costmodel.sizing.solve import size
from costmodel.sizing.spaces.space import space
from tests.sizing.searches.stage_programs import best_additive

optuna = pytest.importorskip("optuna")

WIDTHS = {f"w{stage}": "8:416:8" for stage in range(1, 8)}
"""52**7, some 10**12 configurations."""
CHOICES: dict[str, Any] = {
    **{f"w{stage}": "16:128:16" for stage in range(1, 8)},
    **{f"d{stage}": "1,2,3" for stage in range(1, 8)},
    **{f"k{stage}": "3,5" for stage in range(1, 8)},
    **{f"t{stage}": "inverted,fused,separable" for stage in range(1, 8)},
}


def sum_of_logarithms(columns: Columns) -> Any:
    return sum(np.log(columns[name]) for name in WIDTHS)


def capacity(columns: Columns) -> Any:
    """More blocks, wider ones, larger kernels and fused blocks are better, with less and less return."""
    worth = {"inverted": 0.3, "fused": 0.5, "separable": 0.0}
    stages = range(1, 8)
    sums = sum(np.log(columns[f"w{i}"] * columns[f"d{i}"]) + 0.05 * columns[f"k{i}"] for i in stages)
    return sums + sum(np.array([worth[block] for block in columns[f"t{i}"]]) for i in stages)


def found(evaluations: int = 60, **options: Any) -> Searched:
    given = {"maximize": "macs", "max_latency_s": 0.08, "device": "pixel-1", **options}
    return search("staged", given.pop("over", WIDTHS), evaluations=evaluations, **given)


def trials(searched: Searched) -> list[Any]:
    return [(trial.params, trial.values, trial.user_attrs, trial.system_attrs) for trial in searched.study.trials]


class TestAnswers:
    def test_the_answer_is_a_network_within_the_budgets_counted_exactly(self) -> None:
        best = found(max_params="3M")
        network = zoo.staged(**best.parameters)
        assert best.costs["macs"] == network.cost().macs == best.answer.objective
        assert best.costs["params"] == network.cost().params <= 3_000_000
        assert best.costs["latency_s"] == network.latency("pixel-1").latency_s <= 0.08
        assert best.binding is not None
        assert best.binding.cost == "latency_s"

    def test_it_is_the_best_of_the_trials_that_keep_the_budgets(self) -> None:
        best = found()
        within = [trial for trial in best.study.trials if trial.user_attrs["latency_s"] <= 0.08]
        assert len(within) == best.feasible
        assert best.answer.objective == max(trial.value for trial in within) == best.study.best_value

    def test_every_evaluation_is_a_trial_and_none_comes_twice(self) -> None:
        best = found(101)
        assert best.evaluations == len(best.study.trials) == 101
        assert len({tuple(trial.params.values()) for trial in best.study.trials}) == 101

    @pytest.mark.parametrize("over", [WIDTHS, CHOICES])
    def test_the_same_seed_gives_the_same_trials_and_another_seed_others(self, over: dict[str, Any]) -> None:
        first, again, other = (found(40, over=over, seed=seed) for seed in (3, 3, 4))
        assert trials(first) == trials(again)
        assert trials(first) != trials(other)

    def test_more_evaluations_begin_with_the_same_ones(self) -> None:
        assert trials(found(70))[:45] == trials(found(45))

    def test_an_objective_may_be_a_function_of_arrays_of_parameters_and_costs(self) -> None:
        shapes = set()

        def slender(columns: Columns) -> Any:
            shapes.add(tuple(sorted(columns)))
            return columns["w7"] - columns["macs"] / 1e7

        best = found(30, maximize=slender)
        assert shapes == {tuple(sorted([*WIDTHS, "latency_s", "macs", "params"]))}
        assert best.answer.objective == pytest.approx(best.parameters["w7"] - best.costs["macs"] / 1e7)

    def test_a_space_smaller_than_the_evaluations_is_searched_whole(self) -> None:
        over = {"w1": "8,16,24", "t2": "inverted,fused", "k3": "3,5"}
        whole = found(1000, over=over, maximize="params", max_latency_s=1)
        assert whole.evaluations == whole.feasible == 12
        assert whole.answer.objective == size("staged", over=over, maximize="params", max_macs=1e12).answer.objective

    def test_any_family_can_be_searched(self) -> None:
        over = {"width": "0.25:1.4:0.01", "resolution": "96:256:8", "depth": "18,34,50"}
        best = search("resnet", over, maximize="macs", max_macs=1e9, evaluations=80)
        assert 0.95e9 < best.costs["macs"] <= 1e9
        assert zoo.resnet(**best.parameters).cost().macs == best.costs["macs"]

    def test_a_network_with_symbols_can_be_searched(self) -> None:
        net = chain()
        over = {f"c{index}": range(4, 44, 4) for index in range(12)}
        best = search(net, over, maximize="params", max_macs=3e6, evaluations=60)
        assert best.costs["params"] == net.bind(**best.parameters).cost().params == best.answer.objective
        assert best.costs["macs"] <= 3e6

    def test_what_cannot_be_built_is_no_answer(self) -> None:
        over = {"resolution": "1:40:1", "width": "0.1:1:0.1"}  # vgg's last pool needs 32
        best = search("vgg16", over, maximize="-resolution", max_macs=1e12, evaluations=60)
        assert best.parameters["resolution"] == 32
        assert best.feasible < best.evaluations
        assert {trial.state.name for trial in best.study.trials} == {"COMPLETE", "FAIL"}

    def test_without_budgets_the_largest_is_sought(self) -> None:
        best = search("staged", {"w1": "8:80:8", "w7": "8:80:8"}, maximize="w1*w7", evaluations=100)
        assert best.parameters == {"w1": 80, "w7": 80}
        assert best.binding is None


class TestQuality:
    """Beside the true optimum of objectives that add up over stages, by dynamic programming."""

    @pytest.mark.parametrize("seed", [0, 1])
    def test_it_comes_within_one_percent_of_the_best_of_a_million_million(self, seed: int) -> None:
        best = found(200, maximize=sum_of_logarithms, seed=seed)
        optimum = best_additive("latency_s", 0.08, np.log)
        assert best.space.size > 1e12
        assert 0.99 * optimum <= best.answer.objective <= optimum + 1e-9

    def test_it_beats_random_sampling_of_as_many(self) -> None:
        whole = space("staged", CHOICES, most=float("inf"))
        best = found(100, over=CHOICES, maximize=capacity, max_latency_s=0.1)
        evaluate = evaluator(whole, best.question)
        for seed in range(3):
            generator = np.random.default_rng(seed)
            places = np.stack([generator.integers(0, each.size, 100) for each in whole.axes], axis=1)
            values = {each.name: each.settings(places[:, at]) for at, each in enumerate(whole.axes)}
            costs = dict(zip(best.question.costs, evaluate(places), strict=True))
            within = costs["latency_s"] <= 0.1
            sampled = capacity({**values, **costs})[within].max(initial=-np.inf)
            assert best.answer.objective > sampled


class TestBadInput:
    def test_what_no_configuration_keeps_says_how_far_off_the_nearest_is(self) -> None:
        sentence = (
            r"^no staged of 60 that were evaluated keeps max_latency_s=0.001; the nearest, w1=8, .*, takes "
            r"0\.0\d+ latency_s, \d+(\.\d+)? times its budget$"
        )
        with pytest.raises(InfeasibleError, match=sentence) as caught:
            found(max_latency_s=0.001)
        assert "w1=8, w2=8, w3=8, w4=8, w5=8, w6=8, w7=8" in str(caught.value)

    def test_where_nothing_can_be_built_it_says_so(self) -> None:
        with pytest.raises(InfeasibleError, match=r"^vgg16: none of 20 configurations can be built$"):
            search("vgg16", {"resolution": "1:20:1"}, maximize="resolution", max_macs="1G", evaluations=50)

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"evaluations": 0}, r"^'evaluations' must be an integer from 1 to 100000 \(got 0\)$"),
            ({"evaluations": True}, r"^'evaluations' must be .* \(got True\)$"),
            ({"seed": -1}, r"^'seed' must be an integer from 0 to .* \(got -1\)$"),
            ({"over": {}}, "a search needs an axis"),
            ({"over": {"w1": ""}}, "the list of 'w1' must have a value in each place"),
            ({"over": {"w1": "8:4:8"}}, "the range of 'w1' must have its stop where its steps lead"),
            ({"over": {"w1": "1:1000000:1"}}, "an axis to search must have at most 100,000 values"),
            ({"over": {"t1": "inverted,dense"}}, "must be one of inverted, fused, separable, conv"),
            ({"maximize": "t1", "over": CHOICES}, "'t1' is a choice, which an expression cannot reckon with"),
            ({"maximize": "w1 +"}, "what to maximize must be an expression"),
            ({"maximize": "w1**w2"}, "what to maximize must be an expression"),
            ({"maximize": "1/(w1 - w1)"}, "what to maximize must be an expression"),
            ({"maximize": "1/(w1 - 8)"}, r"must be a finite number \(got inf for w1=8"),
            ({"maximize": lambda columns: columns["w1"][:-1]}, "must give an array of shape"),
            ({"max_latency_s": "20"}, "the budget of latency_s needs a unit"),
            ({"limits": {"latency_s": 1}}, "latency_s has two budgets"),
            ({"device": None}, "latency_s needs a device"),
        ],
    )
    def test_every_mistake_gets_a_sentence(self, options: dict[str, Any], sentence: str) -> None:
        with pytest.raises(SizingError, match=sentence):
            found(**{"evaluations": 9, **options})

    def test_unknown_names_name_the_nearest(self) -> None:
        with pytest.raises(UnknownNameError, match="no parameter of staged named 'w8'"):
            found(over={"w8": "8,16"})
        with pytest.raises(UnknownNameError, match=r"no axis of staged or cost named 'mac'; the nearest are .*macs"):
            found(maximize="mac")

    def test_without_optuna_it_says_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "optuna", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'costmodel\[search\]'"):
            found(9)

    def test_optuna_s_verbosity_is_left_as_it_was(self, capsys: pytest.CaptureFixture[str]) -> None:
        before = optuna.logging.get_verbosity()
        found(9)
        assert optuna.logging.get_verbosity() == before
        assert capsys.readouterr().err == ""


def chain() -> Network:
    """Twelve convolutions whose widths are symbols."""
    b = Builder("chain")
    x = b.input("image", (1, 3, 16, 16))
    for index in range(12):
        x = x.then(Conv2d(out_channels=parse(f"c{index}"), kernel=3, padding=1), ReLU(), name=f"conv{index}")
    return b.build(x.then(GlobalAvgPool(keepdims=False), Linear(out_features=10), name="head"))
