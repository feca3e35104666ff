"""The census as a document: plain JSON values under the keys of `census.schema.json`.

Rules:

1. The keys that design.md names are a contract with other tools; the rest may grow, and the schema says what there is.
2. A figure is a number, its denominator a key (`denominators`), a verdict a code; the only sentences are the reasons
   of the columns, in the language of the case, with their code and parameters beside them.
3. Text that comes from the file passes `text.plain` here, once, so that no reader of the document meets a raw value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from etanche.model import (
    Census,
    Column,
    Document,
    KindCount,
    Passwords,
    Reason,
    Reuse,
    Severity,
    Share,
    Source,
    TopicCount,
)
from etanche.report.facts import ACQUISITION_KEYS, NOT_STATED, Facts
from etanche.report.speech import Speech
from etanche.report.text import plain, visible
from etanche.words import Words

SCHEMA_ID = "urn:etanche:schema:census"
SCHEMA_VERSION = "1.0"

CONTRACT = (
    "lines", "rows", "quarantined", "persons", "columns", "counts", "sexes", "titles", "dates", "departements",
    "roles", "categories", "topics", "severity",
)  # fmt: skip
"""The keys that other tools rely on (design, "The command line")."""

OTHER = "other"
"""Key under which values of the file are counted together."""
MOST_VALUES = 100
"""Values of the file listed whatever their count; beyond, a value must have that many rows."""

DENOMINATORS = {
    "sexes": "rows",
    "titles": "rows",
    "departements": "rows",
    "sample_months": "rows",
    "laboratories": "rows",
    "topic_rows": "rows",
    "age_bands": "persons",
    "minors": "persons",
    "categories": "persons",
    "topics": "persons",
}
"""What each group of figures is counted of: the name of another key."""


@cache
def schema() -> dict[str, Any]:
    """Return the published JSON Schema (draft 2020-12) of the census document."""
    file = resources.files(__package__) / "census.schema.json"
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def census_document(census: Census, facts: Facts, words: Words) -> dict[str, Any]:
    """Return the content of `census.json`."""
    ledger, speech = census.ledger, Speech(words.language)
    return {
        "schema": {"id": SCHEMA_ID, "version": SCHEMA_VERSION},
        "form": "full",
        "case_id": plain(facts.case_id),
        "made_at": facts.stamp,
        "language": words.language,
        "generated_by": {"name": "etanche", "version": facts.version},
        "lines": ledger.lines,
        "rows": ledger.rows,
        "quarantined": ledger.quarantined,
        "persons": census.persons,
        "ledger": {
            "lines": ledger.lines,
            "header": ledger.header,
            "row_lines": ledger.row_lines,
            "rows": ledger.rows,
            "blank": ledger.blank,
            "quarantined": ledger.quarantined,
            "reasons": _sorted(ledger.reasons),
        },
        "columns": [_column(column, speech) for column in census.columns],
        "counts": _kind_counts(census.counts),
        "counts_by_role": {role.value: _kind_counts(counts) for role, counts in census.counts_by_role.items()},
        "sexes": _free(census.sexes),
        "titles": _free(census.titles),
        "dates": {kind.value: {"min": plain(low), "max": plain(high)} for kind, (low, high) in census.dates.items()},
        "departements": {role.value: _by_name(rows) for role, rows in census.departements.items()},
        "sample_months": _by_name(census.sample_months),
        "laboratories": _free(census.laboratories),
        "age_bands": dict(census.age_bands),
        "minors": census.minors,
        "roles": _values(census.roles),
        "categories": _values(census.categories),
        "topics": _topics(census.topics),
        "topic_rows": _topics(census.topic_rows),
        "texts": {
            "rows": census.texts.rows,
            "distinct": census.texts.distinct,
            "found": _kind_counts(census.texts.found),
        },
        "documents": [_document(document) for document in census.texts.documents],
        "passwords": _passwords(census.passwords or _NO_PASSWORDS),
        "combinations": _shares(census.combinations),
        "categories_by_role": {role.value: _values(held) for role, held in census.categories_by_role.items()},
        "combinations_by_role": {role.value: _shares(held) for role, held in census.combinations_by_role.items()},
        "plausibility": _shares(census.plausibility),
        "severity": _severity(census.severity),
        "denominators": dict(DENOMINATORS),
        "sources": [_source(source) for source in facts.sources],
        "acquisition": {key: plain(facts.acquisition.get(key) or NOT_STATED, 300) for key in ACQUISITION_KEYS},
        "custody_head": facts.custody_head,
        "key_statement": facts.key_statement,
        "notes": [{"code": note.code, "params": _params(note)} for note in facts.notes],
    }


def _column(column: Column, speech: Speech) -> dict[str, Any]:
    code, params = column.reason.code, _params(column.reason)
    return {
        "index": column.index,
        "name": plain(column.name),
        "table": plain(column.table),
        "kind": column.kind.value,
        "role": column.role.value,
        "filled": column.filled,
        "valid": column.valid,
        "distinct": column.distinct,
        "confidence": round(column.confidence, 4),
        "reason": speech.reason({"reason": code, "reason_code": code, "reason_params": params}),
        "reason_code": code,
        "reason_params": params,
        "layout": plain(column.layout),
        "repeat": column.repeat,
        "also": [{"kind": held.kind.value, "share": round(held.share, 4)} for held in column.also],
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "source": document.source,
        "rows": document.rows,
        "topics": _topics(document.topics),
        "found": _values(document.found),
    }


def _params(reason: Reason) -> dict[str, str | int | float]:
    return {name: plain(value, 200) if isinstance(value, str) else value for name, value in reason.params}


def _severity(severity: Severity) -> dict[str, Any]:
    return {
        "dpc": severity.dpc,
        "ei": severity.ei,
        "cb": severity.cb,
        "score": severity.score,
        "band": severity.band,
        "reasons": [{"code": reason.code, "params": _params(reason)} for reason in severity.reasons],
        "flags": list(severity.flags),
    }


def _source(source: Source) -> dict[str, Any]:
    dialect = source.dialect
    return {
        "path": plain(source.path, 200),
        "member": plain(source.member, 200),
        "table": plain(source.table),
        "reader": source.reader,
        "size": source.size,
        "sha256": source.sha256,
        "encoding": source.encoding,
        "delimiter": visible(dialect.delimiter) if dialect else None,
        "quote": visible(dialect.quote) if dialect else None,
        "header": source.header,
    }


def _free(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts under the file's own values made plain, largest first; values that then look alike add up.

    A column taken for a title by mistake may hold a person's data in every cell: the rare values of a long list
    are counted together, under `other`.
    """
    merged: dict[str, int] = {}
    for value, count in counts.items():
        name = plain(value)
        merged[name] = merged.get(name, 0) + count
    listed = _sorted(merged)
    rare = [name for name, count in list(listed.items())[MOST_VALUES:] if count < MOST_VALUES]
    rest = sum(listed.pop(name) for name in rare)
    return {**listed, OTHER: listed.get(OTHER, 0) + rest} if rest else listed


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return {plain(name): count for name, count in sorted(counts.items())}


