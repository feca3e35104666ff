"""The table of 900 laboratories with their suppliers, beside the leak."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from etanche import lexicon
from etanche.replica.numbers import finess
from etanche.replica.places import laboratories
from etanche.replica.vocabulary import vocabulary

ALL_LABORATORIES = 900


def all_laboratories(rng: np.random.Generator) -> dict[str, pa.StringArray]:
    """Return 900 laboratories with vendor, host and insurer; the first 28 are the leak's, with one vendor in common."""
    lists, own = vocabulary(), laboratories()
    known = lexicon.communes()
    towns = rng.choice(np.flatnonzero(np.array([place < "2A" for place in known.departement])), ALL_LABORATORIES)
    departements = [lab.departement for lab in own] + [known.departement[i] for i in towns[len(own) :].tolist()]
    names = [lab.name for lab in own]
    names += [
        f"LABORATOIRE DES {lists['stems'][rank % len(lists['stems'])]} DE {known.name[place]}"
        for rank, place in enumerate(towns[len(own) :].tolist())
    ]
    vendor = rng.integers(0, len(lists["vendors"]), ALL_LABORATORIES)
    vendor[: len(own)] = 0
    return {
        "code": _text(f"LAB{rank + 1:02d}" for rank in range(ALL_LABORATORIES)),
        "laboratory": _text(names),
        "finess": _text(finess(departements)),
        "departement": _text(departements),
        "town": _text([lab.town for lab in own] + [known.name[i] for i in towns[len(own) :].tolist()]),
        "vendor": _text(lists["vendors"][i] for i in vendor.tolist()),
        "host": _text(rng.choice(np.array(lists["hosts"]), ALL_LABORATORIES).tolist()),
        "insurer": _text(rng.choice(np.array(lists["cover"]), ALL_LABORATORIES).tolist()),
        "in_leak": _text("yes" if rank < len(own) else "no" for rank in range(ALL_LABORATORIES)),
    }


def _text(values: object) -> pa.StringArray:
    return pa.array(list(values), pa.string())  # type: ignore[call-overload]
