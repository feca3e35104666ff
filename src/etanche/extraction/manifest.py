"""The entries of `manifest.json`: one for each table, and one for each file or member that could not be read.

1. Every entry has every key.  What could not be read has `file` null and says why in `error`.
2. A table of which only the beginning could be read has both a file and an `error`.
3. Codes are for programs, the sentences beside them for people, in their language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from etanche.errors import UserError
from etanche.extraction.layout import Place
from etanche.ingest import Note, Table
from etanche.model import Ledger, QuarantineReason
from etanche.words import Words

Entry = dict[str, Any]


def counted(ledger: Ledger) -> dict[str, Any]:
    """Return the account of a table that was read to its end."""
    return _account(ledger.lines, ledger.rows, ledger.blank, ledger.reasons, complete=True)


def uncounted(lines: int, rows: int, reasons: Mapping[QuarantineReason, int]) -> dict[str, Any]:
    """Return the account of a table that was read in part: what was seen of it."""
    return _account(lines + sum(reasons.values()), rows, 0, reasons, complete=False)


def _account(
    lines: int, rows: int, blank: int, reasons: Mapping[QuarantineReason, int], *, complete: bool
) -> dict[str, Any]:
    return {
        "lines": lines,
        "rows": rows,
        "quarantined": sum(reasons.values()),
        "blank": blank,
        "reasons": {str(reason): count for reason, count in sorted(reasons.items())},
        "complete": complete,
    }


def of_table(source: str, table: Table, account: Mapping[str, Any], words: Words) -> Entry:
    """Return the entry of a table whose reading is over; where its files are is told by `with_files`."""
    dialect = table.dialect if len(table.names) > 1 else None
    quote = table.dialect.quote if table.dialect else ""
    origin = table.source
    return {
        "source": source,
        "member": table.member,
        "table": table.table,
        "encoding": table.encoding,
        "delimiter": dialect.delimiter if dialect else "",
        "quote": quote,
        "header": table.header,
        **account,
        "columns": list(table.names),
        "reader": origin.reader,
        "size": origin.size,
        "sha256": origin.sha256,
        "notes": [_note(note, words) for note in dict.fromkeys(table.notes)],
        **_NOWHERE,
        "error": None,
    }


def of_failure(source: str, member: str, error: UserError, words: Words) -> Entry:
    """Return the entry of a file or member of which nothing could be read."""
    return {
        "source": source,
        "member": member,
        "table": "",
        "encoding": "",
        "delimiter": "",
        "quote": "",
        "header": False,
        **uncounted(0, 0, {}),
        "columns": [],
        "reader": "",
        "size": 0,
        "sha256": "",
        "notes": [],
        **_NOWHERE,
        "error": said(error, words),
    }


_NOWHERE = {"file": None, "bytes": 0, "provenance_file": None, "quarantine_file": None}


def with_files(entry: Entry, place: Place, size: int, quarantine: bool) -> Entry:
    """Return the entry with where its table stands, in `size` bytes."""
    files = {
        "file": str(place.table),
        "bytes": size,
        "provenance_file": str(place.provenance),
        "quarantine_file": str(place.quarantine) if quarantine else None,
    }
    return {**entry, **files}


def said(error: UserError, words: Words) -> dict[str, str]:
    """Return a fault as its code and its sentence."""
    code = f"errors.{error.code}"
    message = words(code, **error.params) if words.find(code) is not None else error.code
    return {"code": error.code, "message": " ".join(message.split())}


def _note(note: Note, words: Words) -> dict[str, Any]:
    code = f"ingest.{note.code}"
    message = words(code, **dict(note.params)) if words.find(code) is not None else note.code
    return {"code": note.code, "message": message, **{k: v for k, v in note.params if k not in {"code", "message"}}}


def rendered(entries: Sequence[Entry]) -> bytes:
    r"""Return the manifest as JSON in UTF-8, an entry a line; bytes of names that are no UTF-8 are `\udc..` escapes."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f"[\n{lines}\n]\n".encode("utf-8", "backslashreplace")
