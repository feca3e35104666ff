"""Decode French files of many encodings, through the whole reader, beside what detectors of encodings make of them.

    .venv-bench/bin/python bench/encodings.py                 # prints a table in Markdown
    .venv-bench/bin/python bench/encodings.py --seeds 20      # more files of each sort

Rules:

1. A file is a header and 20, 200 or 2,000 rows of random cells.  Two vocabularies: the one the tables of letters were
   counted on (the replica's comments, common names), and one they were not (Faker's French people and places, clinical
   sentences and medicines written for this bench).
2. Five styles: as written; capitals only; small letters only; one or two letters with an accent in the whole file;
   with symbols (œ € ’ « » ° º and spaces that do not break).  What an encoding lacks is replaced before it is written.
3. A peer passes when the encoding it names decodes all bytes to the very text; étanche passes when every cell and every
   name that the whole reader gives, told nothing, is that of the text.
4. Mojibake passes when the text before the mishap comes back; peers are given `ftfy.fix_encoding`.
5. Some files are 900 KB of ASCII before the first accent.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ftfy

from etanche.errors import UserError
from etanche.ingest import Table, open_paths
from etanche.ingest.careful import Shape, parse
from etanche.ingest.tables import records
from etanche.replica.vocabulary import vocabulary

KNOWN = (
    *("Hélène", "Zoé", "Anaïs", "Loïc", "Noël", "Michaël", "Jérôme", "Benoît", "François", "Agnès", "Cédric", "Gaëlle"),
    *("Lefèvre", "Müller", "Gonçalves", "Lévêque", "Prévôt", "Maître", "Béranger", "Hébert", "Dupont", "Martin"),
    *("Évreux", "Orléans", "Châteauroux", "Saint-Étienne", "Besançon", "Nîmes", "Mâcon", "L'Haÿ-les-Roses", "Brest"),
)
SENTENCES = (
    *("crâne : œdème frontal résorbé", "œsophage inflammé, reflux gênant", "plaie suturée à l'arrivée", "grêle opéré"),
    *("allergie à la pénicilline suspectée", "fièvre élevée malgré l'antipyrétique", "traitement arrêté brutalement"),
    *("goître stable, échographie prévue", "côlon irritable, régime conseillé", "tête : céphalées matinales", "aîné"),
    *("reçoit des soins à domicile", "pièce d'identité périmée", "mère hébergée, père décédé", "bébé né prématuré"),
    *(
        "brûlure du 2e degré",
        "dû au jeûne prolongé",
        "août : rechute",
        "maïs et blé exclus",
        "égoïsme du tuteur, plaintes",
    ),
    *(
        "prélèvement hémolysé, à refaire",
        "contrôle espacé à trois mois",
        "hôtel-Dieu, lit 12",
        "naître à terme",
        "vêtu",
    ),
    *(
        "sœur jumelle atteinte",
        "nœud lymphatique palpé",
        "vœu du patient respecté",
        "ambiguïté du résultat",
        "ouïe basse",
    ),
    *("Doliprane comprimé sécable", "Spasfon lyophilisé", "Effexor gélule", "Lamaline suppositoire", "Héparine sodée"),
    *(
        "Sérétide poudre",
        "Bétadine dermique",
        "Gaviscon menthe",
        "Désloratadine",
        "Kétoprofène",
        "Érythromycine",
        "Lévofloxacine",
    ),
)
SYMBOLS = (
    "N° 12",
    "n°3",
    "37,5 °C",
    "45 €",
    "l’épaule",
    "« vu »",
    "cœur",
    "1º",
    "20 µg",
    "taux : 5\u202f%",
    "été…",
    "CŒUR",
    "3 – 4",
)
PLAIN = {"œ": "oe", "Œ": "OE", "€": "EUR", "’": "'", "«": '"', "»": '"', "–": "-", "…": "...", "\u202f": "\xa0"}
NAMES = ("id", "nom", "prénom", "ville", "remarque", "note")

SINGLE = ("cp1252", "latin-1", "iso8859-15", "cp850", "mac_roman")
ELEVEN = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", *SINGLE, "utf-8 + cp1252 rows")
MORE = ("cp437", "cp858", "utf-32", "utf-8 + cp850 rows", "cp1252 + cp850 rows", "utf-8 + cp1252 + cp850 rows")
MISHAPS = ("utf-8 as cp1252", "utf-8 as latin-1", "utf-8 as cp1252, twice", "utf-8 as mac_roman", "utf-8 as cp850")
STYLES = ("as written", "capitals", "small letters", "few accents", "symbols")
SIZES = (20, 200, 2000)


@dataclass(frozen=True, slots=True)
class Case:
    """A file: its bytes, and the rows that whoever wrote it meant."""

    data: bytes
    rows: list[list[str]]

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(";".join(row) + "\n" for row in self.rows)


def faker_words() -> tuple[str, ...]:
    """Return Faker's French first names, surnames, towns and departments."""
    from faker.providers.address.fr_FR import Provider as Address
    from faker.providers.person.fr_FR import Provider as Person

    departments = [name for _, name in Address.departments]
    return (*Person.first_names, *Person.last_names, *departments, *Address.countries)


