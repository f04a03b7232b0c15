"""Specs of networks in JSON, right and wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CONV: dict[str, Any] = {"kind": "conv2d", "out_channels": 4, "kernel": 3}


def node(name: str, layer: object, *inputs: str, **more: object) -> dict[str, Any]:
    """A node that reads the image, or other tensors."""
    return {"name": name, "layer": layer, "inputs": list(inputs or ("image",)), **more}


def network(*nodes: dict[str, Any], **fields: object) -> dict[str, Any]:
    """A network of nodes, whose output is the last one's."""
    spec: dict[str, Any] = {
        "format": "costmodel-network",
        "version": 1,
        "name": "small",
        "inputs": {"image": [1, 3, 8, 8]},
        "nodes": list(nodes),
        "outputs": [nodes[-1]["name"]] if nodes else ["image"],
    }
    return spec | fields


def conv(**fields: object) -> dict[str, Any]:
    """A network of one convolution with these fields."""
    return network(node("conv", CONV | fields))


def write(folder: Path, spec: object, name: str = "spec.json") -> str:
    """The path of a file that holds a spec, or a text, or bytes."""
    path = folder / name
    if isinstance(spec, bytes):
        path.write_bytes(spec)
    else:
        path.write_text(spec if isinstance(spec, str) else json.dumps(spec), encoding="utf-8")
    return str(path)


SYMBOLIC = network(
    node("stem", CONV | {"out_channels": "16*alpha", "stride": 2, "padding": 1}),
    node("stem.relu", {"kind": "relu"}, "stem"),
    node("pool", {"kind": "global_avg_pool", "keepdims": False}, "stem.relu"),
    node("head", {"kind": "linear", "out_features": "classes"}, "pool"),
    inputs={"image": ["batch", 3, "height", 32]},
)
"""A network with the symbols alpha, batch, classes and height."""
