"""Wider and narrower: a factor on the channels, kept consistent through additions, groups and outputs."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Annotated, ClassVar, Final

from pydantic import BeforeValidator

from costmodel.algebra import equal, round_to_multiple
from costmodel.algebra.dimension import Dim as PositiveDim
from costmodel.algebra.types import Dim
from costmodel.layers import Layer
from costmodel.transform.base import Plan, Scaling
from costmodel.transform.changes import Kept
from costmodel.transform.channels import Widths
from costmodel.transform.convolution import with_fields
from costmodel.transform.edits import Edit
from costmodel.transform.graph import Graph
from costmodel.transform.selection import select
from costmodel.transform.tracing import NOT_MEANT, trace
from costmodel.zoo.family import Number

_FACTOR: Final = Number("times as many channels", real=True)


class Width(Scaling):
    """Every convolution and linear layer with a factor times its output channels.

    A width is rounded to the nearest multiple of `multiple` and of the groups that divide it, never below 90 %, as in
    MobileNetV2. What must agree does: both sides of an addition, the parts of a concatenation, groups; the network's
    outputs keep their channels. A layer whose channels another one takes for a fixed size keeps its own.
    """

    name: ClassVar[str] = "width"
    keeps_shapes: ClassVar[bool] = False
    factor: Annotated[Dim, BeforeValidator(_FACTOR.convert)]
    multiple: PositiveDim = 1

    def plan(self, graph: Graph) -> Plan:
        """The layers with their new widths."""
        meant = select(graph, self.what, self.only, (Layer,)) if self.what or self.only else graph.network.steps
        traced = trace(graph.network, {step.node.name for step in meant})
        new = traced.widths.all(self._chosen(traced.widths))
        edits, kept = [], []
        for name, fields in traced.fields(new).items():
            node = graph.steps[name].node
            if all(equal(getattr(node.layer, field), value) for field, value in fields.items()):
                reason = traced.widths.reasons.get(name, "its rounded width is the same")
                kept += [] if reason == NOT_MEANT else [Kept(name, reason, str(self))]
                continue
            layer = with_fields(node.layer, **fields)
            edits.append(Edit(name, (name,), (node.model_copy(update={"layer": layer}),), {}))
        return Plan(tuple(edits), tuple(kept))

    def _chosen(self, widths: Widths) -> dict[str, Dim]:
        """The rounded widths of the layers that decide all others."""
        needed = widths.multiples()
        found = {}
        for name in widths.free():
            wide = widths.before[name] * self.factor
            multiple = lcm(self.multiple, needed[name]) if isinstance(self.multiple, int) else self.multiple
            is_number = isinstance(wide, (int, Fraction))
            found[name] = round_to_multiple(wide, multiple) if is_number or not equal(self.multiple, 1) else wide
        return found
