"""The identity and contact columns of the leak.

Rules:

1. The counts of the anchors are exact; who is counted is drawn among those whom the value fits.
2. A spouse's or insured person's cell is filled only where the patient's cell of that kind is, so that "rows with a
   surname" is one figure however it is read.
3. Errors that a laboratory's file has: names mistyped or the other one of two, keys of NIR wrong, NIR cut short,
   telephones short of a digit, impossible dates, days and months changed about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche.replica import numbers, places
from etanche.replica.anchors import Targets
from etanche.replica.cells import Cells, Codes, Mask, exactly, words
from etanche.replica.dates import Calendar
from etanche.replica.emails import patient_emails
from etanche.replica.names import Names, mistyped
from etanche.replica.people import NOBODY, YEAR, People
from etanche.replica.rows import Rows
from etanche.replica.vocabulary import vocabulary

TYPO, OTHER_NAME, MOVED = 0.02, 0.08, 0.06
WRONG_KEY, CUT, SHORT_PHONE, IMPOSSIBLE, SWAPPED = 0.004, 0.0005, 0.003, 0.002, 0.004
MOTHERS_NIR_UNDER = 16 * YEAR
DEPENDENT_SPOUSE = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Household:
    """What belongs to a home: commune, address (two spellings), landline."""

    commune: Codes = field(repr=False)
    address: pa.StringArray = field(repr=False)
    """Blank first, then homes, then homes with abbreviated streets."""
    landline: Codes = field(repr=False)
    has_landline: Mask = field(repr=False)


def households(rng: np.random.Generator, people: People) -> Household:
    """Return a home for every person's number (those who live with another leave theirs empty)."""
    commune = np.zeros(len(people), dtype=np.int32)
    for rank, lab in enumerate(places.laboratories()):
        mine = np.flatnonzero(people.laboratory == rank)
        commune[mine] = places.near(rng, lab.commune, lab.departement, mine.size)
    plain = places.addresses(rng, len(people))
    short = plain
    for street, abbreviated in (("AVENUE ", "AV "), ("BOULEVARD ", "BD "), ("RUE ", "R "), ("RESIDENCE ", "RES ")):
        short = pc.replace_substring(short, street, abbreviated)
    local = rng.random(len(people)) < 0.7
    landline = np.where(local, rng.integers(0, 10_000, len(people)), rng.integers(0, 50_000, len(people)))
    return Household(
        commune, words(pa.concat_arrays([plain, short])), landline.astype(np.int32), rng.random(len(people)) < 0.62
    )


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that a column is made from."""

    targets: Targets
    rows: Rows
    people: People
    homes: Household
    names: Names
    calendar: Calendar

    @property
    def age(self) -> NDArray[np.int64]:
        """Days lived at the sample, by row."""
        return (self.rows.sampled - self.people.birth[self.rows.person]).astype(np.int64)

    def chance(self, rng: np.random.Generator, share: float) -> Mask:
        """Return a mask of about this share of the rows."""
        return rng.random(len(self.rows)) < share


def civil(rng: np.random.Generator, scene: Scene) -> dict[str, Cells]:
    """Return names, sex, title, birth and death."""
    rows, people, names, targets = scene.rows, scene.people, scene.names, scene.targets
    who, count = rows.person, len(rows)
    surname = people.surname[who]
    other = (surname != people.birth_name[who]) & scene.chance(rng, OTHER_NAME)
    surname = np.where(other, people.birth_name[who], surname)
    known, surname = mistyped(rng, names.surname_list, surname, np.flatnonzero(scene.chance(rng, TYPO)))
    given, first = mistyped(
        rng, names.first_name_list, people.first_name[who], np.flatnonzero(scene.chance(rng, TYPO / 2))
    )
    renamed = people.surname[who] != people.birth_name[who]
    male = people.male[who]
    female_shown = exactly(rng, targets.female, ~male)
    male_shown = exactly(rng, targets.male, male & ~female_shown, ~female_shown)
    impossible = np.where(scene.chance(rng, IMPOSSIBLE), rng.integers(0, scene.calendar.impossible, count), -1)
    birth = _swapped(people.birth[who], rows.sampled, scene.chance(rng, SWAPPED))
    dead = (rng.random(len(people)) < 0.01)[who] & (scene.age > 60 * YEAR)
    death = np.minimum(rows.sampled + rng.integers(1, 400, count), numbers.day(2020, 12, 1))
    birth_place = np.where(rng.random(len(people)) < 0.6, scene.homes.commune, rng.permutation(scene.homes.commune))
    return {
        "TITRE": _titles(rng, scene),
        "NOM": Cells(known, surname, exactly(rng, targets.surname, scene.chance(rng, 1.0))),
        "NOM_NAISSANCE": Cells(
            names.surnames, people.birth_name[who], rng.random(count) < np.where(renamed, 0.75, 0.25)
        ),
        "PRENOM": Cells(given, first, scene.chance(rng, 0.996)),
        "SEXE": Cells(words(["F", "M"]), (female_shown + 2 * male_shown).astype(np.int32)),
        "DATE_NAISSANCE": scene.calendar.cells(birth, scene.chance(rng, 0.998), impossible),
        "LIEU_NAISSANCE": Cells(places.commune_words().name, birth_place[who] + 1, scene.chance(rng, 0.4)),
        "DATE_DECES": scene.calendar.cells(death, dead & scene.chance(rng, 0.5)),
    }


def _swapped(birth: Codes, sampled: Codes, wanted: Mask) -> Codes:
    """Return days of birth, day and month changed about where wanted, possible and not after the sample."""
    changed = birth.copy()
    for row in np.flatnonzero(wanted).tolist():
        when = numbers.EPOCH + timedelta(days=int(birth[row]))
        if when.day <= 12 and (other := numbers.day(when.year, when.day, when.month)) <= sampled[row]:
            changed[row] = other
    return changed


def _titles(rng: np.random.Generator, scene: Scene) -> Cells:
    """Return titles: the published three exactly, civil ones for most adults."""
    male, age = scene.people.male[scene.rows.person], scene.age
    wanted = scene.targets.titles
    free = np.ones(male.size, dtype=bool)
    texts = ["M.", "Mme", "Mlle", "Dr"]
    single = scene.people.spouse[scene.rows.person] == NOBODY
    codes = np.where(male, 1, np.where(single & (age < 35 * YEAR), 3, 2)).astype(np.int32)
    codes[age < 16 * YEAR] = 0
    codes[scene.chance(rng, 0.06)] = 0
    codes[(age > 28 * YEAR) & scene.chance(rng, 0.001)] = 4
    fits = {"Sœur": ~male & (age > 30 * YEAR), "Bébé": age < 2 * YEAR, "Enfant": (age > YEAR) & (age < 16 * YEAR)}
    for title, candidates in fits.items():
        mine = exactly(rng, wanted[title], candidates & free, free)
        free &= ~mine
        texts.append(title)
        codes[mine] = len(texts)
    return Cells(words(texts), codes)


def social(rng: np.random.Generator, scene: Scene, shown: dict[str, Cells]) -> dict[str, Cells]:
    """Return the NIR, the insured, the spouse and the trusted person; `shown` holds `civil`'s columns."""
    rows, people = scene.rows, scene.people
    who = rows.person
    parent, spouse = people.parent[who], people.spouse[who]
    dependent = (rng.random(len(people)) < DEPENDENT_SPOUSE)[who] & ~people.male[who] & (spouse != NOBODY)
    under = (parent != NOBODY) & (scene.age < MOTHERS_NIR_UNDER)
    bearer = np.where(under, parent, np.where(dependent, spouse, who)).astype(np.int32)
    named = shown["NOM"].filled() & shown["PRENOM"].filled()
    insured = (bearer != who) & scene.chance(rng, 0.85) & named & shown["DATE_NAISSANCE"].filled()
    coupled = (spouse != NOBODY) & scene.chance(rng, 0.3) & named
    trusting = (spouse != NOBODY) & scene.chance(rng, 0.05)
    surnames, first_names = scene.names.surnames, scene.names.first_names
    return {
        "NUM_SECU": _nir(rng, scene, bearer),
        "NOM_CONJOINT": Cells(surnames, people.surname[spouse], coupled),
        "PRENOM_CONJOINT": Cells(first_names, people.first_name[spouse], coupled),
        "NOM_ASSURE": Cells(surnames, people.surname[bearer], insured),
        "PRENOM_ASSURE": Cells(first_names, people.first_name[bearer], insured),
        "DATE_NAISSANCE_ASSURE": scene.calendar.cells(people.birth[bearer], insured),
        "PERSONNE_CONFIANCE": _full_names(scene, spouse, trusting),
    }


