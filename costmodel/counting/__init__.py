"""Counting: the ledger of operations, conventions over it, what tools report, data types and cost records."""

from costmodel.counting.comparison import Comparison, Pair, Share, compare
from costmodel.counting.conventions import CONVENTIONS, Convention, Rule, convention
from costmodel.counting.cost import Cost, NodeCost
from costmodel.counting.datatypes import BITS, bits_of, bytes_of
from costmodel.counting.ledger import ENTRIES, Ledger, sum_ledgers
from costmodel.counting.reconciliation import Difference, LayerDifference, Reconciliation, Reported, reconcile
from costmodel.counting.tools import TOOLS, Tool

__all__ = [
    "BITS",
    "CONVENTIONS",
    "ENTRIES",
    "TOOLS",
    "Comparison",
    "Convention",
    "Cost",
    "Difference",
    "LayerDifference",
    "Ledger",
    "NodeCost",
    "Pair",
    "Reconciliation",
    "Reported",
    "Rule",
    "Share",
    "Tool",
    "bits_of",
    "bytes_of",
    "compare",
    "convention",
    "reconcile",
    "sum_ledgers",
]