def _sorted(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))}


def _values(counts: Mapping[StrEnum, int] | Mapping[Any, int]) -> dict[str, int]:
    return {name.value: count for name, count in counts.items()}


def _kind_counts(counts: Mapping[Any, KindCount]) -> dict[str, dict[str, int]]:
    return {
        kind.value: {"rows": count.rows, "valid": count.valid, "distinct": count.distinct}
        for kind, count in counts.items()
    }


def _topics(counts: Mapping[str, TopicCount]) -> dict[str, dict[str, int]]:
    return {topic: {"affirmed": count.affirmed, "negated": count.negated} for topic, count in counts.items()}


_NO_PASSWORDS = Passwords(0, 0, 0, 0, 0, {}, Reuse(), {})


def _passwords(passwords: Passwords) -> dict[str, Any]:
    """Return the figures of passwords; those of patients alone stand among the combinations."""
    reused = passwords.reused
    return {
        "accounts": passwords.accounts,
        "persons": passwords.persons,
        "distinct": passwords.distinct,
        "weak_accounts": passwords.weak_accounts,
        "weak": dict(passwords.weak),
        "reused": {
            "passwords": reused.passwords,
            "accounts": reused.accounts,
            "persons": reused.persons,
            "most": reused.most,
        },
        "hashes": {
            family: {
                "accounts": count.accounts,
                "distinct": count.distinct,
                "shared": count.shared,
                "salted": count.salted,
                "effort": count.effort,
            }
            for family, count in passwords.hashes.items()
        },
    }


def _shares(shares: Mapping[str, Share]) -> dict[str, dict[str, int | str]]:
    return {name: {"count": share.count, "of": share.of, "unit": share.unit} for name, share in shares.items()}


def kinds_found(columns: Iterable[Column]) -> list[str]:
    """Return the kinds recognised, in the order of the columns, each once; empty and unknown columns say nothing."""
    mute = {"empty", "unknown", "constant"}
    return list(dict.fromkeys(column.kind.value for column in columns if column.kind.value not in mute))
