"""Single linear layers, timed on GPUs by NeuSight's authors, as rows of a measurement file.

Run: python examples/gpu_linear_rows.py gpu_linear.csv rows.csv

The input has the columns device, runtime, precision, latency_ms, b, m, n and k: b inputs of m rows and n features each
become k features, as in the product of (b, m, n) and (b, n, k). The usual letters have n and k the other way around,
but then far more of the times would be shorter than the tiles that cuBLAS names can take: a test counts them.
The output has a `layer` and an `input_shape` in their place, says that the `processor` is a GPU, and keeps every other
column, so that

    costmodel evaluate rows.csv --leave-out fold:5

predicts each layer's time from those of other layers.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from costmodel.layers import Linear

SHAPE = ("b", "m", "n", "k")


def rows(measured: Iterator[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Each measured product as a linear layer with a bias, of m rows with n features."""
    for row in measured:
        b, m, n, k = (int(row[name]) for name in SHAPE)
        shape = (m, n) if b == 1 else (b, m, n)
        spec = {
            "processor": "GPU",
            "layer": Linear(out_features=k).model_dump_json(),
            "input_shape": "x".join(map(str, shape)),
        }
        yield {name: cell for name, cell in row.items() if name not in SHAPE} | spec


def main() -> None:
    """Turn the first file into the second."""
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/gpu_linear_rows.py gpu_linear.csv rows.csv")
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as source:
        found = list(rows(csv.DictReader(source)))
    with Path(sys.argv[2]).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, found[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print(f"{len(found)} layers on {len({row['device'] for row in found})} devices written to {sys.argv[2]}")


if __name__ == "__main__":
    main()
