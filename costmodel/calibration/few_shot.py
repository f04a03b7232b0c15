"""Which few networks a fit sees: drawn at random, or those that narrow the intervals of all the others most."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from costmodel.calibration.design import first_to_measure
from costmodel.calibration.measurements import Key, Setup
from costmodel.calibration.prior import Prior
from costmodel.calibration.table import Table
from costmodel.errors import CalibrationError, UnknownNameError

CHOICES: Final = ("random", "suggested")
"""How the few networks are chosen."""

MOST_DRAWS: Final = 1000
"""More draws tell nothing more of a mean, and take minutes."""

Place = tuple[Setup, frozenset[Key]]
"""A setup, and what of it is left out."""


@dataclass(frozen=True)
class FewShot:
    """Fits to `measured` networks of a setup at a time, of those that are not left out.

    They are drawn at `random`, `draws` times; or they are those that `calibrate --suggest` would name one after
    another before anything is measured (`suggested`), which looks at no time.
    """

    measured: int
    draws: int = 3
    seed: int = 0
    choice: str = "random"

    def __post_init__(self) -> None:
        for name, least in (("measured", 0), ("draws", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise CalibrationError(f"'{name}' must be at least {least} (got {getattr(self, name)})")
        if self.draws > MOST_DRAWS:
            raise CalibrationError(f"'draws' must be at most {MOST_DRAWS} (got {self.draws})")
        if self.choice not in CHOICES:
            raise UnknownNameError("choice of networks", self.choice, CHOICES)


def drawn(shots: FewShot, networks: Iterable[Key], place: Place) -> list[frozenset[Key]]:
    """The networks of each draw; what is drawn depends on the place and on the seed, on no order of rows."""
    setup, left = place
    ordered = sorted(networks)
    size, checksum = min(shots.measured, len(ordered)), zlib.crc32(f"{setup}/{sorted(left)}".encode())
    draws = [np.random.default_rng([shots.seed, checksum, draw]) for draw in range(shots.draws)]
    return [frozenset(ordered[index] for index in draw.choice(len(ordered), size, replace=False)) for draw in draws]


class Suggested:
    """The networks that are suggested in each place, remembered: what is compared is fitted to the same ones."""

    def __init__(self) -> None:
        self._found: dict[Place, list[Key]] = {}

    def networks(self, count: int, table: Table, place: Place, prior: Prior | None) -> list[frozenset[Key]]:
        """The first so many of a table's networks, as the first prior says that is asked; none where none is."""
        rows = {key: index for index, key in enumerate(table.keys)}
        count = min(count, len(rows))
        if prior is not None and (place not in self._found or len(self._found[place]) < count):
            keys = sorted(rows)
            order = first_to_measure(prior, table.matrix(prior.terms)[[rows[key] for key in keys]], count)
            self._found[place] = [keys[index] for index in order]
        return [frozenset(self._found[place][:count])] if place in self._found else []
