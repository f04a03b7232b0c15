"""Binding: values for symbols, everywhere in a network."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Network, symbols, zoo
from costmodel.errors import ShapeError, SpecError, UnknownNameError
from costmodel.layers import GRU, Conv2d, Flatten, Linear, Pad, Permute, ReLU, Reshape
from costmodel.network.bind import bind, free_symbols, with_batch
from tests.network.graphs import chain


def small() -> Network:
    """A network with symbols in its input and in its layers' fields."""
    b = Builder("small")
    x = b.input("image", ("batch", 3, "height", 16))
    x = x.then(Pad(pads=((0, 0), (0, 0), ("margin", "margin"), (0, 0))), name="pad")
    x = x.then(Conv2d(out_channels="16*alpha", kernel=3, stride="step", padding=1), ReLU(), name="conv")
    x = x.then(Flatten(), name="flatten").then(Reshape(shape=("batch", -1)), name="reshape")
    return b.build(x.then(Linear(out_features=10), name="fc"))


VALUES = {"batch": 2, "height": 8, "margin": 1, "alpha": Fraction(1, 2), "step": 2}


def test_symbols_are_found_in_inputs_and_in_every_field() -> None:
    assert free_symbols(small()) == ("alpha", "batch", "height", "margin", "step")
    assert free_symbols(zoo.lenet_5()) == ()


def test_bound_networks_have_numbers_everywhere() -> None:
    bound = small().bind(**VALUES)
    assert free_symbols(bound) == ()
    assert bound.shapes["conv"] == (2, 8, 5, 8)
    assert bound.cost().macs == 2 * 8 * 5 * 8 * 27 + 2 * 320 * 10


def test_what_is_not_bound_stays_a_symbol() -> None:
    assert free_symbols(small().bind(height=8, step=1)) == ("alpha", "batch", "margin")
    assert small().bind() == small()


@given(st.integers(1, 40), st.integers(1, 4), st.sampled_from([Fraction(1, 2), 1, Fraction(3, 2)]))
def test_binding_and_counting_commute(height: int, step: int, alpha: Fraction) -> None:
    values = VALUES | {"height": height, "step": step, "alpha": alpha}
    then_counted = small().bind(**values).cost()
    expression = small().bind(alpha=alpha).cost().macs
    assert expression.subs({symbols(name): value for name, value in values.items()}) == then_counted.macs


def test_expressions_and_texts_are_values_too() -> None:
    r = symbols("r")
    assert small().bind(height=32 * r).shapes["image"] == (symbols("batch"), 3, 32 * r, 16)
    assert small().bind(height="32*r") == small().bind(height=32 * r)
    assert small().bind(alpha=0.5).shapes["conv"][1] == small().bind(alpha="0.5").shapes["conv"][1] == 8


def test_values_do_not_meet_each_other() -> None:
    swapped = small().bind(height="step", step="height")
    assert swapped.shapes["image"][2] == symbols("step")
    assert swapped.node("conv").layer.model_dump()["stride"] == ("height", "height")


def test_a_network_written_with_symbols_and_one_written_with_numbers_are_equal() -> None:
    symbolic = zoo.resnet18(resolution=32 * symbols("r"), batch=symbols("batch"))
    assert symbolic.bind(r=7, batch=4) == zoo.resnet18(batch=4)


def test_an_unknown_symbol_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="there is no symbol in small named 'hight'; the nearest are height"):
        small().bind(hight=3)


@pytest.mark.parametrize("value", [0, -3, 2.5, "1/2", "exec(1)", None, True])
def test_a_value_that_is_no_dimension_is_refused(value: object) -> None:
    with pytest.raises(SpecError, match="small: 'height' must be"):
        bind(small(), {"height": value})


@pytest.mark.parametrize("value", [0, -0.5, "-1", "nothing(", None])
def test_a_value_that_is_no_width_is_refused(value: object) -> None:
    with pytest.raises(SpecError, match="small: 'alpha' must be"):
        bind(small(), {"alpha": value})


def test_a_fractional_width_is_refused_where_it_leaves_a_fraction() -> None:
    with pytest.raises(SpecError, match=r"small, conv: conv2d: 'out_channels' must be .* \(got 24/5\)"):
        small().bind(alpha=0.3)


def test_a_symbolic_batch_is_bound_everywhere() -> None:
    assert with_batch(small(), 5).shapes["reshape"][0] == 5


def test_a_numeric_batch_is_replaced() -> None:
    assert with_batch(zoo.lenet_5(), "8") == zoo.lenet_5(batch=8)
    assert with_batch(zoo.lenet_5(), "n").cost().macs == symbols("n") * zoo.lenet_5().cost().macs


def test_a_batch_that_a_layer_contradicts_is_refused() -> None:
    b = Builder("small")
    network = b.build(b.input("x", (2, 6)).then(Reshape(shape=(2, 2, 3))))
    with pytest.raises(ShapeError, match="small, reshape: reshape 'shape' must hold the input's elements"):
        with_batch(network, 3)


