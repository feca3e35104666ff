"""The small tables beside the leak: 900 laboratories with their suppliers, and the 28 controllers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from etanche import lexicon
from etanche.replica.numbers import finess
from etanche.replica.places import laboratories, laboratory_rows
from etanche.replica.vocabulary import vocabulary

ALL_LABORATORIES = 900
_FIRST_NAMES = ("ANNE", "PAUL", "LUCIE", "MARC", "CLAIRE", "HUGO", "NADIA")


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


def controllers(rng: np.random.Generator, rows: int) -> dict[str, pa.StringArray]:
    """Return the 28 controllers with what the response needs (art. 33(3)(b): a contact; size, sector, place)."""
    own, lists = laboratories(), vocabulary()
    streets = rng.integers(0, len(lists["street_names"]), len(own)).tolist()
    return {
        "code": _text(lab.code for lab in own),
        "name": _text(lab.name for lab in own),
        "siren": _text(lab.siren for lab in own),
        "finess": _text(lab.finess for lab in own),
        "address": _text(f"{2 * i + 1} RUE {lists['street_names'][street]}" for i, street in enumerate(streets)),
        "postcode": _text(lab.postcode for lab in own),
        "commune": _text(lab.town for lab in own),
        "departement": _text(lab.departement for lab in own),
        "sector": _text("private" for _ in own),
        "activity": _text("8690B" for _ in own),
        "staff": _text(str(n) for n in rng.integers(12, 240, len(own)).tolist()),
        "phone": _text(f"019900{9_900 + i:04d}" for i in range(len(own))),
        "email": _text(f"contact@{lab.code.lower()}.example.org" for lab in own),
        "dpo_name": _text(f"{_FIRST_NAMES[i % 7]} {lists['stems'][-1 - i]}" for i in range(len(own))),
        "dpo_email": _text(f"dpo@{lab.code.lower()}.example.org" for lab in own),
        "dpo_phone": _text(f"019900{9_950 + i:04d}" for i in range(len(own))),
        "rows": _text(str(n) for n in laboratory_rows(rows)),
    }


def _text(values: object) -> pa.StringArray:
    return pa.array(list(values), pa.string())  # type: ignore[call-overload]