def vocabularies() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return words and sentences of each vocabulary."""
    comments = tuple(text for phrase in vocabulary("comments")["phrase"] for text in phrase["texts"] if "{" not in text)
    found = {"tuned on": (KNOWN, comments)}
    try:
        found["unseen"] = (faker_words(), SENTENCES)
    except ImportError:
        found["unseen"] = (SENTENCES, SENTENCES)
    return found


def rows_of(rng: random.Random, words: Sequence[str], texts: Sequence[str], style: str, count: int) -> list[list[str]]:
    """Return random rows in a style."""
    made: list[list[str]] = []
    for _ in range(count):
        symbol = rng.choice(SYMBOLS) if style == "symbols" and rng.random() < 0.4 else ""
        picked = (rng.choice(words), rng.choice(words), rng.choice(words), rng.choice(texts), symbol)
        made.append([str(rng.randrange(10**8)), *(cell.replace(";", ",").replace('"', "'") for cell in picked)])
    if style == "capitals":
        return [[cell.upper() for cell in row] for row in made]
    if style == "small letters":
        return [[cell.lower() for cell in row] for row in made]
    if style == "few accents":
        made = [[bare(cell) for cell in row] for row in made]
        for _ in range(rng.randint(1, 2)):
            made[rng.randrange(count)][rng.randint(1, 3)] = rng.choice([word for word in words if not word.isascii()])
    return made


def bare(text: str) -> str:
    """Return text without what is beyond ASCII."""
    return "".join(c for c in unicodedata.normalize("NFKD", "".join(PLAIN.get(c, c) for c in text)) if c.isascii())


def fit(text: str, encoding: str) -> str:
    """Return text with what the encoding lacks replaced."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(c if encodes(c, encoding) else fit(PLAIN[c], encoding) if c in PLAIN else bare(c) for c in text)
    return text


def encodes(char: str, encoding: str) -> bool:
    """Tell whether an encoding has a character."""
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def case(rng: random.Random, rows: list[list[str]], encoding: str, names: Sequence[str] = NAMES) -> Case:
    """Return a file of rows in an encoding, a mixture of encodings, or after a mishap."""
    header = [*names]
    if " as " in encoding:
        through = encoding.split(" as ")[1].removesuffix(", twice")
        text = "".join(";".join(row) + "\n" for row in (header, *rows))
        for _ in range(2 if encoding.endswith("twice") else 1):
            text = "".join(misread(c, through) for c in text)
        return Case(text.encode(), [header, *rows])
    if "rows" in encoding:
        return mixture(rng, [header, *rows], encoding.removesuffix(" rows").split(" + "))
    fitted = [[fit(cell, encoding) for cell in row] for row in (header, *rows)]
    made = Case(b"", fitted)
    return Case(made.text.encode(encoding), fitted)


def misread(char: str, encoding: str) -> str:
    """Return the UTF-8 bytes of a character read in another encoding (undefined bytes of CP1252 as browsers do)."""
    return "".join(bytes((byte,)).decode(encoding, "replace").replace("\ufffd", chr(byte)) for byte in char.encode())


def mixture(rng: random.Random, rows: list[list[str]], encodings: Sequence[str]) -> Case:
    """Return rows mostly in the first encoding: single rows in another, or whole exports one after the other."""
    scattered = rng.random() < 0.5
    share = rng.uniform(0.03, 0.4)
    each = [encodings[0]] * len(rows)
    for k in range(1, len(rows)):
        if scattered and rng.random() < share:
            each[k] = rng.choice(encodings[1:])
        elif not scattered:
            each[k] = encodings[min(len(encodings) - 1, int(k / len(rows) * len(encodings)))]
    fitted = [[fit(cell, encoding) for cell in row] for row, encoding in zip(rows, each, strict=True)]
    data = b"".join((";".join(row) + "\n").encode(e) for row, e in zip(fitted, each, strict=True))
    return Case(data, fitted)


def etanche(path: Path, wanted: Case) -> bool:
    """Tell whether the whole reader gives every cell."""
    path.write_bytes(wanted.data)
    try:
        tables = list(open_paths([path]))
        return len(tables) == 1 and [list(tables[0].names), *read(tables[0])] == wanted.rows
    except UserError:
        return False


def read(table: Table) -> Iterator[list[str]]:
    """Yield the rows of a table."""
    for part in table.parts():
        shape = Shape(len(table.names), part.dialect.delimiter)
        text = part.data.decode()
        for line in records(text) if part.dialect.quote else text.split("\n")[:-1]:
            yield parse(line, shape).cells if part.dialect.quote else line.split(shape.delimiter)


def decodes(encoding: str | None, wanted: Case, *, mojibake: bool) -> bool:
    """Tell whether an encoding gives the very text."""
    try:
        text = wanted.data.decode(encoding or "ascii").removeprefix("\ufeff")
        return ("\n".join(map(ftfy.fix_encoding, text.split("\n"))) if mojibake else text) == wanted.text
    except (UnicodeError, LookupError):
        return False


