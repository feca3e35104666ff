"""FHIR R4 resources with readable columns: what matters is named, and nothing else of the resource is lost.

1. A value that has a column of its own is moved there; what is left of its element stays where FHIR has it.
2. Identifiers go by their system (the French OIDs of the INS, RPPS, FINESS…) or their type (PI, MR: the hospital's).
3. Names go by use: usual before official; beside a usual name the official one is the name at birth (as the French
   profiles of Interop'Santé have it), as is the maiden name.
4. Codes go by system: LOINC, NABM, CIM-10, CIP, UCD, ATC; their display is the label.
5. A reference `Patient/12` is `12` in a column that says whose it is; any other spelling stays whole.

    >>> columns({"resourceType": "Patient", "id": "1", "name": [{"family": "Dupont", "given": ["Anne"]}]})
    {'id': '1', 'nom': 'Dupont', 'prenom': 'Anne'}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from etanche.ingest.parsers.trees.values import text_of

Tree = dict[str, Any]

_SYSTEMS: tuple[tuple[str, str], ...] = (
    (r"1\.2\.250\.1\.213\.1\.4\.(?:2|8|9|10|11)$", "ins"),
    (r"rpps|1\.2\.250\.1\.71\.4\.2\.1$", "rpps"),
    (r"adeli", "adeli"),
    (r"finess|1\.2\.250\.1\.71\.4\.2\.2$", "finess"),
    (r"siret", "siret"),
    (r"siren\b", "siren"),
    (r"us-ssn|/nir\b|\bnir$|1\.2\.250\.1\.215", "nir"),
)
_IDENTIFIERS = tuple((re.compile(pattern, re.IGNORECASE), column) for pattern, column in _SYSTEMS)
_TYPES = {
    "INS-NIR": "ins", "INS-NIA": "ins", "INS-C": "ins", "NH": "nir", "SS": "nir", "RPPS": "rpps", "IDNPS": "rpps",
    "ADELI": "adeli", "FINEG": "finess", "FINEJ": "finess", "PI": "ipp", "MR": "ipp", "VN": "iep",
}  # fmt: skip
_CODES = tuple(
    (re.compile(pattern, re.IGNORECASE), column)
    for pattern, column in (
        (r"loinc|2\.16\.840\.1\.113883\.6\.1$", "loinc"),
        (r"nabm|1\.2\.250\.1\.213\.2\.3\.2$", "nabm"),
        (r"icd-?10|cim-?10|2\.16\.840\.1\.113883\.6\.3$", "cim10"),
        (r"\bcip\b|cip-?13|1\.2\.250\.1\.213\.2\.3\.1$", "cip"),
        (r"\bucd\b", "ucd"),
        (r"whocc|\batc\b|2\.16\.840\.1\.113883\.6\.73$", "atc"),
    )
)
_PATIENT = re.compile(r"Patient/([A-Za-z0-9\-.]{1,64})")
_PRACTITIONER = re.compile(r"Practitioner(?:Role)?/([A-Za-z0-9\-.]{1,64})")
_INSEE = re.compile(r"insee", re.IGNORECASE)
_BIRTH_PLACE = re.compile(r"birthplace", re.IGNORECASE)


@lru_cache(4096)
def _column_of(system: str, known: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """Return the column that a system's values have; an empty string when it has none of its own."""
    return next((column for pattern, column in known if pattern.search(system)), "")


