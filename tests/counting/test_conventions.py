"""Conventions: what each built-in one counts, document 002's three rules for pooling, and a user's own."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Convention, Network, convention
from costmodel.algebra import symbols
from costmodel.counting import CONVENTIONS, ENTRIES, Ledger
from costmodel.errors import CostModelError, SpecError, UnknownNameError
from costmodel.layers import AvgPool2d, BatchNorm, Conv2d, Flatten, Linear, MaxPool2d, ReLU

LEDGER = Ledger(macs=1000, additions=200, multiplications=30, comparisons=4, divisions=50, transcendentals=6)


def network() -> Network:
    """A convolution, batch-norm, ReLU, pooling and a linear layer."""
    b = Builder("small")
    x = b.input("image", (2, 3, 8, 8)).then(
        Conv2d(out_channels=4, kernel=3, padding=1), BatchNorm(), ReLU(), name="conv"
    )
    x = x.then(MaxPool2d(kernel=2), name="pool").then(Flatten(), name="flatten")
    return b.build(x.then(Linear(out_features=10), name="fc"))


class TestBuiltIn:
    @pytest.mark.parametrize(
        ("name", "number", "unit"),
        [
            ("two-per-mac", 2000, "FLOPs"),
            ("one-per-mac", 1000, "MACs"),
            ("multiplications", 1030, "multiplications"),
            ("every-operation", 2290, "operations"),
        ],
    )
    def test_what_they_count_of_one_ledger(self, name: str, number: int, unit: str) -> None:
        assert convention(name).weigh(LEDGER) == number
        assert convention(name).count("conv2d", LEDGER, {}) == number
        assert convention(name).unit == unit

    def test_every_one_says_what_it_counts(self) -> None:
        assert all(each.meaning and each.name == name for name, each in CONVENTIONS.items())

    def test_two_per_mac_is_the_default(self) -> None:
        cost = network().cost()
        assert cost.convention.name == "two-per-mac"
        assert cost.flops == 2 * cost.macs

    def test_an_unknown_name_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no convention named 'two-per-macs'; the nearest are two-per-mac"):
            convention("two-per-macs")


class TestDocument002:
    """Problem 2: average pooling of 26x26x5 by 2x2, and of 11x11x5 by 2x2; one document, three rules."""

    @pytest.mark.parametrize(
        ("rule", "size", "printed"),
        [
            ("output-windows", 26, 3_380),
            ("input-windows", 11, 2_420),
            ("output-windows", 11, 500),
            ("input-elements", 26, 845),
            ("input-elements", 11, 125),
        ],
    )
    @pytest.mark.parametrize("layer", [AvgPool2d(kernel=2), MaxPool2d(kernel=2)], ids=["average", "max"])
    def test_its_rules_for_pooling(self, rule: str, size: int, printed: int, layer: AvgPool2d | MaxPool2d) -> None:
        b = Builder("pool")
        net = b.build(b.input("image", (1, 5, size, size)).then(layer, name="pool"))
        cost = net.cost(convention=convention(f"document-002-{rule}"))
        assert cost.flops == printed
        assert cost.nodes[0].flops(cost.convention) == printed

    def test_everything_else_counts_two_for_each_multiply_accumulate(self) -> None:
        net = network()
        pooled = net.cost(convention=convention("document-002-output-windows"))
        assert pooled.flops == 2 * net.cost().macs + 2 * 4 * 4 * 4 * 4

    def test_the_rules_are_expressions_of_symbols_too(self) -> None:
        b = Builder("pool")
        r = symbols("r")
        net = b.build(b.input("image", (1, 5, 2 * r, 2 * r)).then(AvgPool2d(kernel=2), name="pool"))
        assert net.cost(convention=convention("document-002-output-windows")).flops == 20 * r**2


class TestOfAUser:
    mine = Convention(
        name="mine",
        unit="operations",
        weights={"macs": 1, "comparisons": 3},
        rules={"batch_norm": "2*e + params", "linear": "macs + b*c_o"},
    )

    def test_a_few_lines_make_one(self) -> None:
        """Convolution: 2*4*8*8 outputs of 27 macs; ReLU 3 for each; pool 2*4*16 outputs of 3; linear 2*64*10 + 10."""
        net = network()
        cost = net.cost(convention=self.mine)
        by_name = {node.name: node.flops(self.mine) for node in cost.nodes}
        assert by_name == {
            "conv": 512 * 27,
            "conv.batch_norm": 2 * 512 + 8,
            "conv.relu": 3 * 512,
            "pool": 3 * 128 * 3,
            "flatten": 0,
            "fc": 2 * 64 * 10 + 10,
        }
        assert cost.flops == sum(by_name.values())

    @given(st.dictionaries(st.sampled_from(ENTRIES), st.integers(0, 100)))
    def test_without_rules_the_whole_is_the_sum_of_the_nodes(self, weights: Mapping[str, int]) -> None:
        weighing = Convention(name="weighing", unit="operations", weights=dict(weights))
        cost = network().cost(convention=weighing)
        assert cost.flops == sum(node.flops(weighing) for node in cost.nodes)
        assert cost.flops == sum(weights.get(entry, 0) * getattr(cost.ledger, entry) for entry in ENTRIES)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"weights": {"flops": 1}}, "convention 'mine': 'weights' may only weigh macs, additions"),
            ({"weights": {"macs": 1.5}}, "convention 'mine': 'weights.macs' must be a valid integer"),
            ({"weights": {}, "rule": {}}, "convention 'mine': 'rule' is not a field of this"),
            ({}, "convention 'mine': 'weights' is required"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, fields: dict[str, object], sentence: str) -> None:
        with pytest.raises(SpecError) as caught:
            Convention(**{"name": "mine", "unit": "operations", **fields})
        assert str(caught.value).startswith(sentence)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("rules", "sentence"),
        [
            ({"max_pool": "e"}, "there is no layer kind named 'max_pool'; the nearest are max_pool"),
            (
                {"conv2d": "q*e"},
                "convention 'wrong': the rule for 'conv2d' must be an expression: 'q*e' uses 'q', which",
            ),
            (
                {"conv2d": "macs.real"},
                "convention 'wrong': the rule for 'conv2d' must be an expression: 'macs.real' is",
            ),
            ({"conv2d": "macs/7"}, "convention 'wrong': the rule for 'conv2d' must give an integer (got 13824/7)"),
        ],
    )
    def test_a_mistake_in_a_rule_is_one_sentence(self, rules: dict[str, str], sentence: str) -> None:
        wrong = Convention(name="wrong", unit="operations", weights={"macs": 1}, rules=rules)
        with pytest.raises(CostModelError) as caught:
            print(network().cost(convention=wrong).flops)  # noqa: T201
        assert str(caught.value).startswith(sentence)
