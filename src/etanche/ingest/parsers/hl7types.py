"""Data types of HL7 v2 (HL7 2.8 chapter 2A): what a field is split into, and by which names.

1. Names are such that recognition knows what they hold; prefixes say whose it is (`insured_birth_date`).
2. Components that a type does not name become columns by number.
"""

from __future__ import annotations

from collections.abc import Callable

from etanche.ingest.parsers.hl7v2 import Row, component, first_sub, generic, rest

Handler = Callable[[Row, str, str], None]
"""Reads one repetition of a field into a row, under a name."""


def _under(prefix: str, name: str) -> str:
    return f"{prefix}_{name}" if prefix else name


def text_value(row: Row, name: str, value: str) -> None:
    """ST, ID, SI: one value; unescaped separators in it belong to it."""
    row.put(name, value)


def long_text(row: Row, name: str, value: str) -> None:
    """FT, TX: repetitions are lines."""
    row.put(name, value.replace(row.separators.repetition, "\n") if row.separators.repetition else value)


def moment(row: Row, name: str, value: str) -> None:
    """TS, DTM: the date is the first component."""
    components = value.split(row.separators.component)
    row.put(name, components[0])
    rest(row, name, components, frozenset({1}))


def coded(row: Row, name: str, value: str) -> None:
    """CE, CWE: code, label, system, and the same of another system; a lone value is itself."""
    components = value.split(row.separators.component)
    if len(components) == 1:
        row.put(name if name != "test" else "test_code", value)
        return
    label = component(components, 2)
    row.put(f"{name}_code" if label else name if name != "test" else "test_code", component(components, 1))
    row.put(name, label)
    row.put(f"{name}_system", component(components, 3))
    row.put(f"{name}_other_code", component(components, 4))
    row.put(f"{name}_other", component(components, 5))
    row.put(f"{name}_other_system", component(components, 6))
    rest(row, name, components, frozenset(range(1, 7)))


def entity(row: Row, name: str, value: str) -> None:
    """EI, HD: an identifier, then who gave it."""
    components = value.split(row.separators.component)
    row.put(name, components[0])
    row.put(f"{name}_authority", component(components, 2))
    row.put(f"{name}_oid", component(components, 3))
    rest(row, name, components, frozenset({1, 2, 3}))


_INS = {
    "1.2.250.1.213.1.4.8": "ins_nir",
    "1.2.250.1.213.1.4.9": "nia",
    "1.2.250.1.213.1.4.10": "ins_nir",
    "1.2.250.1.213.1.4.11": "ins_nir",
    "1.2.250.1.213.1.4.2": "ins_c",
}
"""OIDs of the national identity of health (ANS, "Liste des OID des autorités d'affectation des INS")."""
_IDENTIFIERS = {
    "PI": "ipp",
    "MR": "medical_record_number",
    "AN": "iep",
    "VN": "visit_number",
    "NH": "nir",
    "SS": "nir",
    "SNS": "nir",
    "NIR": "nir",
    "INS": "ins",
    "INS-NIR": "ins_nir",
    "INS-NIA": "nia",
    "INS-C": "ins_c",
    "INS-A": "ins_a",
    "RPPS": "rpps",
    "ADELI": "adeli",
    "FINEG": "finess",
    "FINEJ": "finess",
    "SIREN": "siren",
    "SIRET": "siret",
    "PPN": "passport_number",
    "DL": "driving_licence",
}


def _authority(row: Row, base: str, text: str) -> None:
    """Put who gave an identifier (HD as a component): name, number, and its type where it is no OID."""
    names = text.split(row.separators.sub, 2) if row.separators.sub else [text]
    row.put(f"{base}_authority", names[0])
    row.put(f"{base}_oid", component(names, 2))
    if component(names, 3) != "ISO":
        row.put(f"{base}_oid_type", component(names, 3))


def identifier(row: Row, name: str, value: str) -> None:
    """CX: an identifier named by its type where that says whose it is, and who gave it."""
    components = value.split(row.separators.component)
    authority, _, oid = component(components, 4).partition(row.separators.sub or "&")
    oid = oid.partition(row.separators.sub or "&")[0]
    kind = component(components, 5).upper()
    base = _INS.get(oid, "")
    if not base and "INS-" in authority.upper():
        base = _IDENTIFIERS.get("INS-" + authority.upper().rpartition("INS-")[2], "")
    base = base or _IDENTIFIERS.get(kind, "")
    prefix = name.removesuffix("id").rstrip("_")
    if not name.endswith("id"):
        base = name
    elif base:
        base = _under(prefix, base)
    else:
        base = _under(prefix, f"id_{kind.lower()}" if kind.isascii() and kind.isalnum() and len(kind) < 9 else "id")
    row.put(base, components[0])
    _authority(row, base, component(components, 4))
    named = kind and name.endswith("id") and (kind in _IDENTIFIERS or base.endswith(f"id_{kind.lower()}"))
    if not named:
        row.put(f"{base}_type", component(components, 5))
    rest(row, base, components, frozenset({1, 4, 5}))