class _Move:
    """Moves values of a resource into columns."""

    def __init__(self, resource: Tree, prefix: str = "") -> None:
        self.left = dict(resource)
        self.out: Tree = {}
        self.prefix = prefix

    def put(self, column: str, value: Any) -> bool:  # noqa: ANN401 - a tree
        """Fill a column unless it is filled; tell whether it was."""
        column = self.prefix + column
        if not value or column in self.out or type(value) is dict:
            return False
        self.out[column] = value if type(value) is str else text_of(value)
        return True

    def take(self, key: str, column: str) -> None:
        """Move a value of the resource itself."""
        if key in self.left and self.put(column, self.left[key]):
            del self.left[key]

    def each(self, key: str, move: Callable[[Tree], Tree]) -> None:
        """Have each element under a key moved; what `move` leaves stays."""
        held = self.left.get(key)
        if held is None:
            return
        items: list[Any] = held if type(held) is list else [held]
        if set(map(type, items)) != {dict}:
            return
        left = [item for item in (move(dict(item)) for item in items) if item]
        if left:
            self.left[key] = left if isinstance(held, list) else left[0]
        else:
            del self.left[key]

    def part(self, item: Tree, key: str, column: str) -> Tree:
        """Move a value of an element; return the element."""
        if key in item and self.put(column, item[key]):
            del item[key]
        return item

    # --- elements ------------------------------------------------------------------------------------------------

    def identifier(self, item: Tree) -> Tree:
        """Move an identifier's value by its system or type."""
        column = _column_of(text_of(item.get("system")), _IDENTIFIERS)
        if not column:
            codes = [text_of(coding.get("code")) for coding in _codings(item.get("type"))]
            column = next((_TYPES[code] for code in codes if code in _TYPES), "")
        if column:
            self.part(item, "value", column)
        return item

    def names(self) -> None:
        """Move the names."""
        held = self.left.get("name")
        items = held if isinstance(held, list) else [held]
        names = [dict(item) for item in items if isinstance(item, dict)]
        if not names or len(names) != len(items):
            return
        uses = [text_of(name.get("use")) for name in names]
        for name, use in zip(names, uses, strict=True):
            if use == "maiden" or (use == "official" and "usual" in uses):
                self.part(name, "family", "nom_naissance")
        order = sorted(range(len(names)), key=lambda k: {"usual": 0, "official": 1, "": 2}.get(uses[k], 3))
        name = names[order[0]]
        self.part(name, "family", "nom")
        given = name.get("given")
        if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
            self.put("prenom", given[0])
            self.put("autres_prenoms", given[1:])
            del name["given"]
        else:
            self.part(name, "given", "prenom")
        self.part(name, "prefix", "civilite")
        if self.prefix + "nom" not in self.out:
            self.part(name, "text", "nom_complet")
        left = [item for item in names if item]
        self.left.pop("name")
        if left:
            self.left["name"] = left

    def telecom(self, item: Tree) -> Tree:
        """Move the first telephone numbers and the first address of each kind."""
        system, use = text_of(item.get("system")), text_of(item.get("use"))
        if system == "email":
            column = "email"
        elif system in {"fax", "url"}:
            column = system
        elif system in {"phone", "sms"}:
            column = "mobile" if use == "mobile" or system == "sms" else "telephone"
        else:
            return item
        before = len(self.out)
        self.part(item, "value", column)
        if len(self.out) > before:
            item.pop("system", None)
            if use == "mobile":
                item.pop("use", None)
        return item

    def address(self, item: Tree) -> Tree:
        """Move the first address."""
        if self.prefix + "code_postal" in self.out or self.prefix + "ville" in self.out:
            return item
        for key, column in (("line", "adresse"), ("postalCode", "code_postal"), ("city", "ville"), ("country", "pays")):
            self.part(item, key, column)
        self._insee(item, "code_insee")
        return item

    def _insee(self, item: Tree, column: str) -> None:
        """Move the INSEE code of an address' extension."""
        held = item.get("extension")
        left = []
        items: list[Any] = held if isinstance(held, list) else [held]
        for extension in items:
            known = isinstance(extension, dict) and _INSEE.search(text_of(extension.get("url")))
            coding = next(iter(_codings({"coding": extension.get("valueCoding")})), {}) if known else {}
            if not (known and self.put(column, coding.get("code") or extension.get("valueString"))):
                left.append(extension)
        if held is not None:
            item.pop("extension")
            if left:
                item["extension"] = left

    def birth_place(self, item: Tree) -> Tree:
        """Move the place of birth out of its extension."""
        place = item.get("valueAddress")
        if isinstance(place, dict) and _BIRTH_PLACE.search(text_of(item.get("url"))):
            place = dict(place)
            self.part(place, "city", "lieu_naissance")
            self._insee(place, "code_insee_naissance")
            self.part(place, "country", "pays_naissance")
            item.pop("valueAddress")
            if not place:
                return {}
            item["valueAddress"] = place
        return item

    def concept(self, label: str, code: str) -> Callable[[Tree], Tree]:
        """Return what moves a CodeableConcept: its codes by system, its label."""

        def move(item: Tree) -> Tree:
            codings = [dict(coding) for coding in _codings(item)]
            for coding in codings:
                self.part(coding, "code", _column_of(text_of(coding.get("system")), _CODES) or code)
            for coding in codings:
                self.part(coding, "display", label)
            self.part(item, "text", label)
            item.pop("coding", None)
            if left := [coding for coding in codings if coding]:
                item["coding"] = left
            return item

        return move

    def reference(self, column: str, shown: str, pattern: re.Pattern[str]) -> Callable[[Tree], Tree]:
        """Return what moves a Reference."""

        def move(item: Tree) -> Tree:
            match = pattern.fullmatch(text_of(item.get("reference")))
            if "reference" in item:
                if not self.put(column, match.group(1) if match else item["reference"]):
                    return item
                del item["reference"]
            self.part(item, "display", shown)
            return item

        return move

    def period(self, key: str, start: str, end: str) -> None:
        """Move the ends of a period."""
        if isinstance(self.left.get(key), dict):
            self.each(key, lambda item: self.part(self.part(item, "start", start), "end", end))

    def person(self) -> None:
        """Move what says who a person is."""
        self.each("identifier", self.identifier)
        self.names()
        self.take("gender", "sexe")
        self.take("birthDate", "date_naissance")
        self.each("telecom", self.telecom)
        self.each("address", self.address)

    def subject(self, key: str = "subject") -> None:
        """Move whose resource it is."""
        self.each(key, self.reference("patient_id", "patient", _PATIENT))

    def value(self) -> None:
        """Move the value of an observation."""

        def quantity(item: Tree) -> Tree:
            self.part(item, "comparator", "comparateur")
            return self.part(self.part(item, "value", "valeur"), "unit", "unite")

        for key in [key for key in self.left if key.startswith("value")]:
            if key == "valueQuantity":
                self.each(key, quantity)
            elif key == "valueCodeableConcept":
                self.each(key, self.concept("valeur", "valeur_code"))
            else:
                self.take(key, "valeur")

    def notes(self) -> None:
        """Move the first comment."""
        self.each("note", lambda item: self.part(item, "text", "commentaire"))

    def done(self) -> Tree:
        """Return the columns, then what is left."""
        for key, value in self.left.items():
            self.out[key if key not in self.out else f"{key}_fhir"] = value
        return self.out


