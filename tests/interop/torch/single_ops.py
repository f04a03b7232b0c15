"""The 31 single operations that other tools are compared on, as PyTorch modules, and what each is counted as."""

import csv
from pathlib import Path
from typing import Any

from tests.interop.torch.installed import functional, nn, torch
from tests.interop.torch.modules import Function, Tied, Twice, parameter

PLANE = (1, 16, 20, 20)
OPS: dict[str, tuple[Any, ...]] = {
    "Conv2d 3x3 g1": (nn.Conv2d(8, 16, 3, padding=1), (1, 8, 40, 40)),
    "Conv2d grouped g4 dil2 s2": (nn.Conv2d(16, 32, 3, stride=2, dilation=2, groups=4), (1, 16, 26, 26)),
    "Conv2d depthwise": (nn.Conv2d(16, 16, 3, padding=1, groups=16), PLANE),
    "Conv1d": (nn.Conv1d(8, 16, 5), (1, 8, 50)),
    "Conv3d": (nn.Conv3d(3, 8, 3), (1, 3, 8, 8, 8)),
    "ConvTranspose2d k2 s2": (nn.ConvTranspose2d(16, 8, 2, 2), (1, 16, 10, 10)),
    "ConvTranspose2d k3 s2 p1 op1": (nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), (1, 16, 10, 10)),
    "Linear 2D": (nn.Linear(100, 50), (1, 100)),
    "Linear on (1,10,100)": (nn.Linear(100, 50), (1, 10, 100)),
    "Linear batch 8": (nn.Linear(100, 50), (8, 100)),
    "F.linear (functional)": (Function(lambda m, x: functional.linear(x, m.w), w=parameter(50, 100)), (1, 100)),
    "F.conv2d (functional)": (
        Function(lambda m, x: functional.conv2d(x, m.w, padding=1), w=parameter(16, 8, 3, 3)),
        (1, 8, 40, 40),
    ),
    "x @ w": (Function(lambda m, x: x @ m.w, w=parameter(100, 50)), (1, 10, 100)),
    "torch.bmm": (Function(torch.bmm), (4, 10, 16), (4, 16, 20)),
    "einsum bij,bkj->bik": (Function(lambda a, b: torch.einsum("bij,bkj->bik", a, b)), (4, 10, 16), (4, 20, 16)),
    "SDPA (1,4,16,8)": (Function(lambda q: functional.scaled_dot_product_attention(q, q, q)), (1, 4, 16, 8)),
    "MultiheadAttention d64 L16": (
        Function(lambda m, x: m.attention(x, x, x)[0], attention=nn.MultiheadAttention(64, 4, batch_first=True)),
        (1, 16, 64),
    ),
    "LSTM 2x64 L10": (nn.LSTM(32, 64, 2), (10, 1, 32)),
    "GRU 2x64 L10": (nn.GRU(32, 64, 2), (10, 1, 32)),
    "Linear called twice": (Twice(), (1, 64)),
    "tied Linear weights": (Tied(), (1, 64)),
    "BatchNorm2d": (nn.BatchNorm2d(16), PLANE),
    "LayerNorm": (nn.LayerNorm(64), (1, 10, 64)),
    "ReLU": (nn.ReLU(), PLANE),
    "GELU": (nn.GELU(), PLANE),
    "Softmax": (nn.Softmax(-1), (1, 10, 64)),
    "MaxPool2d 2": (nn.MaxPool2d(2), PLANE),
    "AvgPool2d 2": (nn.AvgPool2d(2), PLANE),
    "AdaptiveAvgPool2d 1": (nn.AdaptiveAvgPool2d(1), PLANE),
    "Upsample bilinear x2": (nn.Upsample(scale_factor=2, mode="bilinear"), PLANE),
    "x + x": (Function(lambda x: x + x), PLANE),
}

LEDGERS: dict[str, dict[str, int]] = {
    "BatchNorm2d": {"multiplications": 6400, "additions": 6400},
    "LayerNorm": {"multiplications": 1920, "additions": 2550, "divisions": 30, "transcendentals": 10},
    "ReLU": {"comparisons": 6400},
    "GELU": {"multiplications": 19_200, "additions": 6400, "transcendentals": 6400},
    "Softmax": {"comparisons": 630, "additions": 1270, "transcendentals": 640, "divisions": 640},
    "MaxPool2d 2": {"comparisons": 4800},
    "AvgPool2d 2": {"additions": 4800, "divisions": 1600},
    "AdaptiveAvgPool2d 1": {"additions": 6384, "divisions": 16},
    "Upsample bilinear x2": {"multiplications": 76_800, "additions": 153_600},
    "x + x": {"additions": 6400},
}
"""The textbook's operations of those without multiply-accumulates, on 1x16x20x20 or 1x10x64."""


def exact(shared: Path) -> dict[str, str]:
    """The defined counts by operation, "" for an operation without one."""
    with (shared / "reference" / "peer_single_ops.csv").open(encoding="utf-8") as lines:
        return {row["op"]: row["exact_macs"] for row in csv.DictReader(lines)}
