"""What identifies the people of a row, as engine expressions (a sound first rule; the linker refines it later).

Rules for the patient, in the order in which they apply:

1. A NIR is not always one's own: children and some spouses have their parent's or spouse's (spec link, "What made the
   difference").  It is the row's own when year and month of birth agree and the sex does not disagree; a dependant's
   when any of them disagrees; undecided otherwise.  Two rows with the same own NIR are one person.
2. The same NIR and first name: one person among the own, one among the dependants; an undecided row is both's.  Where
   that would join many who all the rest tells apart, the number is a placeholder and joins nobody (`components`).
3. A first name mistyped: the same NIR, birth date and first letters of the first name.
4. Usual name or birth name, with first name, in either order, and birth date: rows that agree on any of the two names
   are one person, so that a woman counted once under each name is one.
5. A name missing, mistyped or changed, and no NIR to tell: the same birth date, first letters of the first name, and
   telephone, or address with its postcode.
6. Rows with no birth date and no NIR: the names there are, with an e-mail, a phone or an address; without any name, the
   e-mail, the login or the phone alone (with the birth date where there is one).
7. The number of a record that another table of the leak keeps (`patient_id`): the same number, the same person.

Birth dates are compared whichever way round day and month are (see `traits`).  Twins whose first names begin alike are
counted once where they share a NIR, a telephone or an address.

Everyone else in the row is told apart by the strongest thing that the row says of them: an RPPS number, else names
with a birth date, else names alone; a spouse or a trusted person known by name only is told apart within the
patient's own rows, since two patients' "MARTIN JEAN" are rarely one man.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers._hash import hash64_of, no_hash
from etanche.model import PERSON_ROLES, Role
from etanche.persons.traits import line, trait

if TYPE_CHECKING:
    import ibis.expr.types as ir

SPACES = (
    ("k_nir",),
    ("k_start",),
    ("k_name", "k_birth_name"),
    ("k_phone",),
    ("k_address",),
    ("k_given", "k_undecided"),
    ("k_fallback",),
)
"""Keys that can meet: those of one space are made alike, those of two spaces never equal; the surest come first."""

_START = 3
"""Letters of the first name that must agree where the rest does (rules 3 and 5)."""
_BY_NAME_ONLY = (Role.SPOUSE, Role.TRUSTED_PERSON, Role.INSURED)
"""Roles told apart within a patient's rows when they have no birth date."""


RECORD = "k_record"
"""Beginning of the names of the keys of rule 7, each of which is a space of its own."""


def key_fields(rows: ir.Table, records: Sequence[Sequence[int]] = ()) -> dict[str, ir.IntegerValue]:
    """Return the patient's keys of a row by name, `k_…`: those that its traits allow.

    `records` are sets of columns of which each row holds one at most: the number of a person's record (rule 7).
    """
    surname, first, born, digits = (trait(rows, Role.PATIENT, name) for name in ("surname", "first", "born", "digits"))
    # Without a column of first names the whole name stands for it.
    given = surname if first is None else first
    start = given if first is None or given is None else given.left(_START)
    keys: dict[str, ir.IntegerValue] = {}
    if digits is not None:
        keys |= _nir_keys(rows, digits, given, start, born)
    if born is not None and given is not None and start is not None:
        keys |= _name_keys(rows, born, first)
        phone, address = trait(rows, Role.PATIENT, "phone"), trait(rows, Role.PATIENT, "address")
        postcode = trait(rows, Role.PATIENT, "postcode")
        if phone is not None:
            keys["k_phone"] = hash64_of("phone", start, born, line(phone))
        if address is not None and postcode is not None:
            keys["k_address"] = hash64_of("address", start, born, address, postcode)
    fallback = _fallback(rows, surname, first, born, digits)
    if fallback is not None:
        keys["k_fallback"] = fallback
    for number, columns in enumerate(records):
        keys[f"{RECORD}{number}"] = hash64_of("record", ibis.coalesce(*(rows[f"c{index}"] for index in columns)))
    return keys


def _nir_keys(
    rows: ir.Table,
    digits: ir.StringValue,
    given: ir.StringValue | None,
    start: ir.StringValue | None,
    born: ir.StringValue | None,
) -> dict[str, ir.IntegerValue]:
    """Return the keys that rest on the NIR (rules 1 to 3)."""
    own, dependant = _bearer(rows)
    nothing = ibis.null("string")
    nameless = ibis.literal(True)
    for known in (given, born):
        if known is not None:
            nameless &= known.isnull()
    keys = {"k_nir": hash64_of("nir", ibis.ifelse(own | nameless, digits, nothing))}
    if given is not None and start is not None:
        whose = ibis.ifelse(dependant, "dependant", "bearer")
        keys["k_given"] = hash64_of("given", whose, digits, given)
        undecided = ibis.ifelse(own | dependant, nothing, "dependant")
        keys["k_undecided"] = hash64_of("given", undecided, digits, given)
    beginning = ibis.literal("") if start is None else start.fill_null("")
    if born is not None:
        keys["k_start"] = hash64_of("start", digits, beginning, born)
    elif start is not None:
        keys["k_start"] = hash64_of("start", digits, start)
    return keys


