"""All columns of the leak, made in one order from one seed, then spelt in the layout asked for.

Every step draws from its own generator (`seed`, step), so that a change in one step leaves the others alone and the
layout never changes the content.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from etanche.lexicon.fold import fold
from etanche.replica import anchors, care, clinic, comments, identity
from etanche.replica.cells import Cells
from etanche.replica.clinic import Sayings
from etanche.replica.columns import FIELDS, Field
from etanche.replica.dates import calendar
from etanche.replica.identity import Household, Scene
from etanche.replica.names import names
from etanche.replica.options import ReplicaOptions
from etanche.replica.people import People, populate
from etanche.replica.places import laboratories
from etanche.replica.rows import Rows, plan, settle

STEPS = (
    "plan", "people", "rows", "homes", "prescribers", "team", "pool", "civil", "social", "contact", "care", "comments",
    "health", "access", "marks", "order", "registries", "tables", "quoted",
)  # fmt: skip
HAS_PRESCRIBER = 0.97
POOL_SHARE, SMALLEST_POOL, LARGEST_POOL = 0.25, 120, 160_000
QUOTED = 0.03
"""Share of the comments that hold a delimiter, a quote and a line break in the quoted layout."""


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """The leak as columns of cells, with what the truth is counted from."""

    options: ReplicaOptions
    rows: Rows
    people: People
    homes: Household
    said: Sayings
    columns: dict[str, Cells] = field(repr=False)
    """By legacy name."""
    order: tuple[Field, ...] = field(repr=False)
    """As the file has them."""


def generator(seed: int, step: str) -> np.random.Generator:
    """Return the random numbers of one step of one seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, STEPS.index(step)])))


def make(options: ReplicaOptions) -> Leak:
    """Return the leak that the options describe."""
    seed, known = options.seed, names()
    planned = plan(generator(seed, "plan"), options.rows)
    people = populate(generator(seed, "people"), known, planned.patients, planned.home, planned.region)
    rows = settle(generator(seed, "rows"), planned, people)
    homes = identity.households(generator(seed, "homes"), people)
    scene = Scene(anchors.targets(options.rows), rows, people, homes, known, calendar(options.date_layout))
    columns = identity.civil(generator(seed, "civil"), scene)
    columns |= identity.social(generator(seed, "social"), scene, columns)
    columns |= identity.contact(generator(seed, "contact"), scene)
    columns |= _prescribed(seed, scene, columns)
    size = int(np.clip(options.rows * POOL_SHARE, SMALLEST_POOL, LARGEST_POOL))
    texts, said = clinic.comments(generator(seed, "comments"), scene, comments.build(generator(seed, "pool"), size))
    columns |= texts
    columns |= clinic.health(generator(seed, "health"), scene, said)
    columns |= clinic.access(generator(seed, "access"), scene)
    columns |= clinic.file_marks(generator(seed, "marks"), scene, care.team(generator(seed, "team"), known))
    order = (
        tuple(generator(seed, "order").permutation(np.arange(len(FIELDS)))) if options.shuffle else range(len(FIELDS))
    )
    spelt = {name: _encodable(cells, options.codec) for name, cells in columns.items()}
    if options.quoted:
        spelt |= {name: _quoted(spelt[name], options) for name in ("COMMENTAIRE1", "COMMENTAIRE2")}
    return Leak(options, rows, people, homes, said, spelt, tuple(FIELDS[int(place)] for place in order))


def _prescribed(seed: int, scene: Scene, columns: dict[str, Cells]) -> dict[str, Cells]:
    rng = generator(seed, "care")
    known = care.prescribers(generator(seed, "prescribers"), scene.names, len(scene.rows))
    departements = np.array([lab.departement for lab in laboratories()])[scene.rows.laboratory]
    there = scene.chance(rng, HAS_PRESCRIBER)
    counted = there & columns["CODE_POSTAL"].filled()
    prescriber = care.prescribed(rng, known, departements, scene.rows.person, counted)
    return clinic.prescribers(rng, scene, known, prescriber, columns, there)


def _encodable(cells: Cells, codec: str) -> Cells:
    """Return cells whose words the codec can write: what it cannot is spelt plainly (œ as oe, é as e)."""

    def change(words: pa.StringArray) -> pa.StringArray:
        data = words.buffers()[2]
        if data is None or data.to_pybytes().isascii():
            return words
        return pa.array([_plain(text, codec) for text in words.to_pylist()], pa.string())

    return cells.respelt(change)


def _plain(text: str, codec: str) -> str:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return "".join(_plain_letter(letter, codec) for letter in text)
    return text


def _plain_letter(letter: str, codec: str) -> str:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        plain = {"µ": "u"}.get(letter) or fold(letter)
        return plain if letter.isupper() else plain.lower()
    return letter


def _quoted(cells: Cells, options: ReplicaOptions) -> Cells:
    """Return comments of which some hold a delimiter, a quote and a line break, as a file with quotes writes them.

    The remark is added at the end and says nothing of any topic.
    """
    rng = generator(options.seed, "quoted")
    texts = cells.words.to_pylist()
    written = list(texts)
    for code in (np.flatnonzero(rng.random(len(texts) - 1) < QUOTED) + 1).tolist():
        ending = ('. "Urgent"', f"{options.delimiter} dossier papier", f"{options.line_end}dossier papier")[code % 3]
        texts[code] += ending
        written[code] = '"' + texts[code].replace('"', '""') + '"'
    return Cells(pa.array(texts, pa.string()), cells.codes, cells.shown, cells.bad, pa.array(written, pa.string()))
