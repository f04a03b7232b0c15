"""What was computed of an object that never changes, kept for as long as the object lives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import ref

Result = TypeVar("Result")


class Same:
    """Something as a part of a key: equal only to itself, and kept alive by the key."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)


class Remembered(Generic[Result]):
    """Results by owner and key. Owners are told apart by identity and die as they would; each has its latest results.

    >>> class Owner: ...
    >>> one, results = Owner(), Remembered[int](most=2)
    >>> results.of(one, "a", lambda: 1), results.of(one, "a", lambda: 2), len(results)
    (1, 1, 1)
    >>> del one
    >>> len(results)
    0
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._owners: dict[int, tuple[ref[object], dict[Hashable, Result]]] = {}

    def of(self, owner: object, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result of the key, computed where it is not there; an owner's oldest is forgotten for it."""
        place = id(owner)
        if place not in self._owners:
            self._owners[place] = ref(owner, lambda _: self._owners.pop(place, None)), {}
        results = self._owners[place][1]
        if key not in results:
            found = compute()
            if len(results) >= self._most:
                results.pop(next(iter(results)), None)
            results[key] = found
        return results[key]

    def __len__(self) -> int:
        """The number of owners that live."""
        return len(self._owners)
