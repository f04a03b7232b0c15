"""torchprofile's `profile_macs`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    DENSE,
    MEANS,
    NOT_COUNTED,
    PRODUCTS,
    PROJECTIONS,
    STATISTICAL_NORMS,
    WINDOW_AVG_POOLS,
    Tool,
    each,
)

OUTPUTS = "kernel and input channels for each element of the output, where each element of the input has that work"
CHANNELS = "(c_i//g + (c_i - c_i//g)*min(1, max(c_i - c_o, c_o - c_i)))"
"""All input channels, or those of a group where as many channels come out as go in."""
UPSAMPLED = "4 for each element of the output, 0 if nearest"
TORCHPROFILE: Final = Tool(
    name="torchprofile",
    tool="torchprofile",
    version="0.1.0",
    unit="MACs",
    weights={"macs": 1},
    rules={
        **each(["conv_transpose1d"], f"n*c_o*l_o*{CHANNELS}*k", OUTPUTS),
        **each(["conv_transpose2d"], f"n*c_o*h_o*w_o*{CHANNELS}*k_h*k_w", OUTPUTS),
        **each(["conv_transpose3d"], f"n*c_o*d_o*h_o*w_o*{CHANNELS}*k_d*k_h*k_w", OUTPUTS),
        **each(
            ["batch_norm", *STATISTICAL_NORMS],
            "a*output_elements",
            "1 for each element, 0 without scale and shift",
        ),
        **each([*MEANS, *WINDOW_AVG_POOLS], "output_elements", "1 for each element of the output"),
        **each(["multiply", "leaky_relu"], "output_elements", "1 for each element"),
        **each(["upsample2d"], "4*output_elements*min(1, i_l)", UPSAMPLED),
        **each(["resize"], "4*output_elements*min(1, i_l)", f"{UPSAMPLED}: of images"),
        **each(["reduce_mean"], "output_elements", "1 for each element of the output"),
        **each(["attention"], PRODUCTS, DENSE),
        **each(["multi_head_attention"], f"{PROJECTIONS} + {PRODUCTS} + 4", "also 4 products of sizes"),
        **each(["einsum"], "e_c + e_m", "1 for each product, summed or not"),
        **each(["lstm"], "4*n*l_i*d*c_r*(c_i + c_r + (layers - 1)*(d + 1)*c_r)", "no projection"),
        **each(["gru", "rnn"], "0", NOT_COUNTED),
    },
    meaning="multiply-accumulates; normalization, averages and products of elements too",
    reads="the operators of a traced PyTorch model",
    source="torchprofile, torchprofile/handlers.py",
    notes=("products of sizes in the model's own shape arithmetic count 1 each",),
)
