"""What a zoo network is: a function of parameters, each with a meaning and a range, and a source.

A network joins the zoo by a function that builds it, in a file of `costmodel.zoo`::

    @family(source="paper, table", width_rule="rounded down")
    def example(*, width: Width = 1, resolution: Resolution = 224, classes: Classes = 1000) -> Network:
        b = Builder("example")
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from inspect import Parameter, signature
from math import isfinite
from typing import Annotated, Any, Generic, Literal, ParamSpec, get_args, get_origin, get_type_hints

from costmodel.algebra import parse
from costmodel.algebra.assumed import collecting, with_choices
from costmodel.algebra.dimension import exact, positive
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, SpecError, UnknownNameError, shorten
from costmodel.network import Network
from costmodel.zoo.part import Part

P = ParamSpec("P")


@dataclass(frozen=True)
class Number:
    """A numeric parameter: a positive integer, or with `real` any positive number; or an expression of one."""

    meaning: str
    real: bool = False
    symbolic: bool = True
    """Whether an expression may stand for the number."""
    most: int | None = None

    @property
    def range(self) -> str:
        """The values that it takes, for a person."""
        kind = "number" if self.real else "integer"
        values = f"a positive {kind}" if self.most is None else f"a positive {kind} of at most {self.most}"
        return f"{values}, or an expression" if self.symbolic else values

    def convert(self, value: object) -> Dim:
        """The value made exact; raises ValueError with the rule that it breaks."""
        if self.real:
            return self._real(value)
        try:
            number = positive(value)
        except ValueError as problem:
            raise (problem if self.most is None else ValueError(f"must be {self.range}")) from None
        is_number = isinstance(number, int)
        if (is_number and self.most is not None and number > self.most) or not (is_number or self.symbolic):
            raise ValueError(f"must be {self.range}")
        return number

    def _real(self, value: object) -> Dim:
        number = _rational(value)
        is_number = isinstance(number, (int, Fraction))
        most = 1024 if self.most is None else self.most
        if number is None or (is_number and not 0 < number <= most) or not (is_number or self.symbolic):
            rule = f"must be a number above 0 and at most {most}"
            raise ValueError(f"{rule}, or an expression of one" if self.symbolic else rule)
        return number


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of a few values."""

    meaning: str
    values: tuple[Any, ...] = ()

    @property
    def range(self) -> str:
        """The values that it takes, for a person."""
        return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in self.values)

    def convert(self, value: object) -> Any:
        """The choice that the value or its text names."""
        for choice in self.values:
            if type(value) is type(choice) and value == choice:
                return choice
            if isinstance(value, (str, float)) and str(value).lower() == str(choice).lower():
                return choice
        raise ValueError(f"must be one of {self.range}")


def _rational(value: object) -> Dim | None:
    """An exact number or expression for what stands for one: a float is read as it prints, 0.35 as 7/20."""
    if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        return None
    if isinstance(value, (str, float)):
        try:
            value = parse(repr(value) if isinstance(value, float) else value)
        except ExpressionError:
            return None
    return value if isinstance(value, Fraction) else exact(value)


Width = Annotated[Dim, Number("width multiplier: scales every layer's channels", real=True)]
Resolution = Annotated[Dim, Number("input height and width")]
Depth = Annotated[
    Dim, Number("depth multiplier: scales every stage's blocks, rounded up", real=True, symbolic=False, most=16)
]
Batch = Annotated[Dim, Number("images at a time")]
Classes = Annotated[Dim, Number("outputs of the classifier")]
Rounding = Annotated[
    Literal["auto", "none", "exact"],
    Choice("the authors' channel rounding: auto applies it to numbers and not to symbols"),
]


