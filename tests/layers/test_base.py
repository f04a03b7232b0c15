"""What every layer kind is: registered once, documented, described by formulas, and the same again from JSON."""

import json
import re
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from costmodel import Builder, Network, kinds, parse_layer
from costmodel.algebra import Dim, symbols
from costmodel.counting import ENTRIES
from costmodel.errors import CostModelError, ShapeError, SpecError, UnknownNameError
from costmodel.layers import Conv2d, Formulas, Layer, Linear, ReLU, kind
from costmodel.layers.base import Shape, Shapes
from costmodel.layers.elementwise import Elementwise, one_per_element, two_per_element
from tests.layers.strategies import STRATEGIES

LIBRARY = {name: layer for name, layer in kinds().items() if layer.__module__.startswith("costmodel.")}
VIEWS = {"identity", "flatten", "reshape", "split", "squeeze", "unsqueeze", "slice"}
IN_PLACE = {
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "tanh",
    "sigmoid",
    "silu",
    "gelu",
    "hard_sigmoid",
    "hard_swish",
    "dropout",
    *("clip", "threshold", "prelu", "selu", "celu", "softplus", "log_sigmoid", "softsign", "mish"),
}


@pytest.mark.parametrize("name", LIBRARY)
class TestEveryKind:
    def test_it_is_found_under_its_name(self, name: str) -> None:
        assert kind(name) is LIBRARY[name]
        assert LIBRARY[name].kind_name() == name

    def test_it_has_formulas_or_says_why_it_is_free(self, name: str) -> None:
        formulas = LIBRARY[name].formulas
        assert bool(formulas.free) != any(quantity in ENTRIES for quantity, _ in formulas.items())
        assert all(formula.__doc__ for _, formula in formulas.items())

    def test_it_names_its_source(self, name: str) -> None:
        assert LIBRARY[name].source
        assert not LIBRARY[name].source.endswith(".")

    def test_its_docstring_has_an_example_or_names_the_kind_that_has_one(self, name: str) -> None:
        text = LIBRARY[name].__doc__ or ""
        referred = [other for other in re.findall(r"`(\w+)`", text) if other in LIBRARY]
        assert ">>>" in text or any(">>>" in (LIBRARY[other].__doc__ or "") for other in referred)
        assert text.partition("\n")[0].endswith((".", ":"))

    def test_its_assumptions_are_sentences_without_a_full_stop(self, name: str) -> None:
        for assumption in LIBRARY[name].assumptions:
            assert re.fullmatch(r"[a-z\"][^\n]*[a-z0-9\"]", assumption), assumption

    @given(data=st.data())
    def test_it_is_the_same_again_from_json(self, name: str, data: st.DataObject) -> None:
        fields, shapes = data.draw(STRATEGIES[name])
        layer = parse_layer({"kind": name, **fields})
        again = parse_layer(json.loads(layer.model_dump_json()))
        assert again == layer
        assert hash(again) == hash(layer)
        assert again.cost(*shapes) == layer.cost(*shapes)

    def test_an_unknown_field_is_refused_by_name(self, name: str) -> None:
        with pytest.raises(SpecError, match=rf"^{name}: .*('colour' is not a field of this|is required|needs either)"):
            parse_layer({"kind": name, "colour": "red"})

    @given(data=st.data())
    def test_any_shapes_are_counted_or_refused_in_its_name(self, name: str, data: st.DataObject) -> None:
        fields, _ = data.draw(STRATEGIES[name])
        shapes = data.draw(st.lists(st.lists(st.integers(1, 6), max_size=6).map(tuple), max_size=3))
        layer = parse_layer({"kind": name, **fields})
        try:
            cost = layer.cost(*shapes)
        except ShapeError as problem:
            refused = str(problem)
            assert refused.startswith((f"{name} ", f"{name}: "))
            assert "\n" not in refused
        else:
            assert all(size >= 1 for shape in cost.output_shapes for size in shape)
            assert min(cost.ledger) >= 0


def test_views_and_layers_in_place_are_those_of_the_design() -> None:
    assert {name for name, layer in LIBRARY.items() if layer.view} == VIEWS
    assert {name for name, layer in LIBRARY.items() if layer.in_place} == IN_PLACE


