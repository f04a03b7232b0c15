"""The registry of layer kinds: a class that names its kind is known here, and nowhere else by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costmodel.errors import SpecError, UnknownNameError
from costmodel.layers.formulas import Formulas

if TYPE_CHECKING:
    from costmodel.layers.base import Layer

_KINDS: dict[str, type[Layer]] = {}


def register(layer: type[Layer]) -> None:
    """Make a kind known under its name, which no other class may have; defining the same class again replaces it."""
    name = layer.kind_name()
    known = _KINDS.get(name)
    if known is not None and _place(known) != _place(layer):
        owner, other = (f"{each.__module__}.{each.__name__}" for each in (known, layer))
        raise SpecError(f"the layer kind {name!r} is {owner} already; give the kind of {other} another name")
    if not isinstance(getattr(layer, "formulas", None), Formulas):
        raise SpecError(f"the layer kind {name!r} must declare its 'formulas'")
    _KINDS[name] = layer


def _place(layer: type[Layer]) -> str:
    return f"{layer.__module__}.{layer.__qualname__}"


def kinds() -> dict[str, type[Layer]]:
    """Every known layer kind by name, in order of definition."""
    return dict(_KINDS)


def kind(name: str) -> type[Layer]:
    """The class of a layer kind; raises with the nearest names where there is none."""
    if name not in _KINDS:
        raise UnknownNameError("layer kind", name, _KINDS)
    return _KINDS[name]


def parse_layer(spec: object) -> Layer:
    """The layer that a mapping with a `kind` describes.

    >>> parse_layer({"kind": "linear", "out_features": 10}).bias
    True
    """
    if not isinstance(spec, Mapping):
        raise SpecError(f"a layer must be an object with a 'kind' (got {type(spec).__name__})")
    name = spec.get("kind")
    if not isinstance(name, str):
        raise SpecError(f"a layer must name its 'kind' as text (got {name!r})")
    fields: dict[str, Any] = {str(key): value for key, value in spec.items()}
    return kind(name)(**fields)
