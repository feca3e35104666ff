"""The list of persons: decided pair by pair, told person by person, counted with the error that the weights imply."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import link
from etanche.casefile import write_whole
from etanche.errors import ExitCode, UserError
from etanche.linking.registry import Registry
from etanche.linking.timing import Steps

BIRTHS_UNREAD = 0.02
"""Share of unreadable days of birth over which a registry's result warns of them."""
_NUMBER = "^(0|[1-9][0-9]{0,17})$"
"""A key that is a number as it is written."""


def listed_persons(table: pa.Table, decided: link.Decided, registry: Registry) -> pa.Table:
    """Return the list of persons: `registry_key, decision, weight, reason, rows`."""
    order = np.argsort(decided.pair_person, kind="stable")
    leaked = table["row"].to_numpy()[decided.pair[order]] + 1
    ends = np.searchsorted(decided.pair_person[order], np.arange(len(decided.person) + 1))
    decision = np.where(decided.notify, link.Decision.NOTIFY.value, link.Decision.REVIEW.value)
    return pa.table(
        {
            "registry_key": _keys(registry, decided.person),
            "decision": pa.array(decision.tolist(), pa.string()),
            "weight": pa.array(np.round(decided.weight, 3)),
            "reason": _reasons(table, decided.best),
            "rows": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(leaked, pa.int64())),
        }
    )


def _keys(registry: Registry, persons: np.ndarray[Any, Any]) -> pa.Array:
    """Return the registry's own key of each person, a number where all are; else the row's number, from 1."""
    if registry.key is None:
        return pa.array(persons + 1, pa.int64())
    texts = registry.cells_of(persons, [registry.key])[registry.key]
    numbers = pc.all(pc.match_substring_regex(texts, _NUMBER)).as_py()
    return texts.cast(pa.int64()) if numbers else texts


def _reasons(table: pa.Table, best: np.ndarray[Any, Any]) -> pa.Array:
    """Return what decided, as codes: each comparison that said something, with its level."""
    codes, which = np.unique(link.codes(table)[best], return_inverse=True)
    texts = [
        " ".join(
            f"{name}:{levels[number]}"
            for (name, levels), number in zip(link.LEVELS.items(), pattern, strict=True)
            if not levels[number].startswith("missing")
        )
        for pattern in link.levels_of(codes)
    ]
    return pa.array(texts, pa.string()).take(pa.array(which.reshape(-1)))


def document_of(
    name: str,
    registry: Registry,
    listed: pa.Table,
    table: pa.Table,
    decided: link.Decided,
    model: link.Model,
    basis: str,
    steps: Steps,
) -> dict[str, Any]:
    """Return the counts, the error that the weights imply, and the time by step.

    `basis` is where the weights are from: `nirs` where they are suited to the case by what its NIRs tell, else `model`.
    """
    chance = 1 / (1 + 2.0**-decided.weight)
    sure = decided.notify
    wrong = float((1 - chance[sure]).sum())
    in_review = float(chance[~sure].sum())
    told = int(sure.sum())
    source = next(iter(registry.reading.sources), None)
    return {
        "name": name,
        "registry": {
            "size": source.size if source else None,
            "sha256": source.sha256 if source else None,
            "persons": registry.reading.ledger.rows,
            "quarantined": registry.reading.ledger.quarantined,
            "births": {"filled": registry.births.filled, "unread": registry.births.unread},
            "key": registry.key_name or None,
            "columns": [
                {"name": column.name, "kind": column.kind.value, "role": column.role.value}
                for column in registry.columns
            ],
        },
        "notify": told,
        "review": listed.num_rows - told,
        "rows": len(link.distinct(table["row"].to_numpy()[decided.pair])),
        "model": model.version,
        "error": {
            "wrong_expected": round(wrong, 1),
            "wrong_share": round(wrong / told, 5) if told else None,
            "true_in_review_expected": round(in_review, 1),
            "basis": basis,
        },
        "warnings": warnings_of(registry),
        "seconds": steps.rounded(),
    }


def warnings_of(registry: Registry) -> list[dict[str, Any]]:
    """Return what whoever reads a registry's result has to know of it, as codes with their figures."""
    filled, unread = registry.births.filled, registry.births.unread
    if unread <= BIRTHS_UNREAD * filled:
        return []
    return [{"code": "births_unread", "unread": unread, "filled": filled, "percent": round(100 * unread / filled, 1)}]


def written(path: Path, data: bytes) -> None:
    """Write a list where it was asked for, whole or not at all; `UserError` (1) where it cannot be."""
    try:
        write_whole(path, data)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("link_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from error
