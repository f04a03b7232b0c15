"""How common implementations of zoo networks write single operations: some tools count by that.

Only what is not a PyTorch module is listed.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from costmodel.counting.tools.tool import Way

WRITTEN: Final = MappingProxyType({
    "densenet": {"relu": "function", "global_avg_pool": "function"},
    "googlenet": {"relu": "function"},
    "inception_v3": {"relu": "function", "max_pool2d": "function", "avg_pool2d": "function"},
    "mnasnet": {"global_avg_pool": "operator"},
    "mobilenet_v2": {"global_avg_pool": "function"},
    "shufflenet_v2": {"global_avg_pool": "operator"},
})  # fmt: skip
"""The ways of torchvision 0.29's models, by family and layer kind."""


def written(family: str) -> dict[str, Way]:
    """How the common implementation of a family writes its layer kinds, where that is not as modules.

    >>> written("mobilenet_v2")
    {'global_avg_pool': 'function'}
    """
    return dict(WRITTEN.get(family, {}))
