"""Shared weights: nodes that use another node's are counted without any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costmodel.algebra import Dim, equal
from costmodel.errors import GraphError, UnknownNameError

if TYPE_CHECKING:
    from costmodel.network.graph import Step


def check_shared_weights(network: str, steps: Iterable[Step]) -> None:
    """A node can only use weights that another node owns, of its own kind and as many as it needs."""
    by_name = {step.node.name: step for step in steps}
    owners = {name: step for name, step in by_name.items() if step.node.shares is None}
    for name, step in by_name.items():
        _check_borrowed(network, step)
        lender = step.node.shares
        if lender is None:
            continue
        if lender not in owners:
            problem = UnknownNameError("node with weights of its own", lender, owners)
            raise GraphError(f"{network}, {name}: {problem}")
        kinds = step.node.layer.kind, owners[lender].node.layer.kind
        sizes = _weights(step), _weights(owners[lender])
        if kinds[0] != kinds[1] or not equal(*sizes):
            raise GraphError(
                f"{network}, {name}: shared weights must be of one kind and size"
                f" (got {sizes[1]} of {kinds[1]} in {lender!r} for {sizes[0]} of {kinds[0]})"
            )


def _check_borrowed(network: str, step: Step) -> None:
    """A node can only borrow elements that it has, and either some or, from one lender, all."""
    borrowed = step.node.borrowed_elements
    if equal(borrowed, 0):
        return
    _, params, _ = step.node.layer.formulas.evaluate(step.symbols)
    if step.node.shares is not None:
        raise GraphError(f"{network}, {step.node.name}: it 'shares' all of its weights, so it borrows no others")
    if isinstance(borrowed, int) and isinstance(params, int) and borrowed > params:
        raise GraphError(
            f"{network}, {step.node.name}: 'borrowed_elements' must be at most its {params} parameters (got {borrowed})"
        )


def _weights(step: Step) -> Dim:
    """The elements of a node's weights, whoever owns them."""
    _, params, buffers = step.node.layer.formulas.evaluate(step.symbols)
    return params + buffers
