"""The FLOPs profiler of DeepSpeed, and calflops, which began as a copy of it."""

from __future__ import annotations

from typing import Final

from costmodel.counting.conventions import Rule
from costmodel.counting.tools.tool import (
    ADAPTIVE_POOLS,
    CONVOLUTIONS,
    MEAN_NOT_COUNTED,
    STATISTICAL_NORMS,
    TRANSPOSED,
    WINDOW_POOLS,
    Tool,
    each,
)

BIAS = "and 1 for each output element: the bias"
SHARED_RULES: Final = {
    **each(CONVOLUTIONS, "2*macs + additions", BIAS),
    **each(["batch_norm"], "(1 + a)*output_elements", "2 for each element, 1 without scale and shift"),
    **each(STATISTICAL_NORMS, "(4 + a)*output_elements", "5 for each element, 4 without scale and shift"),
    **each(["relu", "elu", "leaky_relu", "silu", "gelu", "softmax"], "output_elements", "1 for each element"),
    **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "input_elements", "1 for each element of the input"),
}
OPERATORS = "operators such as x + y and x * y count nothing; torch.add and torch.mul do"
READS = "functions of torch.nn.functional and torch, by replacing them"


def _both(
    tool: str, version: str, source: str, rules: dict[str, Rule], *, needs_params: bool, notes: tuple[str, ...]
) -> tuple[Tool, Tool]:
    """The two numbers of a profiler: FLOPs and MACs."""
    flops = Tool(
        name=f"{tool}-flops",
        tool=tool,
        version=version,
        unit="FLOPs",
        weights={"macs": 2},
        rules={**SHARED_RULES, **rules},
        functions=each(["add", "multiply", "relu6"], "output_elements", "1 for each element"),
        operators=each(["global_avg_pool"], "0", MEAN_NOT_COUNTED),
        needs_params=needs_params,
        meaning="two for each multiply-accumulate; biases, normalization, activations and pooling too",
        reads=READS,
        source=source,
        notes=(OPERATORS, *notes),
    )
    macs = Tool(
        name=f"{tool}-macs",
        tool=tool,
        version=version,
        unit="MACs",
        weights={"macs": 1},
        needs_params=needs_params,
        meaning="multiply-accumulates",
        reads=READS,
        source=source,
        notes=notes,
    )
    return flops, macs


DEEPSPEED: Final = _both(
    "deepspeed",
    "0.19.8",
    "DeepSpeed, deepspeed/profiling/flops_profiler/profiler.py",
    {
        **each(TRANSPOSED, "2*macs + additions", BIAS),
        **each(["upsample2d"], "output_elements", "1 for each element of the output"),
    },
    needs_params=False,
    notes=(),
)
CALFLOPS: Final = _both(
    "calflops",
    "0.3.2",
    "calflops, calflops/pytorch_ops.py and calculate_pipline.py",
    {
        **each(["upsample2d"], "input_elements", "1 for each element of the input"),
    },
    needs_params=True,
    notes=("after one failed call, later counts are multiplied by four",),
)
