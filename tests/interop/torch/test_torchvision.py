"""All of torchvision's classification models, where torchvision can be imported."""

import warnings

import pytest

from costmodel.interop.torch import from_torch
from tests.interop.torch.modules import counted_by_torch, elements

torchvision = pytest.importorskip("torchvision", reason="torchvision is not beside this PyTorch", exc_type=ImportError)

SIZES = {"inception_v3": 299, "vit_h_14": 224}
AUXILIARY = {"googlenet": 6_379_984, "inception_v3": 3_326_696}
"""Parameters of classifiers that only training reads."""
MODELS = torchvision.models.list_models(module=torchvision.models)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_torchvision(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torchvision.models.get_model(name)
    size = SIZES.get(name, 224)
    network = from_torch(made, (1, 3, size, size))
    attention = sum(each.ledger.macs for each in network.cost().nodes if each.kind == "attention")
    assert network.cost().macs - attention == counted_by_torch(made, (1, 3, size, size))
    assert network.cost().params == elements(made) - AUXILIARY.get(name, 0)
    assert network.shapes[network.outputs[0]] == (1, 1000)
