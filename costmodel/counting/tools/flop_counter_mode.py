"""PyTorch's own `torch.utils.flop_counter.FlopCounterMode`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import Tool

FLOP_COUNTER_MODE: Final = Tool(
    name="FlopCounterMode",
    tool="FlopCounterMode",
    version="torch 2.13.0",
    unit="FLOPs",
    weights={"macs": 2},
    meaning="two for each multiply-accumulate of convolutions and matrix products",
    reads="PyTorch's basic operators as they run",
    source="PyTorch, torch/utils/flop_counter.py",
    notes=("on a CPU, scaled dot-product attention and LSTM run as one operator that is not counted",),
)
