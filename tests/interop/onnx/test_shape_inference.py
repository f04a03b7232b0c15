"""ONNX's own shape inference beside ours, on the exported models beside the repository."""

from pathlib import Path

import onnx
import pytest

from tests.interop.onnx.test_shared_models import MODELS
from tests.interop.onnx.walked import walked


@pytest.mark.parametrize("name", [f"{name}{end}" for name in MODELS for end in ("", ".dynbatch")])
def test_every_size_that_onnx_infers_is_ours(shared: Path, name: str) -> None:
    model = onnx.load(shared / "data" / "models" / f"{name}.onnx", load_external_data=False)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    _, ours = walked(model)
    known = [info for info in (*inferred.value_info, *inferred.output) if info.type.tensor_type.HasField("shape")]
    outputs = {output for node in model.graph.node for output in node.output if output}
    assert outputs <= ours.keys()
    assert len(known) > 0.9 * len(outputs)
    for info in known:
        theirs = info.type.tensor_type.shape.dim
        assert len(theirs) == len(ours[info.name])
        for their, our in zip(theirs, ours[info.name], strict=True):
            assert not their.HasField("dim_value") or their.dim_value == our, info.name
