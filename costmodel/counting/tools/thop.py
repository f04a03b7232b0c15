"""thop's `profile` (pytorch-OpCounter)."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    CONVOLUTIONS,
    FUNCTION_NOT_COUNTED,
    MEAN_NOT_COUNTED,
    MEANS,
    NOT_COUNTED,
    TRANSPOSED,
    WINDOW_AVG_POOLS,
    Tool,
    each,
    recurrent,
)

NORMS = ("batch_norm", "layer_norm", "instance_norm")
OUTPUTS = "kernel and input channels for each element of the output, where each element of the input has that work"
THOP: Final = Tool(
    name="thop",
    tool="thop",
    version="0.1.1.post2209072238",
    unit="MACs",
    weights={"macs": 1},
    rules={
        **each(["conv_transpose1d"], "n*c_o*l_o*(c_i//g)*k", OUTPUTS),
        **each(["conv_transpose2d"], "n*c_o*h_o*w_o*(c_i//g)*k_h*k_w", OUTPUTS),
        **each(["conv_transpose3d"], "n*c_o*d_o*h_o*w_o*(c_i//g)*k_d*k_h*k_w", OUTPUTS),
        **each(
            NORMS,
            "2*(1 + a)*output_elements",
            "4 for each element, 2 without scale and shift",
        ),
        **each(["softmax"], "m*(3*f - 1)", "an exponential, an addition and a division for each element"),
        **each(WINDOW_AVG_POOLS, "output_elements", "1 for each element of the output"),
        **each(MEANS, "input_elements + output_elements", "1 for each element of the input and of the output"),
        **each(
            ["upsample2d"],
            "output_elements*(1 + 10*min(1, i_l))",
            "11 for each element of the output, 1 if nearest",
        ),
        **each(
            ["resize"],
            "output_elements*(1 + 10*min(1, i_l) + 258*min(1, i_c))",
            "11 for each element of the output, 1 if nearest, 259 if cubic: of images",
        ),
        **each(["prelu"], "output_elements", "1 for each element"),
        **each(["matmul", "einsum", "attention", "multi_head_attention", "dynamic_conv"], "0", NOT_COUNTED),
        **each(["lstm"], recurrent(1, 4, "8 + 8*b"), "also 8 for each cell, and 8 with biases"),
        **each(["gru"], recurrent(1, 3, "7 + 6*b"), "also 7 for each cell, and 6 with biases"),
        **each(["rnn"], recurrent(1, 1, "1 + 2*b"), "also 1 for each cell, and 2 with biases"),
    },
    functions=each(
        [
            *CONVOLUTIONS,
            *TRANSPOSED,
            "linear",
            "softmax",
            "prelu",
            *NORMS,
            *WINDOW_AVG_POOLS,
            *MEANS,
            "upsample2d",
            "resize",
        ],
        "0",
        FUNCTION_NOT_COUNTED,
    ),
    operators=each(["global_avg_pool"], "0", MEAN_NOT_COUNTED),
    meaning="multiply-accumulates of the modules that it knows; normalization, averages and upsampling too",
    reads="PyTorch modules of the exact types that it knows, by hooks",
    source="thop, thop/profile.py, thop/vision/basic_hooks.py and calc_func.py, thop/rnn_hooks.py",
    notes=("a module of an unknown type counts nothing and is not named, unless report_missing=True",),
)
