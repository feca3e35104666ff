"""What identifies the people of a row, as engine expressions (a sound first rule; the linker refines it later).

Rules for the patient, in the order in which they apply:

1. A NIR is not always one's own (spec link, "What made the difference"): it counts as the patient's only when its
   sex and its year and month of birth do not contradict the row's; two rows with the same own NIR are one person.
2. Usual name or birth name, with first name and birth date: rows that agree on any of the two names are one person,
   so that a woman counted once under each name is one.
3. A child under a parent's NIR: the same NIR, first name and birth date are one person, whatever the surname.
4. A typing error is forgiven when the NIR agrees on the rest: same NIR and birth date, same start of the first name.
5. Rows with no birth date or no name: names with an e-mail, a phone or an address; without names, the NIR, then the
   e-mail, the login or the phone alone.

Everyone else in the row is told apart by the strongest thing that the row says of them: an RPPS number, else names
with a birth date, else names alone; a spouse or a trusted person known by name only is told apart within the
patient's own rows, since two patients' "MARTIN JEAN" are rarely one man.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers._hash import hash64_of, no_hash
from etanche.model import PERSON_ROLES, Role
from etanche.persons.traits import trait

if TYPE_CHECKING:
    import ibis.expr.types as ir

_START = 3
"""Letters of the first name that must agree when the NIR and the birth date do (rule 4)."""
_BY_NAME_ONLY = (Role.SPOUSE, Role.TRUSTED_PERSON, Role.INSURED)
"""Roles told apart within a patient's rows when they have no birth date."""


def key_fields(rows: ir.Table) -> dict[str, ir.IntegerValue]:
    """Return the patient's keys of a row by name, `k_…`: those that its traits allow."""
    surname = trait(rows, Role.PATIENT, "surname")
    first = trait(rows, Role.PATIENT, "first")
    if first is None and surname is not None:
        first = ibis.literal("")
    born = trait(rows, Role.PATIENT, "born")
    digits = trait(rows, Role.PATIENT, "digits")
    keys: dict[str, ir.IntegerValue] = {}
    if digits is not None:
        keys["k_nir"] = hash64_of("nir", _own(rows, digits))
        if born is not None and first is not None:
            keys["k_child"] = hash64_of("child", digits, first, born)
            keys["k_typo"] = hash64_of("typo", digits, first.substr(0, _START), born)
    if born is not None and first is not None:
        for key, family in (("k_name", surname), ("k_birth_name", trait(rows, Role.PATIENT, "birth_name"))):
            if family is not None:
                keys[key] = hash64_of("name", family, first, born)
    fallback = _fallback(rows, surname, first, born, digits)
    if fallback is not None:
        keys["k_fallback"] = fallback
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
        fields["x_nir_birth"] = ibis.ifelse(known, digits.substr(1, 4) == yymm, ibis.null("boolean"))
    return fields


def _own(rows: ir.Table, digits: ir.StringValue) -> ir.StringValue:
    """Return the NIR's 13 digits unless the row's sex or birth date contradicts them."""
    own = digits.length() == 13
    for name in ("x_nir_sex", "x_nir_birth"):
        if name in rows.columns:
            own &= rows[name].fill_null(True)
    return ibis.ifelse(own, digits, ibis.null("string"))


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
    """Return a key for rows that the stronger ones cannot hold (rule 5)."""
    choices: list[ir.IntegerValue] = []
    nameless = ibis.literal(True)
    if surname is not None and first is not None:
        nameless = surname.isnull() | first.isnull()
        contact = trait(rows, Role.PATIENT, "contact")
        if contact is not None:
            choices.append(hash64_of("contact", surname, first, contact))
        if born is None:
            choices.append(hash64_of("only-name", surname, first))
    choices.extend(
        ibis.ifelse(nameless, hash64_of("alone", cell), no_hash())
        for cell in (digits, trait(rows, Role.PATIENT, "alone"))
        if cell is not None
    )
    if not choices:
        return None
    key = ibis.coalesce(*choices)
    return key if born is None else ibis.ifelse(born.isnull() | nameless, key, no_hash())


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