_BIRTH_TYPES = frozenset({"M", "MAIDEN"})
_ALIAS_TYPES = {"A": "alias", "N": "alias", "P": "alias", "S": "pseudonym", "BAD": "former", "C": "adopted"}


def person(row: Row, name: str, value: str) -> None:
    """XPN: D the name in use, L the legal one (of birth, beside a D), M the maiden name (IHE PAM, France)."""
    components = value.split(row.separators.component)
    kind = component(components, 7).upper()
    family = first_sub(row, components[0])
    prefix = _under(name, _ALIAS_TYPES[kind]) if kind in _ALIAS_TYPES else name
    before = row.name_types.get(name, "")
    birth, family_name = _under(prefix, "birth_name"), _under(prefix, "family_name")
    if kind in _BIRTH_TYPES or (kind == "L" and before == "D"):
        row.put(birth, family)
    else:
        if kind == "D" and before == "L" and family_name in row.cells:
            row.cells.setdefault(birth, row.cells.pop(family_name))
        row.put(family_name, family)
    if kind in {"D", "L"}:
        row.name_types[name] = kind
    for column, given in (("given_name", component(components, 2)), ("given_names", component(components, 3))):
        # The same person's first name stands beside each of their names.
        if row.cells.get(_under(prefix, column)) != row.separators.plain(given):
            row.put(_under(prefix, column), given)
    row.put(_under(prefix, "name_suffix"), component(components, 4))
    row.put(_under(prefix, "title"), component(components, 5))
    if row.separators.sub and row.separators.sub in components[0]:
        row.put(_under(prefix, "name_parts"), components[0].partition(row.separators.sub)[2])
    known = {1, 2, 3, 4, 5, 7} if kind in {"D", "L"} | _BIRTH_TYPES | _ALIAS_TYPES.keys() else {1, 2, 3, 4, 5}
    rest(row, _under(prefix, "name"), components, frozenset(known))


def practitioner(row: Row, name: str, value: str) -> None:
    """XCN: a person of the staff, with an identifier."""
    components = value.split(row.separators.component)
    if len(components) == 1:
        row.put(f"{name}_id" if value.isalnum() and not value.isalpha() else name, value)
        return
    kind = component(components, 13).upper()
    row.put(f"{name}_rpps" if kind == "RPPS" else f"{name}_adeli" if kind == "ADELI" else f"{name}_id", components[0])
    row.put(f"{name}_family_name", first_sub(row, component(components, 2)))
    row.put(f"{name}_given_name", component(components, 3))
    row.put(f"{name}_title", component(components, 6))
    if kind not in {"RPPS", "ADELI"}:
        row.put(f"{name}_id_type", kind)
    _authority(row, name, component(components, 9))
    rest(row, name, components, frozenset({1, 2, 3, 6, 9, 13}))


_ADDRESSES = {"BDL": "birth", "N": "birth", "BR": "birth", "F": "origin", "O": "work", "B": "work", "BA": "bad"}


def address(row: Row, name: str, value: str) -> None:
    """XAD: street, town and so on; BDL is the birth place, with its INSEE code as component 9 (IHE PAM, France)."""
    components = value.split(row.separators.component)
    kind = component(components, 7).upper()
    use = _ADDRESSES.get(kind, "")
    street = components[0]
    if row.separators.sub and row.separators.sub in street:
        # SAD: the whole line, the name of the street, the number.
        whole, *parts = street.split(row.separators.sub)
        street = whole or " ".join(part for part in reversed(parts) if part)
    prefix = _under(name, use) if use and use != name else name
    town = _under(name, "birth_place") if use == "birth" else _under(prefix, "city")
    row.put(_under(prefix, "address"), street)
    row.put(_under(prefix, "address_complement"), component(components, 2))
    row.put(town, component(components, 3))
    row.put(_under(prefix, "state"), component(components, 4))
    row.put(_under(prefix, "postcode"), component(components, 5))
    row.put(_under(prefix, "country"), component(components, 6))
    row.put(
        _under(name, "birth_place_insee") if use == "birth" else _under(prefix, "insee_code"), component(components, 9)
    )
    known = {1, 2, 3, 4, 5, 6, 9} | ({7} if use or kind == "H" else set())
    rest(row, _under(prefix, "address"), components, frozenset(known))


