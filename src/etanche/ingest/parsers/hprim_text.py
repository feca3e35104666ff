"""HPRIM Médecins ("HPRIM Santé" text): letters and results as lines, one record a patient and request.

A record is (recommendation HPRIM Médecins 3.0, March 1997):

    twelve lines: code of the patient, surname, first name, address (2), postcode and town, date of birth, social
    security number, number of the request, its date, who sends, who receives (each a code and a name)
    free text
    ****LAB****        then lines TEX|text and RES|label|code|type|value|unit|low|high|abnormal|status|…
    ****FIN****        the end of the record; ****FINFICHIER**** that of the file

1. Programs leave lines blank, add a thirteenth, or put blank lines before a record: a date of birth where the seventh
   line should be tells where the record begins.
2. A record without its end is one all the same once its twelve lines are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.segments import Line, decoded

MARKS = re.compile(rb"\*{3,5}(LAB|FIN|FINFICHIER)\*{2,5}")
HEADER = 12
_BIRTH = 6
_DATE = re.compile(rb"\s*(?:\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}|\d{8}|\d{6})\s*")
_TOWN = re.compile(r"\s*(\d{5}|2[AB]\d{3}|[A-Z]{1,3}-\d{4,5})[\s,]+(.*)", re.DOTALL)
_CODED = re.compile(r"(?:\s{2,}(\S+)|\s*(\S*\d\S*|\.))(?:\s+(.*))?", re.DOTALL)
RESULT = (
    "label",
    "test_code",
    "value_type",
    "value",
    "unit",
    "low",
    "high",
    "abnormal_flag",
    "status",
    "value_2",
    "unit_2",
    "low_2",
    "high_2",
)
"""Fields of a result line, in the order of the format."""


@dataclass(slots=True)
class Record:
    """One record: its lines as they are, by what they are."""

    number: int
    line: int
    offset: int
    header: list[bytes] = field(default_factory=list)
    text: list[bytes] = field(default_factory=list)
    report: list[bytes] = field(default_factory=list)
    results: list[Line] = field(default_factory=list)
    size: int = 0
    ended: bool = False

    @property
    def raw(self) -> bytes:
        """Return what the record is made of."""
        results = [line.raw for line in self.results]
        return b"\n".join([*self.header, *self.text, *self.report, *results])


def records(lines: Iterable[Line], limits: Limits) -> Iterator[Record]:
    """Yield records; one of fewer than twelve lines is what is left of one (or what is none)."""
    number, pending = 1, list[Line]()
    record: Record | None = None
    in_results = False
    for line in lines:
        match = MARKS.fullmatch(line.raw.strip())
        mark = match.group(1) if match else b""
        if record is None:
            if not mark:
                pending.append(line)
                if len(pending) < HEADER + 4:
                    continue
            elif not any(item.raw.strip() for item in pending):
                pending.clear()
                continue
            record, in_results = _begun(number, pending), False
            pending.clear()
            if not mark:
                continue
        if mark == b"LAB":
            in_results = True
        elif mark:
            record.ended = True
            yield record
            number, record = number + 1, None
        else:
            _add(record, line, in_results=in_results)
            if record.size > limits.raw_bytes:
                yield record
                number, record = number + 1, None
    if record is None and any(item.raw.strip() for item in pending):
        record = _begun(number, pending)
    if record is not None:
        yield record


def _begun(number: int, pending: list[Line]) -> Record:
    """Return a record from its first lines."""
    # Lines before a date on the seventh are blank; else the record begins at the first line that is not.
    start = next((k for k in range(5) if len(pending) > k + _BIRTH and _DATE.fullmatch(pending[k + _BIRTH].raw)), -1)
    if start < 0 or any(line.raw.strip() for line in pending[:start]):
        filled = next((k for k, line in enumerate(pending) if line.raw.strip()), 0)
        start = filled if start < 0 or filled < start else start
    record = Record(number, pending[start].number, pending[start].offset)
    record.header = [line.raw for line in pending[start : start + HEADER]]
    record.text = [line.raw for line in pending[start + HEADER :]]
    return record


def _add(record: Record, line: Line, *, in_results: bool) -> None:
    record.size += len(line.raw) + 1
    if not in_results:
        record.text.append(line.raw)
    elif line.raw[:4] == b"RES|":
        record.results.append(line)
    else:
        record.report.append(line.raw.removeprefix(b"TEX|") if line.raw.strip() != b"TEX" else b"")


def patient(record: Record, encoding: str) -> dict[str, str]:
    """Return the cells of a record's twelve lines."""
    given = [decoded(line, encoding) for line in record.header]
    lines = [line.strip() for line in given]
    town = _TOWN.fullmatch(lines[5])
    cells = {
        "record": str(record.number),
        "patient_code": lines[0],
        "family_name": lines[1],
        "given_name": lines[2],
        "address": lines[3],
        "address_complement": lines[4],
        "postcode": town.group(1) if town else "",
        "city": town.group(2) if town else lines[5],
        "birth_date": lines[6],
        "nir": lines[7],
        "request_number": lines[8],
        "request_date": lines[9],
    }
    for name, who, line in (("sender", "laboratory", given[10]), ("recipient", "physician", given[11])):
        match = _CODED.fullmatch(line.rstrip())
        cells[f"{name}_code"] = ((match.group(1) or match.group(2)) if match else "") or ""
        cells[f"{name}_{who}"] = ((match.group(3) if match else line) or "").strip()
    return {name: cell for name, cell in cells.items() if cell}


def _belongs(record: Record, encoding: str) -> dict[str, str]:
    cells = patient(record, encoding)
    kept = ("record", "patient_code", "request_number", "request_date")
    return {name: cells[name] for name in kept if name in cells}


def results(record: Record, encoding: str) -> Iterator[tuple[Line, dict[str, str]]]:
    """Yield the cells of each RES line."""
    belongs = _belongs(record, encoding)
    for line in record.results:
        cells = dict(belongs)
        values = decoded(line.raw, encoding).split("|")[1:]
        for k, value in enumerate(values):
            if value.strip():
                cells[RESULT[k] if k < len(RESULT) else f"res_{k + 2}"] = value.strip()
        yield line, cells


def texts(record: Record, encoding: str) -> Iterator[dict[str, str]]:
    """Yield the free text of a record, and the report that its TEX lines are: each whole, in one cell."""
    belongs = _belongs(record, encoding)
    for part, lines in (("letter", record.text), ("report", record.report)):
        text = "\n".join(decoded(line, encoding).rstrip() for line in lines).strip("\n")
        if text.strip():
            yield {**belongs, "part": part, "text": text}
