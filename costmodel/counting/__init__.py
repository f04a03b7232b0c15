"""Counting: the ledger of operations, conventions over it, data types and cost records."""

from costmodel.counting.conventions import CONVENTIONS, Convention, convention
from costmodel.counting.cost import Cost, NodeCost
from costmodel.counting.datatypes import BITS, bits_of, bytes_of
from costmodel.counting.ledger import ENTRIES, Ledger, sum_ledgers

__all__ = [
    "BITS",
    "CONVENTIONS",
    "ENTRIES",
    "Convention",
    "Cost",
    "Ledger",
    "NodeCost",
    "bits_of",
    "bytes_of",
    "convention",
    "sum_ledgers",
]