@pytest.mark.parametrize("batch", [0, -1, "1.5", "x["])
def test_a_batch_must_be_a_dimension(batch: object) -> None:
    with pytest.raises(ShapeError, match="the batch must be"):
        with_batch(zoo.lenet_5(), batch)


def test_inputs_must_share_the_batch() -> None:
    b = Builder("pair")
    x, y = b.input("x", (1, 4)), b.input("y", (2, 4))
    with pytest.raises(ShapeError, match="inputs that all begin with the same axis"):
        with_batch(b.build(x, y), 3)


class TestABatchThatIsNotOne:
    """A layer may take the first axis for something else."""

    def network(self) -> Network:
        b = Builder("folded")
        x = b.input("image", (1, 8, 4, 4))
        return b.build(x.then(Reshape(shape=(1, -1)), name="fold").then(Linear(out_features=10), name="fc"))

    def test_is_refused_where_it_would_change_weights(self) -> None:
        with pytest.raises(ShapeError, match="folded, fc: another batch must not change its weights"):
            with_batch(self.network(), 8)

    def test_of_the_same_size_is_none(self) -> None:
        assert with_batch(self.network(), 1).cost().params == 1290


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "nan", "inf"])
def test_a_width_that_is_no_number_is_refused(value: object) -> None:
    net = zoo.mobilenet_v1(width=symbols("width"))
    with pytest.raises(SpecError):
        net.bind(width=value)
    with pytest.raises(SpecError):
        zoo.mobilenet_v1(width=value)


def test_a_float_is_read_as_it_prints() -> None:
    assert (
        zoo.mobilenet_v1(width=symbols("width")).bind(width=0.5).cost().macs == zoo.mobilenet_v1(width=0.5).cost().macs
    )
    assert zoo.mobilenet_v1(width=1e-5).cost().macs == zoo.mobilenet_v1(width="1e-5").cost().macs


class TestTheBatchOfSequences:
    """Recurrent layers take the steps of a sequence first, where they are not told otherwise."""

    def test_is_replaced_where_it_is_first(self) -> None:
        b = Builder("speech")
        y, *_ = b.add_many(GRU(hidden_size=4, batch_first=True), b.input("x", (1, 10, 3)))
        assert with_batch(b.build(y), 8).cost().macs == 8 * b.build(y).cost().macs

    def test_is_refused_where_the_steps_are_first(self) -> None:
        b = Builder("speech")
        y, *_ = b.add_many(GRU(hidden_size=4), b.input("x", (10, 1, 3)))
        with pytest.raises(
            ShapeError, match=r"^speech, gru: the first axis of the inputs must be the batch, which gru"
        ):
            with_batch(b.build(y), 8)

    def test_may_be_moved_behind_the_steps(self) -> None:
        b = Builder("speech")
        x = b.input("x", (1, 10, 3)).then(Permute(axes=(1, 0, 2)))
        y, *_ = b.add_many(GRU(hidden_size=4), x)
        assert with_batch(b.build(y), 8).cost().macs == 8 * b.build(y).cost().macs


class TestConditions:
    """Conditions on the symbols of a network are checked where the symbols are bound."""

    def network(self, *conditions: str) -> Network:
        network = chain(ReLU(), shape=("n", "m"))
        return Network(**{**dict(network), "holds_where": conditions})

    @pytest.mark.parametrize(
        ("condition", "values", "left"),
        [
            ("n % 4 == 0", {"n": 8}, ()),
            ("n % 4 == 0", {"m": 3}, ("n % 4 == 0",)),
            ("n <= 128", {"n": "2*m"}, ("2*m <= 128",)),
            ("n % 4 == 0", {"n": "m + 1"}, ("(m + 1) % 4 == 0",)),
            ("2*floor(n/2) == m", {"n": 5}, ("4 == m",)),
            ("n != m", {"n": 5, "m": 6}, ()),
            ("any text", {"n": 5, "m": 6}, ("any text",)),
            ("3 longer conditions too", {"n": 5}, ("3 longer conditions too",)),
            ("3 longer conditions too", {"n": 5, "m": 6}, ()),
        ],
    )
    def test_that_hold_are_dropped(self, condition: str, values: dict[str, object], left: tuple[str, ...]) -> None:
        assert self.network(condition).bind(**values).holds_where == left

    @pytest.mark.parametrize(
        ("condition", "values"), [("n % 4 == 0", {"n": 6}), ("n <= m", {"n": 6, "m": 5}), ("n >= 11", {"n": 10})]
    )
    def test_that_do_not_are_refused(self, condition: str, values: dict[str, object]) -> None:
        with pytest.raises(ShapeError, match=f"runs where {condition}, and the given sizes"):
            self.network(condition).bind(**values)
