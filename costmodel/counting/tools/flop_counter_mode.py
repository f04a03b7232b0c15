"""PyTorch's own `torch.utils.flop_counter.FlopCounterMode`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import MHA_WITH_WEIGHTS, NOT_COUNTED, PROJECTIONS, PROJECTIONS_ONLY, Tool, each

FLOP_COUNTER_MODE: Final = Tool(
    name="FlopCounterMode",
    tool="FlopCounterMode",
    version="torch 2.13.0",
    unit="FLOPs",
    weights={"macs": 2},
    rules={
        **each(["lstm"], "2*proj*macs", "not counted without a projection"),
        **each(["attention"], "0", NOT_COUNTED),
        **each(["multi_head_attention"], f"2*{PROJECTIONS}", PROJECTIONS_ONLY),
    },
    meaning="two for each multiply-accumulate of convolutions and matrix products",
    reads="PyTorch's basic operators as they run",
    source="PyTorch, torch/utils/flop_counter.py",
    notes=(
        "on a CPU, scaled dot-product attention, and LSTM without a projection, are one operator that is not counted",
        MHA_WITH_WEIGHTS,
    ),
)
