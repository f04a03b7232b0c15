"""How common implementations of zoo networks write single operations: some tools count by that.

Only what is not a PyTorch module is listed, by layer kind or by the name of a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from costmodel.counting.tools.tool import Way

WRITTEN: Final[Mapping[str, Mapping[str, Way]]] = MappingProxyType({
    "densenet": {"norm.relu": "function", "global_avg_pool": "function"},
    "googlenet": {"relu": "function"},
    "inception_v3": {
        "relu": "function", "max_pool2d": "function", "pool1": "module", "pool2": "module", "avg_pool2d": "function",
    },
    "mnasnet": {"global_avg_pool": "operator"},
    "mobilenet_v2": {"global_avg_pool": "function"},
    "shufflenet_v2": {"global_avg_pool": "operator"},
})  # fmt: skip
"""The ways of torchvision 0.29's models, by family, and by layer kind or name."""


def written(family: str) -> dict[str, Way]:
    """How the common implementation of a family writes its operations, where that is not as modules.

    >>> written("mobilenet_v2")
    {'global_avg_pool': 'function'}
    """
    return dict(WRITTEN.get(family, {}))
