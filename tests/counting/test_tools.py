"""What tools report: the laws of reconciling them, and what a tool must say of itself."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import Builder, Convention, Network, convention, parse, reconcile, symbols, zoo
from costmodel.counting import CONVENTIONS, TOOLS, Tool
from costmodel.counting.tools import tool, tools
from costmodel.counting.tools.tool import Way
from costmodel.errors import UnknownNameError
from costmodel.layers import RNN, BatchNorm, Conv2d, GlobalAvgPool, Linear, ReLU, kinds, parse_layer
from costmodel.network.training import training_cost
from tests.layers.strategies import STRATEGIES

WAYS: tuple[Way, ...] = ("module", "function", "operator")
NETWORKS = ("mobilenet_v2", "resnet18", "squeezenet1_1", "googlenet")


def small() -> Network:
    """A convolution of 2x2 images, batch-norm, ReLU, averages, a linear layer."""
    b = Builder("small")
    x = b.input("image", (5, 3, 4, 4)).then(Conv2d(out_channels=2, kernel=3), BatchNorm(), ReLU(), name="conv")
    return b.build(x.then(GlobalAvgPool(keepdims=False), name="pool").then(Linear(out_features=7), name="fc"))


@pytest.mark.parametrize("each", TOOLS.values(), ids=lambda each: each.name)
class TestEveryTool:
    def test_says_what_it_is(self, each: Tool) -> None:
        assert all((each.meaning, each.source, each.version, each.reads, each.unit))
        assert each.name not in CONVENTIONS

    def test_begins_from_multiply_accumulates_alone(self, each: Tool) -> None:
        """So the difference of a kind without a rule is nothing."""
        assert set(each.weights) == {"macs"}
        assert each.per_mac in {1, 2}

    def test_has_a_sentence_for_every_rule_of_a_kind_that_exists(self, each: Tool) -> None:
        for rules in (each.rules, each.functions, each.operators):
            assert set(rules) <= set(kinds())
            assert all(rule.meaning and rule.count for rule in rules.values())

    def test_is_a_convention(self, each: Tool) -> None:
        assert convention(each.name) is each
        found = reconcile(small().cost(), [each]).tools[0]
        assert small().cost(convention=each).flops == found.number

    @pytest.mark.parametrize("name", NETWORKS)
    def test_its_number_is_the_exact_count_and_the_differences(self, each: Tool, name: str) -> None:
        cost = getattr(zoo, name)().cost()
        (found,) = reconcile(cost, [each]).tools
        layers = [layer.amount for difference in found.differences for layer in difference.layers]
        assert found.number == each.per_mac * cost.macs + sum(layers)
        assert 0 not in layers
        amounts = [abs(difference.amount) for difference in found.differences]
        assert amounts == sorted(amounts, reverse=True)


def ruled() -> list[tuple[str, str]]:
    """Every tool and kind that a rule is for."""
    rules = (
        (name, kind) for name, each in TOOLS.items() for kind in {**each.rules, **each.functions, **each.operators}
    )
    return sorted(rules)


@pytest.mark.parametrize(("name", "kind"), ruled())
@settings(max_examples=max(10, settings().max_examples // 20))
@given(data=st.data(), way=st.sampled_from(WAYS))
def test_every_rule_counts_whatever_the_fields(name: str, kind: str, way: Way, data: st.DataObject) -> None:
    """A rule is an expression of what its kind has, and no layer takes away from what others do.

    But for one: calflops computes the output of transposed convolutions as if they were plain, and finds sizes below 0.
    """
    fields, shapes = data.draw(STRATEGIES[kind])
    b = Builder("one")
    inputs = [b.input(f"x{index}", shape) for index, shape in enumerate(shapes)]
    net = b.build(*b.add_many(parse_layer({"kind": kind, **fields}), *inputs, name="layer"))
    (found,) = reconcile(net.cost(), [TOOLS[name]], {kind: way}).tools
    assert isinstance(found.number, int) or found.refusal
    assert found.number is None or found.number >= 0 or (name, kind[:14]) == ("calflops-flops", "conv_transpose")


class TestOneSmallNetwork:
    """5 images: 5*2*2*2 = 40 outputs of 27; batch-norm on 40; ReLU on 40; 10 means of 4; 5*7 outputs of 2."""

    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("fvcore", 1080 + 2 * 40 + 40 + 70),
            ("thop", 1080 + 4 * 40 + 40 + 10 + 70),
            ("ptflops-pytorch", 1080 + 40 + 2 * 40 + 2 * 40 + 2 * 40 + 70 + 35),
            ("ptflops-aten", 1080 + 40 + 70 + 35),
            ("torchinfo", 1080 + 40 + 5 * 4 + 5 * 21),
            ("calflops-flops", 2160 + 40 + 2 * 40 + 40 + 40 + 140),
            ("calflops-macs", 1150),
            ("FlopCounterMode", 2300),
            ("torchprofile", 1080 + 40 + 10 + 70),
            ("onnx-tool", 1080 + 40 + 40 + 40 + 40 + 4 * 10 + 70 + 35),
        ],
    )
    def test_by_hand(self, name: str, number: int) -> None:
        assert reconcile(small().cost(), tools(name)).tools[0].number == number

    def test_the_layers_are_named(self) -> None:
        (found,) = reconcile(small().cost(), tools("fvcore")).tools
        assert [(each.kind, [tuple(layer) for layer in each.layers]) for each in found.differences] == [
            ("batch_norm", [("conv.batch_norm", 80)]),
            ("global_avg_pool", [("pool", 40)]),
        ]

    def test_how_a_model_writes_an_operation_counts(self) -> None:
        ways: dict[str, Way] = {"relu": "function", "global_avg_pool": "operator", "batch_norm": "module"}
        (found,) = reconcile(small().cost(), tools("ptflops-pytorch"), ways).tools
        assert found.number == 1080 + 40 + 2 * 40 + 40 + 0 + 70 + 35
        (same,) = reconcile(small().cost(), tools("FlopCounterMode"), ways).tools
        assert same.number == 2300

    @pytest.mark.parametrize(
        ("ways", "sentence"),
        [
            ({"relo": "function"}, "no layer kind or layer named 'relo'; the nearest are relu"),
            ({"conv.rel": "function"}, "no layer kind or layer named 'conv.rel'; the nearest are conv.relu"),
            ({"relu": "functional"}, "no way to write an operation named 'functional'; the nearest are function"),
        ],
    )
    def test_a_way_that_would_change_nothing_is_refused(self, ways: Mapping[str, Way], sentence: str) -> None:
        with pytest.raises(UnknownNameError, match=sentence):
            reconcile(small().cost(), tools("fvcore"), ways)

    def test_a_layer_may_be_written_in_another_way_than_its_kind(self) -> None:
        b = Builder("two")
        net = b.build(b.input("x", (1, 8)).then(ReLU(), name="first").then(ReLU(), name="second"))
        (found,) = reconcile(net.cost(), tools("ptflops-pytorch"), {"relu": "function", "second": "module"}).tools
        assert [(each.kind, each.count, each.amount) for each in found.differences] == [
            ("relu", "2*output_elements", 16),
            ("relu", "output_elements", 8),
        ]

    def test_symbols_stay(self) -> None:
        n, r = symbols("n r")
        b = Builder("open")
        net = b.build(b.input("image", (n, 3, r, r)).then(Conv2d(out_channels=2, kernel=1), BatchNorm(), name="conv"))
        (found,) = reconcile(net.cost(), tools("fvcore")).tools
        assert (found.number - (6 * n * r**2 + 4 * n * r**2)).expand() == 0


def test_calflops_refuses_a_model_without_parameters() -> None:
    b = Builder("plain")
    net = b.build(b.input("x", (1, 8)).then(ReLU(), name="relu"))
    found = reconcile(net.cost(), (*tools("calflops"), tool("fvcore"))).tools
    assert [each.number for each in found] == [None, None, 0]
    assert found[0].refusal == "it refuses a model without parameters"


def test_onnx_tool_refuses_a_plain_recurrent_layer() -> None:
    b = Builder("plain")
    net = b.build(b.add_many(RNN(hidden_size=4), b.input("x", (3, 1, 2)), name="rnn")[0])
    (found,) = reconcile(net.cost(), tools("onnx-tool")).tools
    assert (found.number, found.refusal) == (None, "it has no rule for rnn")


def test_a_tool_of_several_numbers_is_found_by_its_name() -> None:
    assert [each.name for each in tools("ptflops")] == ["ptflops-pytorch", "ptflops-aten"]
    assert tools() == tuple(TOOLS.values())
    with pytest.raises(UnknownNameError, match=r"no tool named 'fvcor'; the nearest are fvcore"):
        tools("fvcor")


@pytest.mark.parametrize("name", ["mobilenet_v2", "vit_b_16", "densenet121"])
def test_a_symbolic_number_is_the_number_once_it_is_bound(name: str) -> None:
    """Substitute then evaluate, or evaluate then substitute: for every tool."""
    symbolic, bound = (reconcile(getattr(zoo, name)(batch=batch).cost()).tools for batch in ("n", 3))
    for ours, theirs in zip(symbolic, bound, strict=True):
        assert parse(str(ours.number), {"n": 3}) == theirs.number, ours.tool.name


def test_shared_weights_count_wherever_they_are_used() -> None:
    """Two linear layers of one weight, 4x4 without bias: torchinfo counts 2 * 16, parameters are 16."""
    b = Builder("tied")
    x = b.input("x", (1, 4))
    first = b.add(Linear(out_features=4, bias=False), x, name="first")
    net = b.build(b.add(Linear(out_features=4, bias=False), first, name="second", shares="first"))
    assert net.cost().params == 16
    assert reconcile(net.cost(), tools("torchinfo")).tools[0].number == 32
    assert training_cost(net).forward_macs == 32


def test_a_rule_alone_is_a_rule_without_a_meaning() -> None:
    mine = Convention(name="mine", unit="operations", weights={"macs": 1}, rules={"relu": "batch*output_elements"})
    assert mine.rules["relu"].meaning == ""
    assert small().cost(convention=mine).flops == 1080 + 5 * 40 + 70