def _codings(concept: Any) -> list[Tree]:  # noqa: ANN401 - a tree
    held = concept.get("coding") if isinstance(concept, dict) else None
    return [coding for coding in (held if isinstance(held, list) else [held]) if isinstance(coding, dict)]


def _patient(move: _Move) -> None:
    move.person()
    move.take("deceasedDateTime", "date_deces")
    move.take("deceasedBoolean", "decede")
    move.each("maritalStatus", move.concept("situation_familiale", "situation_familiale_code"))
    move.each("extension", move.birth_place)
    move.each("generalPractitioner", move.reference("medecin_traitant_id", "medecin_traitant", _PRACTITIONER))

    def contact(item: Tree) -> Tree:
        inner = _Move(item, "contact_")
        inner.out = move.out
        if "contact_nom" not in move.out:
            inner.names()
            inner.each("telecom", inner.telecom)
            inner.each("address", inner.address)
            inner.take("gender", "sexe")
        return inner.left

    move.each("contact", contact)


def _practitioner(move: _Move) -> None:
    move.prefix = "praticien_"
    move.person()


def _related(move: _Move) -> None:
    move.subject("patient")
    move.prefix = "proche_"
    move.person()
    move.each("relationship", move.concept("lien", "lien_code"))


def _observation(move: _Move) -> None:
    move.subject()
    move.each("code", move.concept("libelle", "code"))
    move.take("effectiveDateTime", "date_examen")
    move.value()
    move.each("interpretation", move.concept("interpretation_libelle", "interpretation"))
    move.notes()


def _condition(move: _Move) -> None:
    move.subject()
    move.each("code", move.concept("diagnostic", "code"))
    move.each("clinicalStatus", move.concept("statut_clinique_libelle", "statut_clinique"))
    move.take("onsetDateTime", "date_debut")
    move.take("recordedDate", "date_enregistrement")
    move.notes()


def _medication(move: _Move) -> None:
    move.subject()
    move.each("medicationCodeableConcept", move.concept("medicament", "code"))
    if isinstance(move.left.get("medicationReference"), dict):
        move.each("medicationReference", lambda item: move.part(item, "display", "medicament"))
    move.each("dosageInstruction", lambda item: move.part(item, "text", "posologie"))
    move.take("authoredOn", "date_prescription")
    move.each("requester", move.reference("prescripteur_id", "prescripteur", _PRACTITIONER))
    move.notes()


def _coverage(move: _Move) -> None:
    move.each("identifier", move.identifier)
    move.subject("beneficiary")
    move.take("subscriberId", "numero_adherent")
    move.each("payor", move.reference("assureur_ref", "assureur", re.compile(r"(?!)")))
    move.period("period", "date_debut", "date_fin")


def _encounter(move: _Move) -> None:
    _other(move)
    move.period("period", "date_visite", "date_fin")


def _report(move: _Move) -> None:
    _other(move)
    move.each("code", move.concept("libelle", "code"))
    move.take("effectiveDateTime", "date_examen")
    move.take("conclusion", "conclusion")


def _organization(move: _Move) -> None:
    move.each("identifier", move.identifier)
    move.take("name", "etablissement")
    move.each("telecom", move.telecom)
    move.each("address", move.address)


def _other(move: _Move) -> None:
    move.each("identifier", move.identifier)
    move.subject()


_MOVES: dict[str, Callable[[_Move], None]] = {
    "Patient": _patient,
    "Person": _patient,
    "Practitioner": _practitioner,
    "RelatedPerson": _related,
    "Observation": _observation,
    "Condition": _condition,
    "MedicationRequest": _medication,
    "MedicationStatement": _medication,
    "Coverage": _coverage,
    "Encounter": _encounter,
    "DiagnosticReport": _report,
    "Organization": _organization,
}


def columns(resource: Any) -> Any:  # noqa: ANN401 - a tree
    """Return a resource with readable columns first, then what has none; the type is its table's name."""
    if type(resource) is not dict:
        return resource
    move = _Move(resource)
    kind = move.left.pop("resourceType", "")
    move.take("id", "id")
    _MOVES.get(kind if isinstance(kind, str) else "", _other)(move)
    return move.done()