class TestParsing:
    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (None, "a layer must be an object with a 'kind' (got NoneType)"),
            ([], "a layer must be an object with a 'kind' (got list)"),
            ({}, "a layer must name its 'kind' as text (got None)"),
            ({"kind": 3}, "a layer must name its 'kind' as text (got 3)"),
            ({"kind": "relu", "self": 1}, "relu: 'self' is not a field of this (got 1)"),
            ({"kind": "relu", 3: 1}, "relu: '3' is not a field of this (got 1)"),
        ],
    )
    def test_what_is_no_layer_is_refused(self, spec: object, sentence: str) -> None:
        with pytest.raises(SpecError) as caught:
            parse_layer(spec)
        assert str(caught.value) == sentence

    @pytest.mark.parametrize(
        ("wrong", "nearest"), [("conv2", "conv2d"), ("Linear", "linear"), ("batchnorm", "batch_norm")]
    )
    def test_an_unknown_kind_is_refused_with_the_nearest(self, wrong: str, nearest: str) -> None:
        with pytest.raises(
            UnknownNameError, match=rf"^there is no layer kind named '{wrong}'; the nearest are .*{nearest}"
        ):
            parse_layer({"kind": wrong})

    def test_a_spec_cannot_be_changed(self) -> None:
        layer = Conv2d(out_channels=4, kernel=3)
        with pytest.raises(ValidationError, match="frozen"):
            layer.bias = False  # type: ignore[misc]

    def test_equal_specs_are_equal_and_hash_alike(self) -> None:
        assert Conv2d(out_channels=4, kernel=3) == Conv2d(out_channels=4, kernel=(3, 3), padding="valid")
        assert (
            len({Conv2d(out_channels="32*alpha", kernel=3), Conv2d(out_channels=32 * symbols("alpha"), kernel=3)}) == 1
        )

    def test_a_pool_without_a_stride_has_that_of_its_kernel(self) -> None:
        assert parse_layer({"kind": "max_pool2d", "kernel": [2, 3]}) == parse_layer(
            {"kind": "max_pool2d", "kernel": [2, 3], "stride": [2, 3], "padding": 0}
        )


class TestCost:
    def test_sizes_may_be_texts_and_lists(self) -> None:
        cost = Linear(out_features=10).cost(["batch", 128])  # type: ignore[arg-type]
        assert cost.output_shapes == ((symbols("batch"), 10),)
        assert (cost.input_elements, cost.output_elements) == (128 * symbols("batch"), 10 * symbols("batch"))

    @pytest.mark.parametrize("shape", [(1, 0), (1, -3), (1, 2.5), (1, "r.x"), 3, "abc", (1, 2**40)])
    def test_a_shape_that_is_none_is_refused(self, shape: Shape) -> None:
        with pytest.raises(ShapeError, match=r"^linear takes inputs of which every size must .*\(got .*\)$"):
            Linear(out_features=10).cost(shape)

    def test_the_number_of_inputs(self) -> None:
        with pytest.raises(ShapeError, match=r"^relu takes 1 input \(got 2\)$"):
            ReLU().cost((1, 2), (1, 2))
        with pytest.raises(ShapeError, match=r"^concat takes at least 1 input \(got 0\)$"):
            parse_layer({"kind": "concat"}).cost()


