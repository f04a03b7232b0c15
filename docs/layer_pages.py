"""The pages of the layer families, from the registry.

They say what each kind does, its fields, its formulas as the textbook prints them, their symbols, the assumptions and
the source.
"""

from __future__ import annotations

import sys
from inspect import cleandoc

from markdown_text import as_markdown, document, first_sentence, table

from costmodel.algebra import notation
from costmodel.algebra.vocabulary import MEANING
from costmodel.layers import Layer, kinds
from costmodel.layers.formulas import parameters

KINDS = {name: kind for name, kind in kinds().items() if kind.__module__.startswith("costmodel.")}

ONE, TWO, THREE = "", ", or (height, width)", ", or (depth, height, width)"
ANY = ", or one for each axis"
SIDES = ', or (before, after) for each axis, or `"valid"`, `"same_tensorflow"`, `"same_pytorch"`'
ACCEPTS = {
    "Flag": "true or false",
    "Index": "integer",
    "float": "number",
    "Dim": "dimension",
    "Dim | None": "dimension, or none",
    "EquationText": "text",
    **{f"Axes{axes}": f"dimension{each}" for axes, each in enumerate((ONE, TWO, THREE), 1)},
    **{f"Sizes{axes}": f"dimension or 0{each}" for axes, each in enumerate((ONE, TWO, THREE), 1)},
    **{f"Padding{axes}": f"dimension or 0{each}{SIDES}" for axes, each in enumerate((ONE, TWO, THREE), 1)},
    "Axes": f"dimension{ANY}",
    "Sizes": f"dimension or 0{ANY}",
    "Padding": f"dimension or 0{SIDES}",
    "tuple[Dim, ...]": "dimensions",
    "tuple[Dim, ...] | None": "dimensions",
    "tuple[Size, ...]": "dimensions or 0",
    "tuple[tuple[Offset, Offset], ...]": "(before, after) for each axis: integers of either sign or expressions",
    "tuple[Target, ...]": "dimensions, or -1",
    "tuple[Target, ...] | None": "dimensions, or -1",
    "tuple[Index, ...]": "integers",
    "tuple[Index, ...] | None": "integers",
    "tuple[Step, ...] | None": "integers",
    "tuple[Shift, ...]": "integers",
    "tuple[Ratio, ...] | None": 'positive numbers, or fractions such as `"3/2"`',
    "FiniteFloat": "number",
    "FiniteFloat | None": "number",
    "NumberFormat": "name of a number format",
}
"""What a field takes, by the name of its type; other types are shown as they are."""


def layer_pages() -> dict[str, str]:
    """The overview, and a page for each module that defines layer kinds."""
    families: dict[str, list[type[Layer]]] = {}
    for layer in KINDS.values():
        families.setdefault(layer.__module__, []).append(layer)
    pages = {page_name(module): family_page(module, family) for module, family in families.items()}
    return {"index": overview(), **pages}


def page_name(module: str) -> str:
    """The name of a family's page: that of its module."""
    return module.rpartition(".")[2]


def overview() -> str:
    """Every kind in one table."""
    rows = []
    for name, layer in KINDS.items():
        booked = ", ".join(quantity for quantity, _ in layer.formulas.items()) or "nothing"
        rows.append((f"[`{name}`]({page_name(layer.__module__)}.md#{name})", first_sentence(layer.__doc__), booked))
    return document(
        "# Layers",
        'A *dimension* is a positive integer, an expression, or the text of one, such as `"32*alpha"`; shapes are'
        " batch first, channels second.",
        table(("kind", "what it does", "books"), rows),
    )


def family_page(module: str, family: list[type[Layer]]) -> str:
    """The page of the kinds that one module defines."""
    title, _, rest = cleandoc(sys.modules[module].__doc__ or "").partition("\n\n")
    return document(f"# {title.rstrip('.')}", as_markdown(rest), *map(section, family))


def section(layer: type[Layer]) -> str:
    """What there is to say about one kind."""
    return document(
        f"## `{layer.kind_name()}` {{ #{layer.kind_name()} }}",
        as_markdown(cleandoc(layer.__doc__ or "")),
        _fields(layer),
        _formulas(layer),
        _symbols(layer),
        _assumptions(layer),
        f"Source: {layer.source}.",
    )


def _fields(layer: type[Layer]) -> str:
    rows = [
        (f"`{name}`", _accepts(layer, name), _default(layer, name)) for name in layer.model_fields if name != "kind"
    ]
    return table(("field", "takes", "default"), rows) if rows else "No fields."


def _accepts(layer: type[Layer], field: str) -> str:
    annotation = next(base.__annotations__[field] for base in layer.__mro__ if field in base.__annotations__)
    return ACCEPTS.get(annotation) or f"`{annotation}`".replace("|", r"\|")


def _default(layer: type[Layer], field: str) -> str:
    if not layer.model_fields[field].is_required():
        return f"`{layer.model_fields[field].default!r}`"
    bases = [base for base in layer.__mro__[1:] if issubclass(base, Layer) and field in base.model_fields]
    return "see above" if any(not base.model_fields[field].is_required() for base in bases) else "required"


def _formulas(layer: type[Layer]) -> str:
    rows = [
        (quantity, _math(layer, quantity), cleandoc(formula.__doc__ or ""))
        for quantity, formula in layer.formulas.items()
    ]
    nothing = f"It books no operation: {layer.formulas.free}." if layer.formulas.free else ""
    return document(nothing, table(("quantity", "formula", "because"), rows) if rows else "")


def _math(layer: type[Layer], quantity: str) -> str:
    printed = layer.formulas.notation(quantity)
    return f"${printed.latex() if isinstance(printed, notation.Notation) else printed}$"


def _symbols(layer: type[Layer]) -> str:
    used = dict.fromkeys(name for _, formula in layer.formulas.items() for name in parameters(formula))
    return table(("symbol", "meaning"), [(f"${notation.name(name).latex()}$", MEANING[name]) for name in used])


def _assumptions(layer: type[Layer]) -> str:
    told = [
        *layer.assumptions,
        *(["the output is the input's memory under another shape"] if layer.view else []),
        *(["the output overwrites the input"] if layer.in_place else []),
    ]
    return document("Assumptions:", "\n".join(f"- {assumption}" for assumption in told)) if told else ""
