"""fvcore's `FlopCountAnalysis`."""

from __future__ import annotations

from typing import Final

from costmodel.counting.tools.tool import (
    MEAN_NOT_COUNTED,
    MHA_WITH_WEIGHTS,
    NOT_COUNTED,
    PROJECTIONS,
    PROJECTIONS_ONLY,
    STATISTICAL_NORMS,
    Tool,
    each,
)

UPSAMPLED = "4 for each element of the output, 1 if nearest"
FVCORE: Final = Tool(
    name="fvcore",
    tool="fvcore",
    version="0.1.5.post20221221",
    unit="flops",
    weights={"macs": 1},
    rules={
        **each(["batch_norm"], "(1 + a)*output_elements", "2 for each element, 1 without scale and shift"),
        **each(STATISTICAL_NORMS, "(4 + a)*output_elements", "5 for each element, 4 without scale and shift"),
        **each(["global_avg_pool", "adaptive_avg_pool2d"], "input_elements", "1 for each element of the input"),
        **each(
            ["upsample2d"],
            "output_elements*(1 + 3*min(1, i_l))",
            UPSAMPLED,
        ),
        **each(
            ["resize"], "output_elements*(1 + 3*min(1, i_l))*(1 - min(1, i_c))", f"{UPSAMPLED}, 0 if cubic: of images"
        ),
        **each(["grid_sample"], "4*output_elements", "4 for each element of the output"),
        **each(["attention", "lstm", "gru", "rnn"], "0", NOT_COUNTED),
        **each(["multi_head_attention"], PROJECTIONS, PROJECTIONS_ONLY),
        **each(["einsum"], "macs + e_m//2", "1 for two products that are not summed"),
    },
    operators=each(["global_avg_pool"], "0", MEAN_NOT_COUNTED),
    meaning='"flops", one for each multiply-accumulate; normalization, averages and upsampling too',
    reads="the operators of a traced PyTorch model",
    source="fvcore, fvcore/nn/flop_count.py and jit_handles.py",
    notes=(
        "an einsum's number is rounded to four digits, but for two equations",
        "operators without a rule count nothing; a warning names them",
        MHA_WITH_WEIGHTS,
        "under torch.no_grad(), multi-head attention may run as one operator that is not counted",
    ),
)