class TestOfAUser:
    """A kind of one's own is one class: the network, JSON and the registry know it from there."""

    def test_five_lines_make_a_kind(self) -> None:
        class Squared(Elementwise):
            """x squared: one multiplication for each element."""

            kind: Literal["squared"] = "squared"
            formulas: ClassVar[Formulas] = Formulas(multiplications=one_per_element)

        assert kinds()["squared"] is Squared
        b = Builder("mine")
        network = b.build(b.input("x", (2, 5)).then(Squared(), name="squared"))
        assert network.cost().ledger.multiplications == 10
        again = Network.from_json(network.to_json())
        assert again == network
        assert isinstance(again.nodes[0].layer, Squared)

    def test_a_kind_may_have_fields_several_inputs_and_weights(self) -> None:
        def bilinear(m: Dim, c_o: Dim, c_i: Dim) -> Dim:
            """Every output is a sum over all pairs of inputs."""
            return m * c_o * c_i * c_i

        class Bilinear(Layer):
            """y_k = a W_k b."""

            kind: Literal["bilinear"] = "bilinear"
            out_features: int
            inputs: ClassVar[int | None] = 2
            formulas: ClassVar[Formulas] = Formulas(macs=bilinear, params=lambda c_o, c_i: c_o * c_i * c_i)

            def output_shape(self, inputs: Shapes) -> Shape:
                return (inputs[0][0], self.out_features)

            def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Dim]:
                return {"m": inputs[0][0], "c_i": inputs[0][1], "c_o": self.out_features}

        cost = Bilinear(out_features=3).cost((2, 5), (2, 5))
        assert (cost.macs, cost.params) == (150, 75)
        with pytest.raises(ShapeError, match=r"^bilinear takes 2 inputs \(got 1\)$"):
            Bilinear(out_features=3).cost((2, 5))
        assert str(Bilinear.formulas.notation("macs")) == "m*c_o*c_i*c_i"

    def test_a_name_that_is_taken_is_refused(self) -> None:
        with pytest.raises(
            SpecError,
            match=r"^the layer kind 'relu' is .*activation.ReLU already; give the kind of .*Mine another name$",
        ):

            class Mine(Elementwise):
                kind: Literal["relu"] = "relu"
                formulas: ClassVar[Formulas] = Formulas(comparisons=one_per_element)

        assert kind("relu") is ReLU

    def test_so_is_a_class_of_the_same_name_elsewhere(self) -> None:
        fields = {"__module__": "elsewhere", "__qualname__": "ReLU", "__annotations__": {"kind": str}, "kind": "relu"}
        with pytest.raises(SpecError, match=r"ReLU already; give the kind of elsewhere.ReLU another name$"):
            type("ReLU", (Elementwise,), {**fields, "formulas": Formulas(comparisons=two_per_element)})
        assert kind("relu") is ReLU

    def test_a_subclass_needs_a_name_of_its_own(self) -> None:
        with pytest.raises(
            SpecError, match=r"^the layer kind 'relu' is .*ReLU already; give the kind of .*Leaky another name$"
        ):
            type("Leaky", (ReLU,), {"__qualname__": "Leaky"})

    def test_defining_a_class_again_replaces_it(self) -> None:
        def define() -> type[Layer]:
            class Cube(Elementwise):
                kind: Literal["cube"] = "cube"
                formulas: ClassVar[Formulas] = Formulas(multiplications=two_per_element)

            return Cube

        assert define() is not define()
        assert len([name for name in kinds() if name == "cube"]) == 1

    def test_a_kind_without_formulas_is_refused(self) -> None:
        with pytest.raises(SpecError, match=r"^the layer kind 'nothing' must declare its 'formulas'$"):

            class Nothing(Elementwise):
                kind: Literal["nothing"] = "nothing"

        with pytest.raises(UnknownNameError):
            kind("nothing")

    def test_a_symbol_without_a_value_is_named(self) -> None:
        class Window(Elementwise):
            kind: Literal["window"] = "window"
            formulas: ClassVar[Formulas] = Formulas(additions=lambda e, k: e * k)

        with pytest.raises(
            SpecError, match=r"^a formula uses 'k', of which the layer's 'symbols' must give the value$"
        ):
            Window().cost((1, 2))

    def test_an_output_that_is_no_size_is_refused(self) -> None:
        class Half(Elementwise):
            kind: Literal["half"] = "half"
            formulas: ClassVar[Formulas] = Formulas(additions=one_per_element)

            def output_shape(self, inputs: Shapes) -> Shape:
                return (*inputs[0][:-1], inputs[0][-1] / 2)

        with pytest.raises(ShapeError, match=r"^half must have outputs of positive integer sizes \(got 1 x 2.0\)$"):
            Half().cost((1, 4))


class TestFormulas:
    def test_zero_must_be_declared(self) -> None:
        with pytest.raises(SpecError, match=r"or in 'free' why it does none \(got neither\)$"):
            Formulas()
        with pytest.raises(SpecError, match=r"or in 'free' why it does none \(got additions\)$"):
            Formulas(additions=one_per_element, free="nothing is done")
        assert Formulas(free="nothing is done").evaluate({})[0] == (0,) * 6

    def test_symbols_are_those_of_the_vocabulary(self) -> None:
        with pytest.raises(SpecError, match=r"^the formula for macs uses 'foo', which the vocabulary does not define$"):
            Formulas(macs=lambda foo: foo)

    def test_a_formula_has_symbols(self) -> None:
        with pytest.raises(SpecError, match=r"^the formula for macs must have symbols as its parameters \(got none\)$"):
            Formulas(macs=lambda: 7)

    def test_a_quantity_without_a_formula_is_zero(self) -> None:
        formulas = ReLU.formulas
        assert formulas.formula("params")() == 0
        assert formulas.notation("params") == 0
        assert str(formulas.notation("comparisons")) == "e"

    def test_an_unknown_quantity_is_refused(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no quantity named 'mac'; the nearest are macs"):
            ReLU.formulas.formula("mac")

    def test_formulas_print_in_the_order_of_the_textbook(self) -> None:
        formulas = Conv2d.formulas
        assert str(formulas.notation("macs")) == "n*c_o*h_o*w_o*(c_i/g)*k_h*k_w"
        assert str(formulas.notation("params")) == "c_o*(c_i/g)*k_h*k_w + b*c_o"


def test_every_error_of_a_spec_is_one_of_ours() -> None:
    for fields in ({}, {"out_channels": 0}, {"out_channels": 3, "kernel": "x y"}):
        with pytest.raises(CostModelError):
            parse_layer({"kind": "conv2d", **fields})
