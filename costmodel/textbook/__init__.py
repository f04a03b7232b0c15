"""The worked examples of the source documents as data: as printed, exact, verdict.

>>> len(examples()) > 80, find("002", "problem 1: FLOPs").verdict.value
(True, 'right')
"""

from __future__ import annotations

from costmodel.errors import UnknownNameError
from costmodel.textbook.example import AGREEING, DOCUMENTS, Example, Verdict
from costmodel.textbook.printed import Printed

__all__ = ["AGREEING", "DOCUMENTS", "Example", "Printed", "Verdict", "examples", "find"]


def examples() -> tuple[Example, ...]:
    """Every worked example, in the order of the documents."""
    from costmodel.textbook import document_000, document_001, document_002, document_003

    modules = (document_000, document_001, document_002, document_003)
    return tuple(example for module in modules for example in module.EXAMPLES)


def find(document: str, name: str) -> Example:
    """The worked example of that name in a document; raises with the nearest names where there is none."""
    named = {example.name: example for example in examples() if example.document == document}
    if name not in named:
        raise UnknownNameError(f"worked example of document {document}", name, named)
    return named[name]
