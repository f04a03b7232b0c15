"""onnx-tool's `model_profile`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    ADAPTIVE_POOLS,
    BIASES,
    CONVOLUTIONS,
    PRODUCTS,
    PROJECTIONS,
    Tool,
    each,
)

PER_ELEMENT: Final = {
    1: (
        "relu", "subtract", "modulo", "negate", "absolute", "ceil", "sign", "round", "floor", "compare", "logical",
        "maximum", "minimum",
    ),
    2: ("relu6", "clip", "leaky_relu", "prelu"),
    4: ("divide", "reciprocal", "hard_sigmoid"),
    5: ("hard_swish",),
    7: ("instance_norm",),
    24: ("sqrt",),
    32: ("exp", "power", "square", "sigmoid"),
    33: ("silu",),
    35: ("elu",),
    36: ("softmax",),
    39: ("sin", "cos"),
    43: ("log",),
    64: ("atan",),
    76: ("tanh", "softplus"),
    80: ("log_softmax",),
    153: ("mish",),
}  # fmt: skip
"""What an element of the output counts for: a processor's instructions, as the tool estimates them."""
REDUCTIONS = ("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod")
REFUSED = (
    "rnn", "selu", "celu", "softsign", "threshold", "tan", "asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh",
    "reduce_l1", "reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp",
)  # fmt: skip
WINDOW = "the window for each element of the output"
BIAS = "and 1 for each output element: the bias"
OUTPUTS = "kernel and output channels for each element of the output; and the bias"
SCORES = "n*(l_q*h + l_k*{heads})*d_k + (36 + mask)*n*h*l_q*l_k + 76"
SCORES_MEANING = "a scale for queries and keys, 36 for each score, and 76 for the arithmetic of sizes"
ONNX_TOOL: Final = Tool(
    name="onnx-tool",
    tool="onnx-tool",
    version="1.0.1",
    unit="MACs",
    weights={"macs": 1},
    rules={
        **{
            kind: rule
            for number, kinds in PER_ELEMENT.items()
            for kind, rule in each(kinds, f"{number}*output_elements", f"{number} for each element").items()
        },
        **each(
            [*CONVOLUTIONS, "dynamic_conv", "linear"], "macs + additions", "and 1 for each output element: the bias"
        ),
        **each(["conv_transpose1d"], "n*c_o*l_o*(c_o//g)*k + additions", OUTPUTS),
        **each(["conv_transpose2d"], "n*c_o*h_o*w_o*(c_o//g)*k_h*k_w + additions", OUTPUTS),
        **each(["conv_transpose3d"], "n*c_o*d_o*h_o*w_o*(c_o//g)*k_d*k_h*k_w + additions", OUTPUTS),
        **each(
            ["batch_norm"],
            "output_elements",
            "1 for each element: exporters fold it into the convolution before it, as a bias",
        ),
        **each(["layer_norm"], "7*output_elements + 29*m", "7 for each element, 29 for each mean and variance"),
        **each(["group_norm"], "(7 + 2*a)*output_elements", "9 for each element, 7 without scale and shift"),
        **each(["local_response_norm"], "(37 + z)*output_elements", "37 for each element and 1 for each of its window"),
        **each(["gelu"], "(7 + 77*j)*output_elements", "7 for each element, 84 for the tanh approximation"),
        **each(["add", "multiply"], "(t - 1)*output_elements", "1 for each element"),
        **each(["max_pool1d", "avg_pool1d"], "k*output_elements", WINDOW),
        **each(["max_pool2d", "avg_pool2d"], "k_h*k_w*output_elements", WINDOW),
        **each(["max_pool3d", "avg_pool3d"], "k_d*output_elements", "the window's depth for each output element"),
        **each(ADAPTIVE_POOLS, "input_elements", "1 for each element of the input: exported as windows"),
        **each(
            ["global_avg_pool"],
            "input_elements + 4*output_elements",
            "1 for each element of the input, 4 for each of the output: a division",
        ),
        **each(REDUCTIONS, "input_elements", "1 for each element of the input"),
        **each(["reduce_l2"], "25*input_elements", "25 for each element of the input"),
        **each(["cumsum"], "output_elements", "1 for each element"),
        **each(["upsample2d"], "4*output_elements*min(1, i_l)", "4 for each element of the output, 0 if nearest"),
        **each(
            ["resize"],
            "(4*min(1, i_l) + 8*min(1, i_c))*output_elements",
            "4 for each element of the output, 8 if cubic, 0 if nearest",
        ),
        **each(["attention"], f"{PRODUCTS} + {SCORES.format(heads='h')}", f"also {SCORES_MEANING}"),
        **each(
            ["multi_head_attention"],
            f"{PROJECTIONS} + {PRODUCTS} + {BIASES} + {SCORES.format(heads='h_kv')}",
            f"also the biases, {SCORES_MEANING}",
        ),
        **each(["einsum"], "e_c + e_m", "1 for each product, summed or not"),
        **each(
            ["lstm"],
            "n*l_i*c_h*(4*d*(c_i + c_r + (layers - 1)*(d + 1)*c_r) + layers*(8*b*d + 180))",
            "also 180 for each cell of one direction, and the biases",
        ),
        **each(
            ["gru"],
            "n*l_i*c_h*(3*d*(c_i + c_h + (layers - 1)*(d + 1)*c_h) + layers*(6*b*d + 110))",
            "also 110 for each cell of one direction, and the biases",
        ),
    },
    operators={
        **each(["batch_norm"], "31*output_elements", "31 for each element where it is not folded"),
        **each(["gelu"], "34*output_elements", "34 for each element where it is one operator"),
        **each(["global_avg_pool"], "input_elements", "1 for each element of the input"),
    },
    refused=REFUSED,
    meaning="instructions of a processor without a fused multiply-add, a multiply-accumulate as one",
    reads="an ONNX file, in which exporters have folded batch-norm",
    source="onnx-tool, onnx_tool/node.py",
    notes=(
        "a file with symbolic sizes is refused",
        "operations on sizes in the file count too",
        "layer norm over several axes is taken to have a mean for each element of all but the first of them",
    ),
)