_EQUIPMENT = {"CP": "mobile_phone", "FX": "fax", "BP": "beeper", "MD": "modem"}


def telephone(row: Row, name: str, value: str) -> None:
    """XTN: telephone, mobile, fax or e-mail, by equipment and use; the number may stand in several places."""
    components = value.split(row.separators.component)
    use, kind, mail = component(components, 2).upper(), component(components, 3).upper(), component(components, 4)
    known = {1, 2, 3, 4, 12}
    number = components[0] or component(components, 12)
    if not number:
        number = " ".join(part for part in components[4:8] if part)
        known |= {5, 6, 7, 8}
    elif components[0] and component(components, 12) != components[0]:
        known.discard(12)
    electronic = use == "NET" or kind in {"INTERNET", "X.400", "NET"}
    if electronic and not mail:
        mail, number = number, ""
    if "@" in number:
        mail, number = mail or number, "" if not mail else number
    prefix = _under(name, "work") if use == "WPN" and not name.endswith("work") else name
    row.put(_under(name, "email"), mail)
    row.put(_under(prefix, _EQUIPMENT.get(kind, "mobile_phone" if use == "PRS" else "phone")), number)
    rest(row, _under(prefix, "phone"), components, frozenset(known))


def organisation(row: Row, name: str, value: str) -> None:
    """XON: a name and an identifier."""
    components = value.split(row.separators.component)
    row.put(name, components[0])
    kind = component(components, 7).upper()
    number = component(components, 10)
    base = {"FINEG": "finess", "FINEJ": "finess", "SIREN": "siren", "SIRET": "siret"}.get(kind, "id")
    row.put(_under(name, base), number or component(components, 3))
    _authority(row, name, component(components, 6))
    known = {1, 6, 10} | ({7} if base != "id" else set()) | (set() if number else {3})
    rest(row, name, components, frozenset(known))


def location(row: Row, name: str, value: str) -> None:
    """PL: care unit, room, bed, facility."""
    components = value.split(row.separators.component)
    row.put(f"{name}_unit", components[0])
    row.put(f"{name}_room", component(components, 2))
    row.put(f"{name}_bed", component(components, 3))
    facility = component(components, 4).split(row.separators.sub or "&", 2)
    row.put(f"{name}_facility", facility[0])
    row.put(f"{name}_facility_id", component(facility, 2))
    row.put(f"{name}_facility_id_type", component(facility, 3))
    rest(row, name, components, frozenset({1, 2, 3, 4}))


_CODED_VALUES = frozenset({"CE", "CWE", "CNE", "CF"})
_TEXT_VALUES = frozenset({"ST", "TX", "FT", "DT", "TM", "TS", "DTM", "NM", "ID", "IS", ""})


def result(row: Row, name: str, value: str) -> None:
    """OBX-5: read by OBX-2; documents (ED) are cut out by the reader before."""
    kind, separators = row.value_type, row.separators
    if kind in _TEXT_VALUES:
        long_text(row, name, value)
        return
    for part in value.split(separators.repetition):
        if not part:
            continue
        if kind in _CODED_VALUES:
            coded(row, name, part)
        elif kind == "SN":
            row.put(name, part.replace(separators.component, ""))
        elif kind in {"XPN", "XCN", "XAD", "CX", "XTN", "XON", "EI"}:
            HANDLERS[kind](row, name, part)
        else:
            generic(row, name, part)


HANDLERS: dict[str, Handler] = {
    "ST": text_value,
    "RAW": text_value,
    "FT": long_text,
    "TS": moment,
    "CE": coded,
    "EI": entity,
    "HD": entity,
    "CX": identifier,
    "XPN": person,
    "XCN": practitioner,
    "XAD": address,
    "XTN": telephone,
    "XON": organisation,
    "PL": location,
    "VAL": result,
}
WHOLE = frozenset({text_value, long_text, result})
"""Types that see a field with its repetitions."""
ALONE = frozenset({text_value, long_text, moment, entity, coded})
"""Types of which a value without any separator is just that."""
