"""`explain`: the algebra of a cost, two costs compared, what a change saves, or what a latency consists of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from costmodel.cli.describe import ALIASES, formats_of, with_symbols
from costmodel.cli.options import AsJson, Batch, Settings, names, pairs
from costmodel.cli.show import show
from costmodel.cli.target import Found, is_file, load
from costmodel.errors import UnknownNameError
from costmodel.layers import kinds
from costmodel.zoo import families, find

OPEN = ("width", "resolution")
"""The parameters of a zoo network that are left open where the user names none."""

UNUSED = {
    "--device": ("--symbols", "--at", "--depth", "--quantity", "--format"),
    "--change": ("--symbols", "--at"),
    "--against": ("--depth",),
    "a layer kind": ("--symbols", "--depth"),
}
"""The options that each way of explaining has no use for."""

Against = Annotated[
    str | None,
    typer.Option("--against", metavar="KIND_OR_TARGET", help="Another cost: their ratio, and where they are equal."),
]
Change = Annotated[
    list[str] | None,
    typer.Option("--change", metavar="NAME=VALUE", help="What this saves at each stage; may be repeated."),
]
At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="NAME=VALUE", help="The point of shares and elasticities; may be repeated."),
]


def explain(
    kind_or_target: Annotated[
        str,
        typer.Argument(
            metavar="KIND_OR_TARGET", help="A network, a layer kind, or layers: 'conv2d:k=3,c_o=c_i + linear'."
        ),
    ],
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="NAME_OR_FILE", help="What takes the time on a calibrated device instead."),
    ] = None,
    symbols: Annotated[
        str | None,
        typer.Option("--symbols", metavar="NAMES", help="Parameters that stay open: width,resolution if not given."),
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            "--quantity", metavar="NAME", help="macs (the default), params, activations, peak_memory_bytes, ..."
        ),
    ] = None,
    against: Against = None,
    change: Change = None,
    at: At = None,
    depth: Annotated[
        int | None, typer.Option("--depth", min=1, metavar="N", help="A stage is a scope of N parts, 1 if not given.")
    ] = None,
    settings: Settings = None,
    batch: Batch = None,
    formats: Annotated[
        str | None, typer.Option("--format", metavar="text,latex", help="How to print formulas.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The algebra of a cost: its order, its elasticities, and which stages dominate as a parameter grows.

    With --against, the ratio of two costs and where one is below the other; with --change, what a change of parameters
    saves at each stage; with --device, what takes the time, term by term of the latency model.
    """
    given = pairs(settings, "--set")
    asked = [name for name, value in (("--device", device), ("--against", against), ("--change", change)) if value]
    if len(asked) > 1:
        raise typer.BadParameter(f"{' and '.join(asked)} ask for different things; give one of them")
    way = asked[0] if asked else "a layer kind" if _is_of_layers(kind_or_target) else ""
    options = {"--symbols": symbols, "--at": at, "--depth": depth, "--quantity": quantity, "--format": formats}
    for name in UNUSED.get(way, ()):
        if options[name] is not None:
            raise typer.BadParameter(f"{name} says nothing of {way}; leave it out")
    if device is not None:
        _latency(kind_or_target, device, given, batch, as_json=as_json)
        return
    if batch is not None:
        given = {**given, "batch": batch}
    point, chosen, what = pairs(at, "--at"), formats_of(formats or "text"), quantity or "macs"
    if against is not None:
        _comparison(kind_or_target, against, symbols, what, given, point, chosen, as_json=as_json)
    elif change:
        _savings(kind_or_target, pairs(change, "--change"), what, depth or 1, given, chosen, as_json=as_json)
    else:
        _algebra(kind_or_target, symbols, what, depth or 1, given, point, chosen, as_json=as_json)


