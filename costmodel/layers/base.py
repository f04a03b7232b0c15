"""What every layer kind is: a frozen spec that answers shape, symbols and formulas.

To add a kind, write one class in one file (see `costmodel.layers.activation` for short ones)::

    class ReLU6(Elementwise):
        '''min(max(x, 0), 6), element by element.'''

        kind: Literal["relu6"] = "relu6"
        formulas: ClassVar[Formulas] = Formulas(comparisons=two_per_element)
        source: ClassVar[str] = "Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010"

Subclassing registers it under its `kind`: the network, JSON, the docs and the command line know it from there.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from costmodel.algebra import Dim, product, total
from costmodel.algebra.dimension import inferred, positive_shape
from costmodel.algebra.text import to_text
from costmodel.counting.ledger import Ledger
from costmodel.errors import ShapeError, SpecError, shorten
from costmodel.layers.formulas import Formulas
from costmodel.layers.registry import register
from costmodel.sentences import one_sentence

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that could be read as one of them."""
Index = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31)]
"""An integer that is no dimension: an axis, a number of parts."""

Shape = tuple[Dim, ...]
Shapes = tuple[Shape, ...]

OWN = -1
"""Stands for the layer's own weights where what an operand depends on is numbered by the layer's inputs."""


class Product(NamedTuple):
    """Multiply-accumulates of a layer that have the same operands: what their gradients are multiplied from."""

    macs: Dim
    data: tuple[tuple[int, ...], ...]
    """For each operand that is no weight, the inputs (or OWN) that it depends on."""
    weighted: bool = False
    """Whether one operand is the layer's own weights."""


class LayerCost(NamedTuple):
    """What one layer costs on given inputs."""

    ledger: Ledger
    params: Dim
    buffers: Dim
    input_shapes: Shapes
    output_shapes: Shapes

    @property
    def macs(self) -> Dim:
        """Multiply-accumulates."""
        return self.ledger.macs

    @property
    def input_elements(self) -> Dim:
        """Elements read from all inputs."""
        return total(map(product, self.input_shapes))

    @property
    def output_elements(self) -> Dim:
        """Elements of all outputs."""
        return total(map(product, self.output_shapes))


class Layer(BaseModel):
    """A layer's description, without its input: channels are inferred from what it is applied to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """The name of the layer kind, which a spec in JSON carries."""

    formulas: ClassVar[Formulas]
    source: ClassVar[str] = ""
    assumptions: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[int | tuple[int, ...] | None] = 1
    """How many inputs the layer takes: a number, one of several, or None for one or more."""
    view: ClassVar[bool] = False
    """Whether the output is the input's memory under another shape, for every input; see `is_view`."""
    in_place: ClassVar[bool] = False
    """Whether an inference runtime overwrites the input with the output."""
    stored: ClassVar[bool] = False
    """Whether the output lies with the weights: it is no activation."""
    looked_up: ClassVar[bool] = False
    """Whether of the weights only what goes into the output is read."""
    counted: ClassVar[bool] = True
    """Whether the formulas say all that the layer does; totals with one that is not are partial."""

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise SpecError(f"{type(self).kind_name()}: {one_sentence(problem)}") from None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if cls.kind_name():
            register(cls)

    @classmethod
    def kind_name(cls) -> str:
        """The kind's name, "" for a base class."""
        default = cls.model_fields["kind"].default
        return default if isinstance(default, str) else ""

    def output_shape(self, inputs: Shapes) -> Shape:
        """The shape of the only output."""
        raise NotImplementedError

    def output_shapes(self, inputs: Shapes) -> Shapes:
        """The shapes of all outputs; raises `ShapeError` where the inputs do not fit."""
        self.check_inputs(inputs)
        return (self.output_shape(inputs),)

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        """Whether the output is the input's memory: for a `view` always, for a copy where its fields change nothing.

        >>> from costmodel.layers import Pad
        >>> none, one = Pad(pads=((0, 0),)), Pad(pads=((0, 1),))
        >>> none.is_view(((3,),), ((3,),)), one.is_view(((3,),), ((4,),))
        (True, False)
        """
        return self.view

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Dim]:
        """The values of the symbols that the formulas use."""
        raise NotImplementedError

    def products(self, inputs: Shapes, outputs: Shapes) -> tuple[Product, ...]:
        """The multiply-accumulates by their operands: of every input with the weights, or of all inputs together."""
        ledger, params, _ = self.formulas.evaluate(self.symbols(inputs, outputs))
        return (Product(ledger.macs, tuple((index,) for index in range(len(inputs))), weighted=params != 0),)

    def cost(self, *inputs: Shape) -> LayerCost:
        """What the layer costs on inputs of these shapes.

        >>> from costmodel.layers import Conv2d
        >>> Conv2d(out_channels=64, kernel=7, bias=False).cost((1, 9, 25, 25)).macs
        10188864
        """
        shapes = tuple(map(self._checked, inputs))
        outputs = self.infer(shapes)
        return LayerCost(*self.formulas.evaluate(self.symbols(shapes, outputs)), shapes, outputs)

    def infer(self, inputs: Shapes) -> Shapes:
        """The shapes of all outputs, integers as ints; raises `ShapeError` for a size that is no positive integer."""
        outputs = self.output_shapes(inputs)
        sizes = tuple(tuple(map(inferred, shape)) for shape in outputs)
        for found, shape in zip(sizes, outputs, strict=True):
            if None in found:
                self.refuse(f"must have outputs of positive integer sizes (got {shape_text(shape)})")
        return sizes

    def _checked(self, shape: object) -> Shape:
        try:
            return positive_shape(shape)
        except ValueError as problem:
            self.refuse(f"takes inputs of which every size {problem} (got {shorten(repr(shape))})")

    def check_inputs(self, inputs: Shapes) -> None:
        """Raise unless the number of inputs is what the layer takes."""
        if self.inputs is None and inputs:
            return
        allowed = self.inputs if isinstance(self.inputs, tuple) else (self.inputs,)
        if len(inputs) not in allowed:
            expected = "at least 1" if self.inputs is None else " or ".join(map(str, allowed))
            self.refuse(f"takes {expected} input{'' if self.inputs in (None, 1) else 's'} (got {len(inputs)})")

    def unpack(self, shape: Shape, *names: str) -> Shape:
        """The shape, which must have one dimension for each name."""
        if len(shape) != len(names):
            self.refuse(f"takes an input of shape ({', '.join(names)}) (got {shape_text(shape)})")
        return shape

    def channelled(self, shape: Shape, *, spatial: bool = False) -> Shape:
        """The shape, which must be (n, c, ...), with at least one spatial axis where that is needed."""
        if len(shape) < 2 + spatial:
            some = " with a spatial axis" if spatial else ""
            self.refuse(f"takes an input of shape (n, c, ...){some} (got {shape_text(shape)})")
        return shape

    def refuse(self, rule: str) -> NoReturn:
        """Raise a ShapeError in the layer's name."""
        raise ShapeError(f"{self.kind} {rule}")


def shape_text(shape: Shape) -> str:
    """A shape for a sentence: 1x3x224x224, or with expressions 1 x 3 x 32*r x 32*r."""
    times = "x" if all(isinstance(dimension, int) for dimension in shape) else " x "
    return shorten(times.join(shorten(to_text(dimension), 60) for dimension in shape), 300) or "a scalar"
