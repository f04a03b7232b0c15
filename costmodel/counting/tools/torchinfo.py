"""torchinfo's `summary`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    CONVOLUTIONS,
    FUNCTION_NOT_COUNTED,
    NOT_COUNTED,
    STATISTICAL_NORMS,
    TRANSPOSED,
    Tool,
    each,
)

PARAMETERS = "the parameters, once for each image"
TORCHINFO: Final = Tool(
    name="torchinfo",
    tool="torchinfo",
    version="1.8.0",
    unit="mult-adds",
    weights={"macs": 1},
    rules={
        **each(CONVOLUTIONS, "macs + additions", "and 1 for each output element: the bias"),
        **each(["conv_transpose1d"], "weights*n*l_o", "the parameters for each position of the output"),
        **each(["conv_transpose2d"], "weights*n*h_o*w_o", "the parameters for each position of the output"),
        **each(["conv_transpose3d"], "weights*n*d_o*h_o*w_o", "the parameters for each position of the output"),
        **each(["linear"], "batch*weights", f"{PARAMETERS}, the bias among them"),
        **each(["batch_norm"], "batch*2*a*c", PARAMETERS),
        **each([*STATISTICAL_NORMS, "rms_norm", "embedding", "prelu"], "batch*weights", PARAMETERS),
        **each(["lstm", "gru", "rnn"], "n*l_i*weights", "the parameters for each step, the biases among them"),
        **each(["matmul", "einsum", "attention", "multi_head_attention", "dynamic_conv"], "0", NOT_COUNTED),
    },
    functions=each(
        [*CONVOLUTIONS, *TRANSPOSED, "linear", "batch_norm", *STATISTICAL_NORMS, "rms_norm", "embedding", "prelu"],
        "0",
        FUNCTION_NOT_COUNTED,
    ),
    meaning="parameters of each module, for convolutions times the positions of the output",
    reads="PyTorch modules without submodules, by hooks",
    source="torchinfo, torchinfo/layer_info.py and model_statistics.py",
)