@dataclass(frozen=True)
class Family(Generic[P]):
    """A network as a function of its parameters; calling it checks them and builds the network.

    Where layers differ by the size of what they read, a network with symbols is one of several: `holds_where` says for
    which values, unless `costmodel.algebra.assuming` collects that.
    """

    name: str
    build: Callable[P, Network]
    source: str
    width_rule: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of a variant's own."""
    more: Mapping[str, tuple[Number | Choice, Any]] = field(default_factory=dict)
    """(what it takes, default) of each parameter that the function takes under `**`: those of every stage."""
    parts: tuple[Part, ...] = ()
    """The parts of every network of the family, in order, where few parameters decide each of them."""

    @property
    def family(self) -> str:
        """The name of the family that the network belongs to."""
        return self.build.__name__

    @cached_property
    def parameters(self) -> dict[str, tuple[Number | Choice, Any]]:
        """(what it takes, default) of each parameter by name; those that the variant fixes are left out."""
        hints = get_type_hints(self.build, include_extras=True)
        found = {}
        for name, parameter in signature(self.build).parameters.items():
            if name not in self.fixed and parameter.kind is not Parameter.VAR_KEYWORD:
                found[name] = (_kind(hints[name]), self.defaults.get(name, parameter.default))
        for name, (kind, default) in self.more.items():
            if name not in self.fixed:
                found[name] = (kind, self.defaults.get(name, default))
        return found

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Network:
        """The network for these parameters; raises for an unknown parameter or a value out of range."""
        values = {name: self.convert(name, value) for name, value in kwargs.items()}
        more = {name: default for name, (_, default) in self.more.items()}
        given = {**more, **self.fixed, **self.defaults, **values}
        network, choices = with_choices(lambda: self._built(*args, **given))
        if choices and collecting() is None:
            network = network.model_copy(update={"holds_where": (*network.holds_where, *map(str, choices))})
        return network.renamed(self.name, family=self.family, source=self.source)

    def _built(self, *args: Any, **values: Any) -> Network:
        """What the function builds; errors name this network."""
        try:
            return self.build(*args, **values)
        except SpecError as problem:
            sentence = str(problem)
            known = sentence.startswith(f"{self.family}, ")
            raise type(problem)(f"{self.name}{sentence[len(self.family) :] if known else f': {sentence}'}") from None

    def variant(self, name: str, defaults: Mapping[str, Any] | None = None, /, **fixed: Any) -> Family[P]:
        """The same function under another name, with some parameters fixed, and `defaults` of its own for others."""
        made = replace(self, name=name, fixed={**self.fixed, **fixed}, defaults={**self.defaults, **(defaults or {})})
        _FAMILIES[name] = made
        return made

    def convert(self, name: str, value: object) -> Any:
        """The value of a parameter made exact; raises for an unknown parameter or a value out of range."""
        if name not in self.parameters:
            raise UnknownNameError(f"parameter of {self.name}", name, self.parameters)
        kind, _ = self.parameters[name]
        try:
            return kind.convert(value)
        except ValueError as problem:
            raise SpecError(f"{self.name}: parameter '{name}' {problem} (got {shorten(repr(value))})") from None


_FAMILIES: dict[str, Family[Any]] = {}


def family(
    *,
    source: str,
    width_rule: str = "",
    more: Mapping[str, tuple[Number | Choice, Any]] | None = None,
    parts: tuple[Part, ...] = (),
) -> Callable[[Callable[P, Network]], Family[P]]:
    """Register a function of parameters as a zoo network under its own name."""

    def register(build: Callable[P, Network]) -> Family[P]:
        made = Family(build.__name__, build, source, width_rule, more=more or {}, parts=parts)
        made.__dict__["__doc__"] = build.__doc__
        _FAMILIES[made.name] = made
        return made

    return register


def families() -> dict[str, Family[Any]]:
    """Every zoo network by name."""
    return dict(_FAMILIES)


def find(name: str) -> Family[Any]:
    """The zoo network of that name; raises with the nearest names where there is none."""
    if name not in _FAMILIES:
        raise UnknownNameError("zoo network", name, _FAMILIES)
    return _FAMILIES[name]


def _kind(hint: Any) -> Number | Choice:
    """What a parameter's annotation says that it takes."""
    base, kind = get_args(hint)
    if isinstance(kind, Choice) and not kind.values:
        values = get_args(base) if get_origin(base) is Literal else (False, True)
        return replace(kind, values=values)
    return kind  # type: ignore[no-any-return]