def _nir(rng: np.random.Generator, scene: Scene, bearer: Codes) -> Cells:
    known = scene.people.nir
    codes = bearer + 1
    wrong = np.flatnonzero(scene.chance(rng, WRONG_KEY))
    cut = np.setdiff1d(np.flatnonzero(scene.chance(rng, CUT)), wrong)
    errors = numbers.wrong_keys(rng, known.take(pa.array(bearer[wrong])).to_pylist())
    errors += numbers.cut_short(rng, known.take(pa.array(bearer[cut])).to_pylist())
    codes[np.concatenate([wrong, cut])] = np.arange(len(errors)) + len(known) + 1
    bad = np.zeros(len(known) + 1 + len(errors), dtype=bool)
    bad[len(known) + 1 :] = True
    shown = exactly(rng, scene.targets.nir, np.ones(codes.size, dtype=bool))
    return Cells(words(pa.concat_arrays([known, pa.array(errors, pa.string())])), codes, shown, bad)


def _full_names(scene: Scene, person: Codes, shown: Mask) -> Cells:
    named, inverse = np.unique(person[shown], return_inverse=True)
    last = scene.names.surnames.take(pa.array(scene.people.surname[named]))
    first = scene.names.first_names.take(pa.array(scene.people.first_name[named]))
    codes = np.zeros(person.size, dtype=np.int32)
    codes[shown] = inverse + 1
    return Cells(words(pc.binary_join_element_wise(last, first, " ")), codes)


