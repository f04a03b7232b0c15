"""Names that mean one thing: spellings of a device, and what benchmarks call the networks of the zoo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "mobilenet_v1": ("mobilenet",),
    "mobilenet_v3_large": ("mobilenet_v3",),
    "mnasnet_b1": ("mnasnet", "mnasnet1_0"),
    "shufflenet_v1_g3": ("shufflenet", "shufflenet_v1"),
    "shufflenet_v2_x1_0": ("shufflenet_v2",),
    "squeezenet1_1": ("squeezenet", "squeezenet_v1.1"),
    "googlenet": ("inception_v1", "bvlc_googlenet"),
    "resnet50": ("resnet", "resnet_v1_50"),
    "vgg16": ("vgg", "vgg16_bn"),
    "densenet121": ("densenet",),
    "efficientnet_b0": ("efficientnet",),
    "nasnet_a_mobile": ("nasnet_a", "nasnet", "nasnet_mobile"),
    "vit_b_16": ("vit", "vit_base_patch16_224"),
})  # fmt: skip
"""Other names of a zoo network: ncnn's benchmark page, torchvision, Keras, TF-Slim, timm, and the zoo's own families.

Some mean two networks: `squeezenet` is version 1.1 on ncnn's page and 1.0 in the zoo. So a name alone keeps what is
unseen out of what is known beforehand (`same_network`), and never makes two measured networks one (`one_network`).
"""

ENDINGS: Final = r"\.(param|onnx|json|tflite|pt|pth)$|[-_](int8|uint8|quant|quantized|fp16|fp32|float)$"
"""Endings of files, and of precisions, that belong to no name."""

SIZES: Final = r"[-_](0\.\d+|1\.\d+)[-_](\d{2,4})$"
"""What TensorFlow's hosted models append to a name: a width and a resolution, `mobilenet_v1_0.75_192`."""

LONGEST_ENDING: Final = 40
"""Characters of a name in which its last ending is looked for: names come from files, and may be all endings."""


def same_device(device: str) -> str:
    """What two spellings of one device have in common: its letters and digits, in one case.

    >>> same_device("Google  Pixel-1 ") == same_device("google pixel 1")
    True
    """
    return "".join(letter for letter in device.casefold() if letter.isalnum())


def one_spelling(devices: Iterable[str]) -> dict[str, str]:
    """Each device, and the first of its spellings: what is counted and dealt, so that none counts twice.

    >>> one_spelling(["Pixel 1", "pixel-1", "Pixel 3"])
    {'Pixel 1': 'Pixel 1', 'pixel-1': 'Pixel 1', 'Pixel 3': 'Pixel 3'}
    """
    spelled = list(dict.fromkeys(devices))
    first = {same_device(device): device for device in sorted(spelled, reverse=True)}
    return {device: first[same_device(device)] for device in spelled}


def same_network(network: str) -> str:
    """What two names of one network have in common: the zoo's name of it, or else its own, as letters and digits.

    Case, signs, the ending of a file, of a precision, and sizes within the name do not count.

    >>> same_network("MobileNet-V2.param") == same_network("mobilenet_v2_1.0_224_quant.tflite")
    True
    >>> same_network("mobilenet") == same_network("mobilenet_v1"), same_network("mobilenet_ssd") == same_network("vgg")
    (True, False)
    """
    name, before = network.strip(), ""
    while name != before:
        before, found = name, _UNNAMED.search(name, max(0, len(name) - LONGEST_ENDING))
        name = name[: found.start()] if found else name
    return _ZOO_NAMES.get(same_device(name), same_device(name))


_UNNAMED: Final = re.compile(f"{ENDINGS}|{SIZES}", re.IGNORECASE)
_ZOO_NAMES: Final = {same_device(name): same_device(zoo) for zoo, names in NAMES.items() for name in names}
