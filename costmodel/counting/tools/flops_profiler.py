"""The FLOPs profiler of DeepSpeed, and calflops, which began as a copy of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from costmodel.counting.conventions import Rule
from costmodel.counting.tools.tool import (
    ADAPTIVE_POOLS,
    CONVOLUTIONS,
    DENSE,
    MEAN_NOT_COUNTED,
    NOT_COUNTED,
    PRODUCTS,
    PROJECTIONS,
    PROJECTIONS_ONLY,
    STATISTICAL_NORMS,
    TRANSPOSED,
    WINDOW_POOLS,
    Tool,
    each,
    recurrent,
)

BIAS = "and 1 for each output element: the bias"
SHARED_RULES: Final = {
    **each([*CONVOLUTIONS, "dynamic_conv"], "2*macs + additions", BIAS),
    **each(["batch_norm"], "(1 + a)*output_elements", "2 for each element, 1 without scale and shift"),
    **each(STATISTICAL_NORMS, "(4 + a)*output_elements", "5 for each element, 4 without scale and shift"),
    **each(["relu", "elu", "leaky_relu", "prelu", "silu", "gelu", "softmax"], "output_elements", "1 for each element"),
    **each([*WINDOW_POOLS, *ADAPTIVE_POOLS], "input_elements", "1 for each element of the input"),
    **each(["lstm"], recurrent(2, 4, "2 + 8*b", "c_r"), "also 2 for each cell, and 8 with biases"),
    **each(["gru"], recurrent(2, 3, "1 + 6*b"), "also 1 for each cell, and 6 with biases"),
    **each(["rnn"], recurrent(2, 1, "2*b - 1"), "1 less for each cell, and 2 with biases"),
    **each(["einsum"], "2*e_c + e_m", "1 for each product that is not summed"),
}
WRONG_BIAS: Final = "; a bias for each element that a convolution without transposition would give"
NO_MACS: Final = each(["lstm", "gru", "rnn", "einsum"], "0", "its operations, but not its multiply-accumulates")
OPERATORS = "operators such as x + y and x * y count nothing; torch.add and torch.mul do"
READS = "functions of torch.nn.functional and torch, by replacing them"


def _of_deepspeed(per_mac: int) -> dict[str, Rule]:
    """What deepspeed counts of attention: all that is computed without a mask."""
    return {
        **each(["attention"], f"{per_mac}*{PRODUCTS}", DENSE),
        **each(["multi_head_attention"], f"{per_mac}*({PROJECTIONS} + {PRODUCTS})", DENSE),
    }


def _of_calflops(per_mac: int) -> dict[str, Rule]:
    """What calflops counts in its own way: functions that it does not replace are lost."""
    return {
        **_transposed(per_mac, is_bias_counted=per_mac == 2),
        **each(["attention"], "0", NOT_COUNTED),
        **each(["multi_head_attention"], f"{per_mac}*{PROJECTIONS}", PROJECTIONS_ONLY),
        **each(["matmul"], "0", "the operator @ is not counted"),
    }


def _transposed(per_mac: int, *, is_bias_counted: bool) -> dict[str, Rule]:
    """What calflops counts of transposed convolutions: the groups twice, the bias on a plain convolution's output."""
    rules = {}
    for kind, axes in zip(TRANSPOSED, ("l", "hw", "dhw"), strict=True):
        inputs = "*".join(f"{axis}_i" for axis in axes)
        kernel = "k" if axes == "l" else "*".join(f"k_{axis}" for axis in axes)
        shrunk = "*".join(f"({axis}_i + ({axis}_i + o_{axis} - {axis}_o)//s_{axis})" for axis in axes)
        count = f"{per_mac}*n*c_i*{inputs}*(c_o//g//g)*{kernel}"
        bias = f" + b*n*(c_o//g)*{shrunk}" if is_bias_counted else ""
        rules[kind] = Rule(count=f"{count}{bias}", meaning=f"groups divide twice{WRONG_BIAS if bias else ''}")
    return rules


def _both(
    tool: str,
    version: str,
    source: str,
    rules: dict[str, Rule],
    products: Callable[[int], dict[str, Rule]],
    *,
    needs_params: bool,
    notes: tuple[str, ...],
) -> tuple[Tool, Tool]:
    """The two numbers of a profiler: FLOPs and MACs."""
    flops = Tool(
        name=f"{tool}-flops",
        tool=tool,
        version=version,
        unit="FLOPs",
        weights={"macs": 2},
        rules={**SHARED_RULES, **rules, **products(2)},
        functions={
            **each(["add", "multiply", "relu6"], "output_elements", "1 for each element"),
            **each(["matmul"], "2*macs", "torch.matmul is counted"),
        },
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
        rules={**NO_MACS, **products(1)},
        functions=each(["matmul"], "macs", "torch.matmul is counted"),
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
        **each(["upsample2d", "resize"], "output_elements", "1 for each element of the output"),
    },
    _of_deepspeed,
    needs_params=False,
    notes=(),
)
CALFLOPS: Final = _both(
    "calflops",
    "0.3.2",
    "calflops, calflops/pytorch_ops.py and calculate_pipline.py",
    {
        **each(["upsample2d", "resize"], "input_elements", "1 for each element of the input"),
    },
    _of_calflops,
    needs_params=True,
    notes=("after one failed call, later counts are multiplied by four",),
)
