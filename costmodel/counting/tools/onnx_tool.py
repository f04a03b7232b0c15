"""onnx-tool's `model_profile`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    BIASES,
    CONVOLUTIONS,
    PRODUCTS,
    PROJECTIONS,
    Tool,
    each,
)

OUTPUTS = "kernel and output channels for each element of the output; and the bias"
ONNX_TOOL: Final = Tool(
    name="onnx-tool",
    tool="onnx-tool",
    version="1.0.1",
    unit="MACs",
    weights={"macs": 1},
    rules={
        **each([*CONVOLUTIONS, "linear"], "macs + additions", "and 1 for each output element: the bias"),
        **each(
            ["batch_norm"],
            "output_elements",
            "1 for each element: exporters fold it into the convolution before it, as a bias",
        ),
        **each(["relu"], "output_elements", "1 for each element: a comparison"),
        **each(["relu6"], "2*output_elements", "2 for each element: two comparisons"),
        **each(["leaky_relu"], "2*output_elements", "2 for each element"),
        **each(["sigmoid"], "32*output_elements", "32 for each element: an exponential"),
        **each(["silu"], "33*output_elements", "33 for each element: an exponential and a product"),
        **each(["hard_sigmoid"], "4*output_elements", "4 for each element"),
        **each(["hard_swish"], "5*output_elements", "5 for each element"),
        **each(["elu"], "35*output_elements", "35 for each element, 32 of them the exponential"),
        **each(["local_response_norm"], "(37 + z)*output_elements", "37 for each element and 1 for each of its window"),
        **each(["upsample2d"], "4*multiplications/3", "4 for each element of the output, 0 if nearest"),
        **each(["instance_norm"], "7*output_elements", "7 for each element"),
        **each(["tanh"], "76*output_elements", "76 for each element"),
        **each(["softmax"], "36*output_elements", "36 for each element: an exponential and a division"),
        **each(["add", "multiply"], "(t - 1)*output_elements", "1 for each element"),
        **each(["layer_norm"], "7*output_elements + 29*m", "7 for each element, 29 for each mean and variance"),
        **each(["max_pool1d", "avg_pool1d"], "k*output_elements", "the window for each element of the output"),
        **each(["max_pool2d", "avg_pool2d"], "k_h*k_w*output_elements", "the window for each element of the output"),
        **each(["max_pool3d", "avg_pool3d"], "k_d*output_elements", "the window's depth for each output element"),
        **each(
            ["adaptive_avg_pool2d", "adaptive_max_pool2d", "global_max_pool"],
            "input_elements",
            "1 for each element of the input: exported as windows",
        ),
        **each(
            ["global_avg_pool"],
            "input_elements + 4*output_elements",
            "1 for each element of the input, 4 for each of the output: a division",
        ),
        **each(["gelu"], "(7 + 77*j)*output_elements", "7 for each element, 84 for the tanh approximation"),
        **each(
            ["multi_head_attention"],
            f"{PROJECTIONS} + {PRODUCTS} + {BIASES} + n*(l_q*h + l_k*h_kv)*d_k + (36 + mask)*n*h*l_q*l_k + 76",
            "also the biases, a scale for queries and keys, 36 for each score, and 76 for its arithmetic of sizes",
        ),
        **each(
            ["attention"],
            f"{PRODUCTS} + n*h*(l_q + l_k)*d_k + (36 + mask)*n*h*l_q*l_k + 76",
            "also a scale for queries and keys, 36 for each score, and 76 for its arithmetic of sizes",
        ),
        **each(["conv_transpose1d"], "n*c_o*l_o*(c_o//g)*k + additions", OUTPUTS),
        **each(["conv_transpose2d"], "n*c_o*h_o*w_o*(c_o//g)*k_h*k_w + additions", OUTPUTS),
        **each(["conv_transpose3d"], "n*c_o*d_o*h_o*w_o*(c_o//g)*k_d*k_h*k_w + additions", OUTPUTS),
        **each(["group_norm"], "(7 + 2*a)*output_elements", "9 for each element, 7 without scale and shift"),
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
    operators=each(["global_avg_pool"], "input_elements", "1 for each element of the input"),
    refused=("rnn",),
    meaning="instructions of a processor without a fused multiply-add, a multiply-accumulate as one",
    reads="an ONNX file, in which exporters have folded batch-norm",
    source="onnx-tool, onnx_tool/node.py",
    notes=("a file with symbolic sizes is refused",),
)
