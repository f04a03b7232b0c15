"""What other tools report: each number that a tool prints, as a convention."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.flop_counter_mode import FLOP_COUNTER_MODE
from costmodel.counting.tools.flops_profiler import CALFLOPS, DEEPSPEED
from costmodel.counting.tools.fvcore import FVCORE
from costmodel.counting.tools.onnx_tool import ONNX_TOOL
from costmodel.counting.tools.ptflops import PTFLOPS_ATEN, PTFLOPS_PYTORCH
from costmodel.counting.tools.thop import THOP
from costmodel.counting.tools.tool import Tool
from costmodel.counting.tools.torchinfo import TORCHINFO
from costmodel.counting.tools.torchprofile import TORCHPROFILE
from costmodel.errors import UnknownNameError

__all__ = ["TOOLS", "Tool", "tool", "tools"]

TOOLS: Final[dict[str, Tool]] = {
    each.name: each
    for each in (
        FVCORE, THOP, PTFLOPS_PYTORCH, PTFLOPS_ATEN, TORCHINFO, *CALFLOPS, FLOP_COUNTER_MODE, *DEEPSPEED,
        TORCHPROFILE, ONNX_TOOL,
    )
}  # fmt: skip
"""Every number that is known, by name."""


def tool(name: str) -> Tool:
    """The number of that name.

    >>> tool("FlopCounterMode").per_mac
    2
    """
    if name not in TOOLS:
        raise UnknownNameError("tool", name, TOOLS)
    return TOOLS[name]


def tools(name: str | None = None) -> tuple[Tool, ...]:
    """The numbers that a tool reports, or all of them; `name` may be that of a single number.

    >>> [each.name for each in tools("deepspeed")]
    ['deepspeed-flops', 'deepspeed-macs']
    """
    if name is None:
        return tuple(TOOLS.values())
    return tuple(each for each in TOOLS.values() if each.tool == name) or (tool(name),)
