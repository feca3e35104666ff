"""Levels of all comparisons as one number, the pattern of a pair: what is asked of a pair is asked of its pattern once.

There are some hundred thousand patterns, and a few thousand of them in any leak; pairs come by the million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from etanche.link.compare import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

_Number = TypeVar("_Number", bound=np.generic)

SHAPE = tuple(len(names) for names in LEVELS.values())
COUNT = int(np.prod(SHAPE))
"""How many patterns there can be."""


def codes(table: pa.Table) -> npt.NDArray[np.int32]:
    """Return the pattern of each pair of a table that has `l_<comparison>`."""
    found = np.zeros(table.num_rows, np.int32)
    for name, names in LEVELS.items():
        found *= len(names)
        found += table[f"l_{name}"].to_numpy()
    return found


def levels_of(code: npt.NDArray[Any]) -> Ints:
    """Return the level numbers of patterns; shape (patterns, comparisons)."""
    return np.stack(np.unravel_index(code, SHAPE), 1).astype(np.int64)


def distinct(numbers: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Return numbers in order, each once (NumPy's own `unique` hashes them, which takes fifty times as long)."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    found: npt.NDArray[_Number] = ordered[first]
    return found


def without(comparison: str) -> Ints:
    """Return every pattern there can be as it is with one comparison put aside."""
    numbers = levels_of(np.arange(COUNT))
    numbers[:, list(LEVELS).index(comparison)] = LEVELS[comparison].index("missing")
    return np.asarray(np.ravel_multi_index(tuple(numbers.T), SHAPE), np.int64)


def weigh(bias: float, weights: Mapping[str, Mapping[str, float]]) -> Floats:
    """Return the weight in bits of every pattern there can be; a level that is not known weighs nothing."""
    total = np.full(SHAPE, bias)
    for place, (comparison, names) in enumerate(LEVELS.items()):
        known = weights.get(comparison, {})
        own = np.array([known.get(name, 0.0) for name in names])
        total += own.reshape([-1 if at == place else 1 for at in range(len(SHAPE))])
    return total.reshape(-1)


def denied() -> tuple[Bools, Bools]:
    """Tell of every pattern there can be whether names and birth date are equal and the NIRs of both sides' own differ…

    …and whether first name and NIR are equal.
    """
    numbers = levels_of(np.arange(COUNT))

    def all_are(nir: str, *comparisons: str) -> Bools:
        asked = {"nir": nir, **dict.fromkeys(comparisons, "equal")}
        places = {name: list(LEVELS).index(name) for name in asked}
        each = [numbers[:, places[name]] == LEVELS[name].index(level) for name, level in asked.items()]
        return np.asarray(np.all(each, axis=0), np.bool_)

    return all_are("differs", "name", "first", "birth"), all_are("equal", "first")


def vetoed() -> Bools:
    """Tell of every pattern there can be whether it may never be notified without a person's eye.

    First names clash, and birth dates too, or no NIR of both sides' own says that they are one: twins share all else.
    """
    numbers = levels_of(np.arange(COUNT))
    place = {name: numbers[:, at] for at, name in enumerate(LEVELS)}

    def at(comparison: str, level: str) -> Bools:
        found: Bools = place[comparison] == LEVELS[comparison].index(level)
        return found

    return at("first", "differs") & (at("birth", "differs") | ~at("nir", "equal"))