def _name_keys(rows: ir.Table, born: ir.StringValue, first: ir.StringValue | None) -> dict[str, ir.IntegerValue]:
    """Return the keys that rest on the names and the birth date (rule 4)."""
    keys: dict[str, ir.IntegerValue] = {}
    for key, name in (("k_name", "surname"), ("k_birth_name", "birth_name")):
        family = trait(rows, Role.PATIENT, name)
        if family is not None and first is not None:
            both = ibis.ifelse(family.isnull() | first.isnull(), ibis.null("string"), ibis.least(family, first))
            keys[key] = hash64_of("name", both, ibis.greatest(family, first), born)
        elif family is not None:
            keys[key] = hash64_of("name", family, born)
    return keys


def agreement_fields(rows: ir.Table) -> dict[str, ir.BooleanValue]:
    """Return `x_nir_sex` and `x_nir_birth`: does the NIR agree with the row; null where nothing can be decided.

    To be computed before `key_fields`, which asks them whose the NIR is.
    """
    fields: dict[str, ir.BooleanValue] = {}
    sex = trait(rows, Role.PATIENT, "sex")
    yymm = trait(rows, Role.PATIENT, "yymm")
    digits = trait(rows, Role.PATIENT, "digits")
    if digits is None:
        return fields
    whole = digits.length() == 13
    if sex is not None:
        fields["x_nir_sex"] = ibis.ifelse(whole, _letter(sex) == _letter_of_number(digits), ibis.null("boolean"))
    if yymm is not None:
        # Months over 12 are those of incomplete registers: they say nothing of the date.
        known = whole & digits.substr(3, 2).between("01", "12")
        fields["x_nir_birth"] = ibis.ifelse(known, digits.substr(1, 4).try_cast("int64") == yymm, ibis.null("boolean"))
    return fields


def _bearer(rows: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether the NIR is the row's own, and whether it is another's (rule 1); neither where undecided."""
    sex, birth = (rows[name] if name in rows.columns else ibis.null("boolean") for name in ("x_nir_sex", "x_nir_birth"))
    dependant = ~sex.fill_null(True) | ~birth.fill_null(True)
    return birth.fill_null(False) & ~dependant, dependant


def _letter(sex: ir.StringValue) -> ir.StringValue:
    letter = sex.left(1)
    male, female = letter.isin(["M", "m", "H", "h", "1"]), letter.isin(["F", "f", "2"])
    return ibis.cases((male, "M"), (female, "F"), else_=ibis.null("string"))


def _letter_of_number(digits: ir.StringValue) -> ir.StringValue:
    first = digits.left(1)
    return ibis.cases((first.isin(["1", "3", "7"]), "M"), (first.isin(["2", "4", "8"]), "F"), else_=ibis.null("string"))


def _fallback(
    rows: ir.Table,
    surname: ir.StringValue | None,
    first: ir.StringValue | None,
    born: ir.StringValue | None,
    digits: ir.StringValue | None,
) -> ir.IntegerValue | None:
    """Return a key for rows that the stronger ones cannot hold (rule 6)."""
    names = [name for name in (surname, first) if name is not None]
    nameless = reduce(and_, [name.isnull() for name in names], ibis.literal(True))
    unborn = ibis.literal(True) if born is None else born.isnull()
    no_nir = ibis.literal(True) if digits is None else digits.isnull()
    choices: list[ir.IntegerValue] = []
    if names:
        contact = trait(rows, Role.PATIENT, "contact")
        if contact is not None:
            # A name that is missing is one more name: the two of a household's e-mail are not one person.
            said = [name.fill_null("") for name in names]
            choices.append(_only(unborn & no_nir & ~nameless, hash64_of("contact", *said, line(contact))))
        if born is None:
            choices.append(_only(no_nir, hash64_of("only-name", *names)))
    alone = trait(rows, Role.PATIENT, "alone")
    if alone is not None:
        choices.append(_only(unborn & no_nir & nameless, hash64_of("alone", line(alone))))
        if born is not None:
            choices.append(_only(no_nir & nameless, hash64_of("alone", line(alone), born)))
    if not choices:
        return None
    return ibis.coalesce(*choices) if len(choices) > 1 else choices[0]


def _only(where: ir.BooleanValue, key: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.ifelse(where, key, no_hash())


def role_fields(rows: ir.Table) -> dict[str, ir.IntegerValue]:
    """Return the key of everyone else in a row by name: `r_<role>`, or `w_<role>` where it holds within a patient."""
    fields: dict[str, ir.IntegerValue] = {}
    for role in PERSON_ROLES:
        if role is Role.PATIENT:
            continue
        found = [trait(rows, role, name) for name in ("surname", "first", "login")]
        names = [name for name in found if name is not None]
        number, born = trait(rows, role, "number"), trait(rows, role, "born")
        choices = [] if number is None else [hash64_of("number", number)]
        if names:
            choices.append(_names_key(names, born))
        if choices:
            within = born is None and role in _BY_NAME_ONLY
            key = ibis.coalesce(*choices) if len(choices) > 1 else choices[0]
            fields[f"{'w' if within else 'r'}_{role.value}"] = key
    return fields


def _names_key(names: Sequence[ir.StringValue], born: ir.StringValue | None) -> ir.IntegerValue:
    present = reduce(or_, [name.notnull() for name in names])
    parts = [*names, born] if born is not None else names
    return ibis.ifelse(present, hash64_of("names", *[part.fill_null("") for part in parts]), no_hash())
