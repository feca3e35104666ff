"""The columns of care, health, money and access of the leak.

Rules:

1. A prescriber's cell is filled only where the patient's cell of that kind is (name, address, postcode, commune,
   landline, e-mail); RPPS stands wherever there is a prescriber.
2. GROSSESSE is "O" exactly where a comment affirms a pregnancy, "N" exactly where one denies it; codes of diseases
   and medicines tell no topic that the comment of the row does not affirm.  Any sound reading counts the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche.replica import numbers, places
from etanche.replica.care import OPERATORS, SAMPLERS, Prescribers, Team
from etanche.replica.cells import Cells, Codes, Mask, exactly, words
from etanche.replica.comments import TOPICS, Pool, bit
from etanche.replica.emails import doctor_emails
from etanche.replica.identity import Scene
from etanche.replica.people import YEAR
from etanche.replica.vocabulary import vocabulary

FIRST_COMMENT, SECOND_COMMENT, TOPICAL = 0.38, 0.12, 0.42


def prescribers(
    rng: np.random.Generator, scene: Scene, known: Prescribers, prescriber: Codes, shown: dict[str, Cells], there: Mask
) -> dict[str, Cells]:
    """Return the prescriber's columns; `there`: rows that have one."""
    names, place = scene.names, places.commune_words()
    phones = words(numbers.landline_words()[:50_000])

    def beside(column: str) -> Mask:
        return there & shown[column].filled()

    named = beside("NOM") & beside("PRENOM")
    commune = known.commune[prescriber] + 1
    return {
        "NOM_MEDECIN": Cells(names.surnames, known.surname[prescriber], named),
        "PRENOM_MEDECIN": Cells(names.first_names, known.first_name[prescriber], named),
        "RPPS_MEDECIN": Cells(known.rpps, prescriber + 1, there),
        "ADRESSE_MEDECIN": Cells(known.address, prescriber + 1, beside("ADRESSE")),
        "CP_MEDECIN": Cells(place.postcode, commune, beside("CODE_POSTAL")),
        "VILLE_MEDECIN": Cells(place.name, commune, beside("VILLE")),
        "TEL_MEDECIN": Cells(phones, known.landline[prescriber] + 1, beside("TEL_FIXE")),
        "EMAIL_MEDECIN": doctor_emails(rng, scene.targets.doctor_emails, known, names, prescriber, beside("EMAIL")),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Sayings:
    """What the comments of each row say, as bits in the order of `TOPICS`."""

    affirmed: NDArray[np.uint16] = field(repr=False)
    negated: NDArray[np.uint16] = field(repr=False)
    """Negated and nowhere in the row affirmed."""
    mentioned: NDArray[np.uint16] = field(repr=False)


def comments(rng: np.random.Generator, scene: Scene, pool: Pool) -> tuple[dict[str, Cells], Sayings]:
    """Return the two comment columns and what they say."""
    age = scene.age
    adult = age >= 16 * YEAR
    fertile = adult & (age < 46 * YEAR) & ~scene.people.male[scene.rows.person]
    columns = {}
    affirmed, negated, mentioned = np.zeros((3, len(scene.rows)), dtype=np.uint16)
    for name, share in (("COMMENTAIRE1", FIRST_COMMENT), ("COMMENTAIRE2", SECOND_COMMENT)):
        draw = rng.random(len(scene.rows))
        group = np.full(len(scene.rows), "any", dtype="<U6")
        group[adult & (draw < 0.75)] = "adult"
        group[fertile & (draw < 0.35)] = "woman"
        group[~scene.chance(rng, TOPICAL)] = "remark"
        codes = np.zeros(len(scene.rows), dtype=np.int32)
        for key, (first, size) in pool.starts.items():
            mine = np.flatnonzero((group == key) & scene.chance(rng, share))
            codes[mine] = first + (rng.random(mine.size) ** 1.5 * size).astype(np.int32)
        columns[name] = Cells(pool.texts, codes)
        affirmed |= pool.affirmed[codes]
        negated |= pool.negated[codes]
        mentioned |= pool.mentioned[codes]
    return columns, Sayings(affirmed, negated & ~affirmed, mentioned)


def health(rng: np.random.Generator, scene: Scene, said: Sayings) -> dict[str, Cells]:
    """Return blood group, pregnancy, diseases, medicines, acts and results."""
    lists, count, who = vocabulary(), len(scene.rows), scene.rows.person
    blood = rng.choice(len(lists["blood_groups"]), len(scene.people), p=lists["blood_weights"])[who] + 1
    pregnant = said.affirmed & bit("pregnancy") > 0
    denied = said.negated & bit("pregnancy") > 0
    treated = (said.affirmed & bit("treatment") > 0) & scene.chance(rng, 0.7)
    medicine = rng.integers(1, len(lists["medicines"]) + 1, count).astype(np.int32)
    results = [f"{number / 10:.1f} {unit}" for unit in lists["units"] for number in range(1, 400)]
    prices = [f"{cents / 100:.2f}" for cents in range(540, 12_000, 27)]
    return {
        "GROUPE_SANGUIN": Cells(words(lists["blood_groups"]), blood.astype(np.int32), scene.chance(rng, 0.22)),
        "GROSSESSE": Cells(words(["O", "N"]), (pregnant + 2 * denied).astype(np.int32)),
        "ALD": _coded(rng, scene, said, lists["ald"], lists["neutral_ald"]),
        "CIM10": _coded(rng, scene, said, lists["cim10"], lists["neutral_cim10"]),
        "TRAITEMENT": Cells(words(list(lists["medicines"])), medicine, treated),
        "CODE_CIP": Cells(words(list(lists["medicines"].values())), medicine, treated & scene.chance(rng, 0.6)),
        "CODE_NABM": drawn(rng, count, lists["nabm"], 1.0),
        "RESULTAT": drawn(rng, count, results, 0.93),
        "MONTANT": drawn(rng, count, prices, 0.95),
    }


def _coded(
    rng: np.random.Generator, scene: Scene, said: Sayings, by_topic: dict[str, list[str]], neutral: list[str]
) -> Cells:
    """Return codes of diseases: half of the rows whose comment affirms the topic, and neutral ones elsewhere."""
    count = len(scene.rows)
    texts = list(neutral)
    codes = np.where(scene.chance(rng, 0.04), rng.integers(1, len(neutral) + 1, count), 0).astype(np.int32)
    for topic in (name for name in TOPICS if name in by_topic):
        mine = np.flatnonzero((said.affirmed & bit(topic) > 0) & scene.chance(rng, 0.5))
        codes[mine] = rng.integers(0, len(by_topic[topic]), mine.size) + len(texts) + 1
        texts += by_topic[topic]
    return Cells(words(texts), codes)


def drawn(rng: np.random.Generator, count: int, texts: list[str], share: float) -> Cells:
    """Return a column of texts drawn evenly, in this share of the rows."""
    codes = rng.integers(1, len(texts) + 1, count).astype(np.int32)
    return Cells(words(texts), codes, None if share >= 1 else rng.random(count) < share)


def access(rng: np.random.Generator, scene: Scene) -> dict[str, Cells]:
    """Return insurer, IBAN, login and password (exactly as many rows as published)."""
    lists, people, who = vocabulary(), scene.people, scene.rows.person
    insurer = rng.integers(1, len(lists["insurers"]) + 1, len(people)).astype(np.int32)[who]
    insured = scene.chance(rng, 0.62)
    amc = [f"9999{4_100 + 37 * rank:04d}" for rank in range(len(lists["insurers"]))]
    enrolled = rng.random(len(people)) < 0.034
    password = exactly(rng, scene.targets.passwords, enrolled[who])
    login = password | (enrolled[who] & scene.chance(rng, 0.5))
    users, rank = np.unique(who[login], return_inverse=True)
    codes = np.zeros(len(who), dtype=np.int32)
    codes[login] = rank + 1
    last = scene.names.surnames.take(pa.array(people.surname[users])).to_pylist()
    logins = [f"{name.lower().replace(' ', '')[:8]}{1_000 + i}" for i, name in enumerate(last)]
    stems = [stem for base in lists["passwords"] for stem in (base, base.capitalize())]
    secrets = [
        f"{stem}{end}" for end in ("", "1", "123", "!", *range(10, 99, 3), *range(1945, 2012, 4)) for stem in stems
    ]
    secret = (rng.random(len(people)) ** 2 * len(secrets)).astype(np.int32)[who] + 1
    payers = np.flatnonzero(rng.random(people.patients) < 0.009)
    account = np.zeros(len(people), dtype=np.int32)
    account[payers] = np.arange(payers.size) + 1
    return {
        "MUTUELLE": Cells(words(lists["insurers"]), insurer, insured),
        "NUM_MUTUELLE": Cells(words(amc), insurer, insured & scene.chance(rng, 0.9)),
        "IBAN": Cells(words(numbers.ibans(rng, payers.size)), account[who]),
        "LOGIN": Cells(words(logins), codes),
        "MOT_DE_PASSE": Cells(words(secrets), secret, password),
    }


def file_marks(rng: np.random.Generator, scene: Scene, team: Team) -> dict[str, Cells]:
    """Return what the software adds: numbers, laboratory, days, operator, source, version."""
    rows, labs, count = scene.rows, places.laboratories(), len(scene.rows)
    lab, ones = rows.laboratory, np.ones(len(rows), dtype=np.int32)
    year, month = numbers.year_month(rows.sampled)
    visit = np.minimum(rows.sampled + rng.integers(0, 21, count), numbers.day(2020, 11, 3)).astype(np.int32)
    files = [f"EXPORT_{one.code}_{y}{m:02d}.csv" for one in labs for y in range(2015, 2021) for m in range(1, 13)]
    file_code = lab * 72 + (year - 2015) * 12 + month
    return {
        "NUM_DOSSIER": Cells(words(pa.array(10_000_001 + 3 * np.arange(count)).cast(pa.string())), _ranks(count)),
        "CODE_LABO": Cells(words([one.code for one in labs]), lab + 1),
        "NOM_LABO": Cells(words([one.name for one in labs]), lab + 1),
        "FINESS_LABO": Cells(words([one.finess for one in labs]), lab + 1, scene.chance(rng, 0.97)),
        "DATE_PRELEVEMENT": scene.calendar.cells(rows.sampled),
        "DERNIERE_VISITE": scene.calendar.cells(visit, scene.chance(rng, 0.96)),
        "DATE_CREATION": Cells(words(_timestamps(rng, rows.sampled)), _ranks(count)),
        "PRELEVEUR": Cells(team.samplers, _member(rng, lab, SAMPLERS), scene.chance(rng, 0.85)),
        "OPERATEUR": Cells(team.operators, _member(rng, lab, OPERATORS), scene.chance(rng, 0.99)),
        "FICHIER_SOURCE": Cells(words(files), file_code.astype(np.int32)),
        "VERSION": Cells(words(["4.2.1"]), ones),
        "ACTIF": Cells(words(["1", "0"]), ones + scene.chance(rng, 0.06)),
        "RESERVE": Cells(words([]), np.zeros(count, dtype=np.int32)),
    }


def _ranks(count: int) -> Codes:
    return np.arange(1, count + 1, dtype=np.int32)


def _member(rng: np.random.Generator, lab: Codes, size: int) -> Codes:
    return (lab * size + rng.integers(1, size + 1, lab.size)).astype(np.int32)


def _timestamps(rng: np.random.Generator, sampled: Codes) -> pa.StringArray:
    """Return "YYYY-MM-DD HH:MM:SS" in the laboratory's hours of each day."""
    moments = np.datetime64(numbers.EPOCH.isoformat()) + sampled.astype("timedelta64[D]")
    seconds = rng.integers(6 * 3_600 + 1_800, 19 * 3_600, sampled.size).astype("timedelta64[s]")
    return pc.strftime(pa.array(moments.astype("datetime64[s]") + seconds), format="%Y-%m-%d %H:%M:%S")
