"""Laws of every rewrite, on networks of the zoo, random networks and random selections."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import Network, rewrite
from costmodel.algebra import equal
from costmodel.errors import RewriteError
from costmodel.network import Step
from costmodel.transform import Kept, Rewritten, parse_rewrite, rewrites
from tests.conftest import CI
from tests.network.graphs import networks
from tests.transform.networks import (
    NAMES,
    REPLACEMENTS,
    SCALINGS,
    assert_saves_what_full_counts_say,
    network,
    texts,
)

FEW = settings(max_examples=400 if CI else 40)


def made_of(net: Network, *asked: str, only: object = "") -> Rewritten | None:
    """The rewritten network; None where it refuses in a sentence of its own."""
    try:
        return rewrite(net, *asked, only=only)  # type: ignore[arg-type]
    except RewriteError as problem:
        sentence = str(problem)
        assert sentence.startswith(net.name), sentence
        assert "\n" not in sentence
        return None


def assert_keeps_shapes(made: Rewritten) -> None:
    """What is in both networks under one name, and no part of a change, has one shape; so have the outputs in order."""
    replaced = {placed.name for change in made.changes for placed in change.before}
    old, new = made.before.shapes, made.after.shapes
    for name, shape in old.items():
        if name in new and name.partition(":")[0] not in replaced:
            assert new[name] == shape, name
    for one, other in zip(made.before.outputs, made.after.outputs, strict=True):
        assert new[other] == old[one]


def test_every_rewrite_is_among_those_that_the_laws_try() -> None:
    tried = {re.match(r"\w+", text)[0] for text in SCALINGS}  # type: ignore[index]
    tried |= {type(parse_rewrite(text)).name for text in REPLACEMENTS}
    assert tried == {name for name, made in rewrites().items() if made.__module__.startswith("costmodel.")}


@pytest.mark.parametrize("text", [*REPLACEMENTS, *SCALINGS])
def test_the_predicted_saving_is_the_difference_of_two_full_counts(text: str) -> None:
    rewritten = [made for name in NAMES if (made := made_of(network(name), text))]
    assert rewritten
    for made in rewritten:
        assert_saves_what_full_counts_say(made)
        assert made.changes
        if text in REPLACEMENTS or text.startswith("depth"):
            assert_keeps_shapes(made)


@FEW
@given(name=st.sampled_from(NAMES), text=texts, seed=st.integers(0, 2**32))
def test_with_a_random_selection_of_layers(name: str, text: str, seed: int) -> None:
    net = network(name)
    draw = np.random.default_rng(seed)
    chosen = {step.node.name for step in net.steps if draw.random() < 0.5}

    def is_chosen(step: Step) -> bool:
        return step.node.name in chosen

    made = made_of(net, text, only=is_chosen)
    if made is None:
        return
    assert_saves_what_full_counts_say(made)
    if text in REPLACEMENTS:
        assert_keeps_shapes(made)
        kept = {each.name for each in made.kept}
        changed = {change.name for change in made.changes}
        assert kept | changed <= set(net.shapes)
        assert not kept & changed


@FEW
@given(name=st.sampled_from(NAMES), asked=st.lists(texts, min_size=2, max_size=4))
def test_rewrites_made_one_after_another(name: str, asked: list[str]) -> None:
    """All at once are what they are one by one, and save what these save together."""
    net = network(name)
    one_by_one = net
    saved: list[Rewritten] = []
    for text in asked:
        made = made_of(one_by_one, text)
        if made is None:
            return
        saved.append(made)
        one_by_one = made.after
    together = rewrite(net, *asked)
    assert together.after == one_by_one
    assert_saves_what_full_counts_say(together)
    for index, amount in enumerate(together.saved):
        assert equal(amount, sum(each.saved[index] for each in saved))
    before = [placed.name for change in together.changes for placed in change.before]
    after = [placed.name for change in together.changes for placed in change.after]
    assert len(before) == len(set(before))
    assert len(after) == len(set(after))


@given(net=networks(), text=texts)
def test_random_networks(net: Network, text: str) -> None:
    made = made_of(net, text)
    if made is not None:
        assert_saves_what_full_counts_say(made)
        if text in REPLACEMENTS:
            assert_keeps_shapes(made)


@FEW
@given(name=st.sampled_from(NAMES), text=texts)
def test_what_comes_of_it_is_read_back(name: str, text: str) -> None:
    made = made_of(network(name), text)
    if made is not None:
        assert Network.from_json(made.after.to_json()) == made.after


@pytest.mark.parametrize("text", [*REPLACEMENTS, *SCALINGS])
def test_a_rewrite_is_the_one_that_its_text_says(text: str) -> None:
    asked = parse_rewrite(text)
    again = parse_rewrite(str(asked))
    assert again == asked
    assert str(again) == str(asked)


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18", "mobilenet_v2", "squeezenet"])
@pytest.mark.parametrize(
    "text", ["conv=depthwise_separable", "conv=grouped:2", "pool=stride", "stride=pool", "width=2", "depth=2"]
)
def test_with_symbols_first_or_last_is_the_same(name: str, text: str) -> None:
    """A network of 32 r by 32 r pixels, rewritten, at r = 7 is the one of 224 by 224, rewritten."""
    from costmodel import symbols, zoo

    r, n = symbols("r n")
    symbolic = made_of(zoo.find(name)(resolution=32 * r, batch=n), text)
    made = made_of(network(name), text)
    if made is None or symbolic is None:
        assert made is symbolic
        return
    assert_saves_what_full_counts_say(symbolic)
    bound, numbers = symbolic.after.bind(r=7, n=1).cost(), made.after.cost()
    assert (bound.macs, bound.params) == (numbers.macs, numbers.params)


def test_kept_layers_come_with_their_rewrite() -> None:
    made = rewrite(network("alexnet"), "conv=depthwise_separable", "conv=kernel:5")
    assert Kept("conv3", "its kernel is 3x3", "") not in made.kept
    assert {each.rewrite for each in made.kept} == {"conv=depthwise_separable", "conv=kernel:size=5"}