def chardet(data: bytes) -> str | None:
    """Ask chardet."""
    import chardet as peer

    return peer.detect(data)["encoding"]


def charset_normalizer(data: bytes) -> str | None:
    """Ask charset-normalizer."""
    import charset_normalizer as peer

    best = peer.from_bytes(data).best()
    return best.encoding if best else None


def faust_cchardet(data: bytes) -> str | None:
    """Ask faust-cchardet."""
    import cchardet as peer

    found: str | None = peer.detect(data)["encoding"]
    return found


def simple(data: bytes) -> str:
    """Return the mark's encoding, UTF-8 when it is that, else CP1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return encoding
    try:
        data.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


PEERS: dict[str, Callable[[bytes], str | None]] = {
    "chardet": chardet,
    "charset-normalizer": charset_normalizer,
    "faust-cchardet": faust_cchardet,
    "mark, UTF-8, else CP1252": simple,
}
"""What each peer says the encoding is.  A peer passes mojibake through `ftfy.fix_encoding`, line by line."""


class Board:
    """Passes and files by row and column of the table."""

    def __init__(self, folder: Path) -> None:
        """Keep files in a folder, one after the other under one name."""
        self._path = folder / "a.csv"
        self.score: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: list[str] = []
        self._peers = {name: peer for name, peer in PEERS.items() if _runs(peer)}

    def judge(self, rows: Sequence[str], wanted: Case, told: str) -> None:
        """Have one file read by all, and count it in some rows of the table."""
        results: dict[str, bool] = {}
        for name, peer in self._peers.items():
            start = time.perf_counter()
            found = peer(wanted.data)
            self.seconds[name] += time.perf_counter() - start
            results[name] = decodes(found, wanted, mojibake=told.startswith(MISHAPS))
        start = time.perf_counter()
        results["étanche"] = etanche(self._path, wanted)
        self.seconds["étanche"] += time.perf_counter() - start
        if not results["étanche"]:
            self.failed.append(told)
        for row in rows:
            for name, passed in results.items():
                self.score[row][name][0] += passed
                self.score[row][name][1] += 1

    def table(self) -> str:
        """Return the table in Markdown."""
        columns = ["étanche", *self._peers]
        lines = ["| files | " + " | ".join(columns) + " | number |", "| --- |" + " ---: |" * (len(columns) + 1)]
        for row, cells in sorted(self.score.items(), key=lambda item: ("," not in item[0], "first" in item[0])):
            shares = [f"{100 * cells[name][0] / cells[name][1]:.1f}" for name in columns]
            lines.append(f"| {row} | " + " | ".join(shares) + f" | {cells['étanche'][1]} |")
        lines.append("| seconds in all | " + " | ".join(f"{self.seconds[name]:.1f}" for name in columns) + " | |")
        return "\n".join(lines)


def _runs(peer: Callable[[bytes], str | None]) -> bool:
    try:
        peer(b"abc")
    except ImportError:
        return False
    return True


def run(board: Board, seeds: int, sizes: Sequence[int]) -> None:
    """Judge all sorts of files."""
    words = vocabularies()
    for encoding in (*ELEVEN, *MORE, *MISHAPS):
        group = "eleven encodings" if encoding in ELEVEN else "mojibake" if encoding in MISHAPS else "six more"
        for size in sizes:
            for known, (names, texts) in words.items():
                for style in STYLES:
                    for seed in range(seeds):
                        told = f"{encoding} {size} {known} {style} {seed}"
                        rng = random.Random(told)
                        made = case(rng, rows_of(rng, names, texts, style, size), encoding)
                        rows = [f"{group}, {size} rows", f"{group}, {size} rows, {known}", encoding]
                        rows += [f"eleven encodings, {style}"] if encoding in ELEVEN else []
                        board.judge(rows, made, told)


def late(board: Board, seeds: int) -> None:
    """Judge files whose first accent comes after 900 KB of ASCII."""
    names, texts = vocabularies()["unseen"]
    for encoding in (*ELEVEN, "cp437"):
        for seed in range(seeds):
            rng = random.Random(f"late {encoding} {seed}")
            head = [[bare(cell) for cell in row] for row in rows_of(rng, names, texts, "as written", 14_000)]
            tail = rows_of(rng, names, texts, "as written", rng.choice((20, 200)))
            # The header's own accent would give it away.
            made = case(rng, [*head, *tail], encoding, [bare(name) for name in NAMES])
            board.judge(["first accent after 900 KB"], made, f"late {encoding} {seed}")


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=4, help="files of each sort")
    parser.add_argument("--rows", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--failed", action="store_true", help="name the files that étanche did not pass")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        board = Board(Path(folder))
        run(board, options.seeds, options.rows)
        late(board, 1 if options.seeds < 4 else 3)
    sys.stdout.write(board.table() + "\n")
    if options.failed:
        sys.stdout.write("\n".join(board.failed) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
