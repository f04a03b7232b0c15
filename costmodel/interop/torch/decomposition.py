"""Operations without a rule, written by PyTorch itself as others that have one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costmodel.interop.torch.nodes import rule_name
from costmodel.interop.torch.rules import RULES


def decomposed(program: Any) -> Any:
    """The program with operations that have rules, as far as PyTorch knows how; else the program as it is."""
    import torch

    missing = set(_without_rule(program))
    if not missing:
        return program
    table = torch.export.default_decompositions()
    known = {target: table[target] for target in missing if target in table}
    if not known:
        return program
    try:
        candidate = program.run_decompositions(known)
    except Exception:  # noqa: BLE001 - PyTorch raises errors of many kinds here; the operation is then refused by name
        return program
    return program if any(_without_rule(candidate)) else candidate


def _without_rule(program: Any) -> Iterator[Any]:
    """The operations that no rule is for."""
    for module in program.graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            is_operation = node.op == "call_function" and hasattr(node.target, "_schema")
            if is_operation and rule_name(str(node.target), RULES) is None:
                yield node.target