def _algebra(
    target: str,
    symbols: str | None,
    quantity: str,
    depth: int,
    settings: Mapping[str, str],
    point: Mapping[str, str],
    formats: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """One cost."""
    from costmodel.reasoning import overview
    from costmodel.report.algebra import algebra_tables, describe_algebra

    if _is_of_layers(target):
        made = overview(target, quantity=quantity, values=settings, at=point)
    else:
        found, values = _open(target, symbols, settings, point)
        made = overview(found.network, quantity=quantity, at=values, depth=depth)
    show(as_json, lambda: describe_algebra(made), lambda: algebra_tables(made, formats))


def _comparison(
    first: str,
    second: str,
    symbols: str | None,
    quantity: str,
    settings: Mapping[str, str],
    point: Mapping[str, str],
    formats: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Two costs."""
    from costmodel.reasoning import compared
    from costmodel.report.comparison import comparison_tables, describe_comparison

    if _is_of_layers(first) != _is_of_layers(second):
        raise typer.BadParameter("a layer kind is compared with layer kinds, and a network with a network")
    if _is_of_layers(first):
        made = compared(first, second, names(symbols), quantity=quantity, at={**settings, **point})
    else:
        a, values = _open(first, symbols, settings, point)
        b, others = _open(second, symbols, settings, point)
        made = compared(
            a.network, b.network, names(symbols) or tuple(values), quantity=quantity, at={**others, **values}
        )
    show(
        as_json,
        lambda: describe_comparison(first, second, quantity, *made),
        lambda: comparison_tables(quantity, *made, formats),
    )


def _savings(
    target: str,
    change: Mapping[str, str],
    quantity: str,
    depth: int,
    settings: Mapping[str, str],
    formats: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """One network before and after a change."""
    from costmodel.reasoning import savings
    from costmodel.report.savings import describe_savings, savings_tables

    family: Any = load(target, {}).network if is_file(target) else find(target)
    made = savings(family, before=settings, after=change, quantity=quantity, depth=depth)
    show(as_json, lambda: describe_savings(made), lambda: savings_tables(made, formats))


def _latency(target: str, device: str, settings: Mapping[str, str], batch: str | None, *, as_json: bool) -> None:
    """A latency by the terms of its model."""
    from costmodel.calibration import explain as explain_latency
    from costmodel.report.explanation import describe_explanation, explanation_tables

    found = load(target, settings, batch)
    explanation = explain_latency(found.network, device)
    name = found.network.name
    show(
        as_json,
        lambda: describe_explanation(name, explanation, found.settings),
        lambda: explanation_tables(name, explanation, found.settings),
    )


def _open(
    target: str, symbols: str | None, settings: Mapping[str, str], point: Mapping[str, str]
) -> tuple[Found, dict[str, object]]:
    """The network with symbols, and the numbers that stand for them at the point: the parameters' defaults."""
    usual = tuple(name for name in OPEN if not is_file(target) and name in find(target).parameters)
    left = names(symbols) if symbols is not None else tuple(name for name in usual if name not in settings)
    found = with_symbols(target, left, dict(settings), is_default=False)
    if found.family is None:
        return found, dict(point)
    parameters = found.family.parameters
    defaults = {name: parameters[ALIASES.get(name, name) if name not in parameters else name][1] for name in left}
    for name in point:
        if name not in defaults:
            raise UnknownNameError(f"open symbol in {target}", name, defaults)
    return found, {**{name: value for name, value in defaults.items() if value is not None}, **point}


def _is_of_layers(text: str) -> bool:
    """Whether a text names layer kinds: what is no zoo network, and begins with a kind."""
    kind = re.split(r":| \+ ", text, maxsplit=1)[0].rpartition("*")[2].strip()
    if text not in families() and kind in kinds():
        return True
    if text not in families() and not is_file(text):
        if ":" in text or " + " in text:
            raise UnknownNameError("layer kind", kind, kinds())
        raise UnknownNameError("layer kind or zoo network", text, (*kinds(), *families()))
    return False