def contact(rng: np.random.Generator, scene: Scene) -> dict[str, Cells]:
    """Return address, commune, country, telephones and e-mail."""
    rows, people, homes = scene.rows, scene.people, scene.homes
    who, count = rows.person, len(rows)
    moved = scene.chance(rng, MOVED)
    # Persons lie in order of laboratory: the home of a near number is in the same département.
    elsewhere = people.home[np.maximum(who - rng.integers(1, 300, count), 0)]
    home = np.where(moved, elsewhere, people.home[who])
    spelling = home + 1 + np.where(scene.chance(rng, 0.12), len(people), 0)
    commune = homes.commune[home] + 1
    lists, place = vocabulary(), places.commune_words()
    foreign = np.where(scene.chance(rng, 0.003), rng.integers(2, len(lists["countries"]) + 1, count), 1)
    return {
        "ADRESSE": Cells(homes.address, spelling.astype(np.int32), scene.chance(rng, 0.985)),
        "COMPLEMENT": _drawn(rng, scene, lists["complements"], 0.07),
        "CODE_POSTAL": Cells(place.postcode, commune, scene.chance(rng, 0.99)),
        "VILLE": Cells(place.name, commune, scene.chance(rng, 0.992)),
        "CODE_INSEE": Cells(place.insee, commune, scene.chance(rng, 0.8)),
        "PAYS": Cells(words(lists["countries"]), foreign.astype(np.int32), scene.chance(rng, 0.7)),
        "TEL_FIXE": _phones(rng, scene, homes.landline[home], homes.has_landline[home], numbers.landline_words()),
        "TEL_PORTABLE": _phones(
            rng,
            scene,
            rng.integers(0, 10_000, len(people)).astype(np.int32)[who],
            (rng.random(len(people)) < 0.4)[who],
            numbers.mobile_words(),
        ),
        "EMAIL": patient_emails(rng, scene.targets, rows, people, scene.names),
    }


def _drawn(rng: np.random.Generator, scene: Scene, texts: list[str], share: float) -> Cells:
    codes = rng.integers(1, len(texts) + 1, len(scene.rows)).astype(np.int32)
    return Cells(words(texts), codes, scene.chance(rng, share))


def _phones(rng: np.random.Generator, scene: Scene, code: Codes, having: Mask, texts: tuple[str, ...]) -> Cells:
    """Return telephones, exactly as many as the anchors say, some short of a digit."""
    whole = len(texts) // 11 * 10
    short = scene.chance(rng, SHORT_PHONE)
    codes = np.where(short, whole + code // 10, code) + 1
    bad = np.zeros(len(texts) + 1, dtype=bool)
    bad[whole + 1 :] = True
    wanted = scene.targets.landline if texts[0].startswith("02") else scene.targets.mobile
    return Cells(words(texts), codes.astype(np.int32), exactly(rng, wanted, having), bad)
