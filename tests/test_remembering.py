"""What is remembered of an object: for as long as it lives, so much and no more."""

from __future__ import annotations

import gc
from functools import partial
from operator import truediv

from costmodel import zoo
from costmodel.latency import FusionRules, lower
from costmodel.latency.fusion import Join
from costmodel.remembering import Remembered, Same


class Owner:
    """Something that never changes."""


class TestResults:
    def test_are_computed_once(self) -> None:
        owner, results = Owner(), Remembered[object](most=2)
        first = results.of(owner, "key", object)
        assert results.of(owner, "key", object) is first
        assert results.of(owner, "other", object) is not first
        assert results.of(Owner(), "key", object) is not first

    def test_die_with_their_owner(self) -> None:
        owner, results = Owner(), Remembered[Owner](most=2)
        kept = [results.of(owner, name, Owner) for name in "abc"]
        assert len(results) == 1
        assert len(kept) == 3
        del owner
        gc.collect()
        assert len(results) == 0

    def test_are_the_latest(self) -> None:
        owner, results = Owner(), Remembered[object](most=2)
        first, second = (results.of(owner, name, object) for name in "ab")
        results.of(owner, "c", object)
        assert results.of(owner, "b", object) is second
        assert results.of(owner, "a", object) is not first

    def test_of_what_failed_are_asked_for_again(self) -> None:
        owner, results = Owner(), Remembered[float](most=2)
        for divisor in (0, 2):
            try:
                found = results.of(owner, "key", partial(truediv, 1, divisor))
            except ZeroDivisionError:
                continue
            assert found == 0.5


class TestSame:
    def test_is_told_apart_from_what_is_equal(self) -> None:
        one, other = [1], [1]
        assert Same(one) == Same(one)
        assert Same(one) != Same(other)
        assert Same(one) != one


class TestKernels:
    def test_are_remembered_for_a_network(self) -> None:
        network = zoo.mobilenet_v1()
        assert lower(network) is lower(network)
        assert lower(network) == lower(zoo.mobilenet_v1())

    def test_are_those_of_the_rules_not_of_their_name(self) -> None:
        network = zoo.vgg(depth=11)
        fused = FusionRules(name="mine", joins=(Join(kinds=("relu",), to=("conv",)),))
        assert [lower(network, rules=rules)[0].nodes for rules in (fused, FusionRules(name="mine"), fused)] == [
            ("conv1_1", "conv1_1.relu"),
            ("conv1_1",),
            ("conv1_1", "conv1_1.relu"),
        ]

    def test_follow_the_data_type(self) -> None:
        network = zoo.mobilenet_v1()
        wide, narrow = (lower(network, data_type=each)[0].input_bytes for each in ("float32", "int8"))
        assert wide == 4 * narrow

    def test_change_no_network(self) -> None:
        network = zoo.mobilenet_v1()
        lower(network)
        assert network == zoo.mobilenet_v1()
        assert lower(network.renamed("other")) == lower(network)
