"""Passwords: how many are shared, how many are weak and why, how many are hashed and how well.  None is ever shown.

Rules, in the order in which they apply:

1. An *account* is a person and a password: rows that repeat both are one.  Whose a password is says the column's role.
2. A password in clear is *reused* when two persons or more have it; so is one whose hash has no salt, by its hash.
3. It is *weak* when it is shorter than eight characters; of digits only, or of letters only; one of the frequent ones,
   what follows its last letter apart ("Soleil2020!"); or when it holds, of the same row and person, the login, a
   name, the year or the day of birth, or the e-mail's local part, of three characters or more, whatever their case,
   accents and joints.
4. A hash is named by its family (`identifiers.password_hash`), which says what it costs to undo.

`weaknesses` says the same of one password in plain Python; the tests hold the engine against it.

>>> sorted(weaknesses("Le-Gall1980", names=["LE GALL"], birth="1980-03-02"))
['birth_date', 'name']
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from importlib import resources
from operator import or_
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from etanche import lexicon
from etanche.assess.counts import one_row
from etanche.assess.fields import any_of, union
from etanche.identifiers import dates, password_hash
from etanche.identifiers._hash import hash64_of
from etanche.lexicon.names import squash, squash_expr
from etanche.model import PERSON_ROLES, Column, HashCount, Kind, Passwords, Reuse, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

WEAKNESSES = ("short", "one_class", "common", "login", "name", "birth_date", "email")
"""Why a password is weak; each a bit, in this order."""

_SHORTEST, _TELLING = 8, 3
_ONE_CLASS = "^[0-9]+$|^[A-Za-zÀ-ÖØ-öø-ÿ]+$"
_TAIL = "[^A-Za-z]+$"
_LOCAL = "^([^@]+)@"
_NAMES = (Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME)
_BIT = {name: 1 << place for place, name in enumerate(WEAKNESSES)}


@cache
def _french() -> frozenset[str]:
    text = (resources.files(__package__) / "passwords.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["words"])


def _common(text: str) -> bool:
    return text in lexicon.common_passwords() or text in _french()


def weaknesses(
    password: str, login: str = "", names: Sequence[str] = (), birth: str = "", email: str = ""
) -> frozenset[str]:
    """Return why a password is weak (codes of `WEAKNESSES`); `birth` is an ISO date."""
    small, word = password.lower(), squash(password)
    stem = re.sub(_TAIL, "", small)
    local = re.search(_LOCAL, email)

    def holds(text: str) -> bool:
        part = squash(text)
        return len(part) >= _TELLING and part in word

    reasons = {
        "short": len(password) < _SHORTEST,
        "one_class": re.search(_ONE_CLASS, password) is not None,
        "common": _common(small) or (len(stem) > _TELLING and _common(stem)),
        "login": holds(login),
        "name": any(map(holds, names)),
        "birth_date": birth != "" and (birth[:4] in password or birth[8:] + birth[5:7] + birth[2:4] in password),
        "email": local is not None and holds(local[1]),
    }
    return frozenset(name for name, weak in reasons.items() if weak)


def own_words(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.StringValue]:
    """Return the passwords of a row, and what of the same person they may hold, each folded once, as `s<index>`.

    Null where there is no password: nothing is folded for nothing.
    """
    there: dict[int, list[ir.BooleanValue]] = {}
    for column in _passwords(columns):
        filled = rows[f"c{column.index}"].notnull()
        for index in (column.index, *(other.index for other in _beside(column, columns))):
            there.setdefault(index, []).append(filled)
    by_index = {column.index: column for column in columns}
    return {
        f"s{index}": ibis.ifelse(any_of(filled), _word(rows[f"c{index}"], by_index[index]), ibis.null("string"))
        for index, filled in there.items()
    }


def own_fields(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.IntegerValue]:
    """Return what a row's passwords hold of its own cells, `p<index>`: bits of `WEAKNESSES`, null without one.

    `rows` have their `own_words`.
    """
    return {
        f"p{column.index}": ibis.ifelse(
            rows[f"c{column.index}"].notnull(), _own(rows, column, columns), ibis.null("int8")
        )
        for column in _passwords(columns)
    }


def _passwords(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.kind is Kind.PASSWORD]


def _beside(column: Column, columns: Sequence[Column]) -> list[Column]:
    """Return the columns of the same person of which a password may hold something."""
    kinds = (Kind.LOGIN, Kind.EMAIL, *_NAMES)
    return [
        other
        for other in columns
        if _person(other) is _person(column)
        and (other.kind in kinds or (other.kind is Kind.BIRTH_DATE and other.layout))
    ]


def _word(cell: ir.StringValue, column: Column) -> ir.StringValue:
    """Return a cell as it is sought in a password, or a password as it is searched."""
    if column.kind is Kind.BIRTH_DATE:
        return dates.iso_expr(cell, column.layout)
    return squash_expr(cell.re_extract(_LOCAL, 1) if column.kind is Kind.EMAIL else cell)


def _own(rows: ir.Table, column: Column, columns: Sequence[Column]) -> ir.IntegerValue:
    cell, word = rows[f"c{column.index}"], rows[f"s{column.index}"].fill_null("")
    bits: list[ir.IntegerValue] = [ibis.literal(0, type="int8")]
    for other in _beside(column, columns):
        part = rows[f"s{other.index}"]
        if other.kind is Kind.BIRTH_DATE:
            turned = part.substr(8, 2) + part.substr(5, 2) + part.substr(2, 2)
            name, holds = "birth_date", cell.contains(part.left(4)) | cell.contains(turned)
        else:
            name = {Kind.LOGIN: "login", Kind.EMAIL: "email"}.get(other.kind, "name")
            holds = (part.length() >= _TELLING) & word.contains(part)
        bits.append(ibis.ifelse(holds.fill_null(False), ibis.literal(_BIT[name], type="int8"), 0))
    return reduce(or_, bits).cast("int8")


def _person(column: Column) -> Role:
    return column.role if column.role in PERSON_ROLES else Role.PATIENT


def count_passwords(engine: Runner, tables: Tables, labels: ir.Table, columns: Sequence[Column]) -> Passwords | None:
    """Return the figures; None for a file without passwords."""
    clear = [column for column in columns if column.kind is Kind.PASSWORD and column.filled]
    hashed = [column for column in columns if column.kind is Kind.PASSWORD_HASH and column.filled]
    if not clear and not hashed:
        return None
    hashes = _hashes(engine, tables, labels, hashed) if hashed else {}
    if not clear:
        return Passwords(0, 0, 0, 0, 0, {}, Reuse(), hashes)
    accounts = _accounts(tables, labels, clear, _value_weakness(engine, tables, clear))
    sums = {f"weak_{name}": ((accounts.bits & bit) > 0).sum() for name, bit in _BIT.items()}
    weak, shared, patient = accounts.bits > 0, accounts.n > 1, accounts.patient
    line = one_row(
        engine,
        accounts.aggregate(
            accounts=accounts.count(),
            persons=accounts.owner.nunique(),
            distinct=accounts.value.nunique(),
            weak=weak.sum(),
            weak_patients=accounts.owner.nunique(where=weak & patient),
            reused=accounts.value.nunique(where=shared),
            reused_accounts=shared.sum(),
            reused_persons=accounts.owner.nunique(where=shared),
            reused_patients=accounts.owner.nunique(where=shared & patient),
            most=accounts.n.max(where=shared),
            **sums,
        ),
    )
    return Passwords(
        accounts=line["accounts"],
        persons=line["persons"],
        distinct=line["distinct"],
        weak_accounts=line["weak"],
        weak_patients=line["weak_patients"],
        weak={name: line[f"weak_{name}"] for name in WEAKNESSES if line[f"weak_{name}"]},
        reused=Reuse(
            line["reused"], line["reused_accounts"], line["reused_persons"], line["reused_patients"], line["most"]
        ),
        hashes=hashes,
    )


def _value_weakness(engine: Runner, tables: Tables, columns: Sequence[Column]) -> ir.Table:
    """Return `raw, bits` of the distinct passwords: what their own characters say."""
    frequent = engine.put(
        "frequent", pa.table({"text": pa.array(sorted(lexicon.common_passwords() | _french()), pa.string())})
    )
    checked = tables.checked
    values = checked.filter(checked.col.isin([column.index for column in columns]))
    values = values.select("raw", "value", small=values.value.lower()).distinct()
    values = values.mutate(stem=values.small.re_replace(_TAIL, ""))
    common = values.small.isin(frequent.text) | ((values.stem.length() > _TELLING) & values.stem.isin(frequent.text))
    return values.select("raw", bits=_bits({
        "short": values.value.length() < _SHORTEST,
        "one_class": values.value.re_search(_ONE_CLASS),
        "common": common,
    }))  # fmt: skip


def _bits(holds: Mapping[str, ir.BooleanValue]) -> ir.IntegerValue:
    return reduce(or_, [ibis.ifelse(value, ibis.literal(_BIT[name], type="int8"), 0) for name, value in holds.items()])


def _owned(tables: Tables, labels: ir.Table, columns: Sequence[Column]) -> ir.Table:
    """Return `owner, patient, value, own`: a line a row with a password whose owner is known."""
    facts = tables.facts
    pieces = []
    for column in columns:
        role = _person(column)
        value = facts[f"x{column.index}"]
        own = facts[f"p{column.index}"] if f"p{column.index}" in facts.columns else ibis.null("int8")
        key = next((f"{letter}_{role.value}" for letter in "rw" if f"{letter}_{role.value}" in facts.columns), None)
        some = facts.filter(value.notnull())
        if role is Role.PATIENT or key is None:
            some = some.select("row", value=value, own=own).inner_join(labels, "row")
            owner = hash64_of(Role.PATIENT.value, some.person.cast("string"))
        else:
            some = some.select(value=value, own=own, key=facts[key]).filter(ibis._.key.notnull())
            owner = hash64_of(role.value, some.key.cast("string"))
        patient = ibis.literal(role is Role.PATIENT or key is None)
        pieces.append(some.select("value", "own", owner=owner, patient=patient))
    return union(pieces)


def _accounts(tables: Tables, labels: ir.Table, columns: Sequence[Column], weak: ir.Table) -> ir.Table:
    """Return `owner, patient, value, bits, n`: a line an account; `n` is how many accounts have the password."""
    owned = _owned(tables, labels, columns)
    found = owned.group_by("owner", "patient", "value").aggregate(own=owned.own.bit_or().fill_null(0))
    joined = found.inner_join(weak, found.value == weak.raw)
    bits = joined.own.cast("int8") | joined.bits.cast("int8")
    accounts = joined.select("owner", "patient", "value", bits=bits)
    return accounts.mutate(n=accounts.count().over(group_by="value"))


def _hashes(engine: Runner, tables: Tables, labels: ir.Table, columns: Sequence[Column]) -> dict[str, HashCount]:
    """Return the accounts by family of their hash, the distinct hashes, and accounts that share one without salt."""
    checked = tables.checked
    values = checked.filter(checked.col.isin([column.index for column in columns]))
    named = values.select("raw", family=password_hash.family_expr(values.value)).distinct()
    owned = _owned(tables, labels, columns).select("owner", "value").distinct()
    owned = owned.inner_join(named, owned.value == named.raw)
    by_hash = owned.group_by("family", "value").aggregate(n=owned.count())
    counted = by_hash.group_by("family").aggregate(
        accounts=by_hash.n.sum(), distinct=by_hash.count(), shared=by_hash.n.sum(where=by_hash.n > 1).fill_null(0)
    )
    found = {}
    for line in engine.fetch(counted.order_by(ibis.desc("accounts"), "family")).to_pylist():
        family = password_hash.FAMILIES[line["family"]]
        accounts, shared = int(line["accounts"]), 0 if family.salted else int(line["shared"])
        found[family.name] = HashCount(accounts, int(line["distinct"]), shared, family.salted, family.effort)
    return found
