"""Messy delimited files with known truth, made up from a seed: no row of them is anybody's, none is Pollock's.

`cases(seed)` yields files as a loader meets them, with the rows that it should give; `dialects(seed)` yields files
with the delimiter and the quote that were used to write them.  Tables differ in width, length, types, language and
habits of writing; each file has one or two pollutions.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

Rows = list[list[str]]

SURNAMES = ("Le Gall", "Moreau", "Nguyen", "O'Brien", "García", "Lefèvre", "de La Tour", "Haddad", "Petit", "Rossi")
FIRST = ("Anaïs", "Marc", "Zoé", "Jean-Luc", "Fatima", "Inès", "Théo", "Siobhán", "Ali", "Ève")
CITIES = ("Brest", "Saint-Malo", "L'Haÿ-les-Roses", "Orléans", "Lyon 3e", "Nantes", "Vannes", "Le Mans")
STREETS = ("rue de l'Église", "avenue Foch", "boulevard des Alliés", "impasse du Puits", "quai Nord")
TESTS = ("glycémie à jeun", "créatinine", "TSH", "hémogramme", "ferritine", "ionogramme (Na, K, Cl)", "CRP")
UNITS = ("g/L", "µmol/L", "mUI/L", "%", "mmol/L")
WORDS = [
    "patient",
    "vu",
    "en",
    "consultation",
    "résultat",
    "à",
    "contrôler",
    "sous",
    "un",
    "mois",
    "prélèvement",
    "hémolysé",
    "refait",
    "le",
    "lendemain",
    "fax",
    "envoyé",
    "au",
    "médecin",
    "traitant",
    "rien",
    "à",
    "signaler",
    "the",
    "sample",
    "was",
    "kept",
    "at",
    "room",
    "temperature",
    "for",
    "two",
    "hours",
    "before",
    "it",
    "was",
    "sent",
]


def _words(rng: random.Random, low: int, high: int) -> str:
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))
    if rng.random() < 0.3:
        text = text.replace(" ", ", ", 1)
    if rng.random() < 0.1:
        text = text.replace(" ", ' "', 1).replace(" ", '" ', 1) if text.count(" ") > 2 else text
    return text[:1].upper() + text[1:]


def _date(rng: random.Random, how: str) -> str:
    return how.format(d=rng.randint(1, 28), m=rng.randint(1, 12), y=rng.randint(1930, 2024))


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "id": lambda r: str(r.randint(1, 99999)),
    "code": lambda r: "".join(r.choices(string.ascii_uppercase, k=2)) + f"-{r.randint(0, 9999):04d}",
    "nir": lambda r: (
        f"{r.randint(1, 2)}{r.randint(0, 99):02d}{r.randint(1, 12):02d}{r.randint(1, 95):02d}"
        + "".join(r.choices(string.digits, k=6))
    ),
    "date": lambda r: _date(r, "{d:02d}/{m:02d}/{y}"),
    "date_iso": lambda r: _date(r, "{y}-{m:02d}-{d:02d}"),
    "horodatage": lambda r: _date(r, "{y}-{m:02d}-{d:02d}") + f" {r.randint(0, 23):02d}:{r.randint(0, 59):02d}:00",
    "heure": lambda r: f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}",
    "valeur": lambda r: f"{r.uniform(0, 200):.2f}".replace(".", ","),
    "value": lambda r: f"{r.uniform(-5, 500):.3f}",
    "price": lambda r: f"${r.uniform(1, 900):.2f}",
    "nom": lambda r: r.choice(SURNAMES),
    "prenom": lambda r: r.choice(FIRST),
    "patient": lambda r: f"{r.choice(SURNAMES).upper()} {r.choice(FIRST)}",
    "ville": lambda r: r.choice(CITIES),
    "cp": lambda r: f"{r.randint(1000, 95999):05d}",
    "adresse": lambda r: f"{r.randint(1, 200)}, {r.choice(STREETS)}",
    "mail": lambda r: f"{r.choice(WORDS).strip('àéè')}.{r.randint(1, 999)}@example.org",
    "url": lambda r: f"https://www.example.com/{r.choice(string.ascii_lowercase)}/{r.randint(1, 9999)}?q=a&b=2",
    "telephone": lambda r: "0" + " ".join([str(r.randint(1, 9)), *(f"{r.randint(0, 99):02d}" for _ in range(4))]),
    "analyse": lambda r: r.choice(TESTS),
    "unite": lambda r: r.choice(UNITS),
    "sexe": lambda r: r.choice("MF"),
    "actif": lambda r: r.choice(("true", "false")),
    "commentaire": lambda r: _words(r, 2, 18),
    "remarque": lambda r: _words(r, 1, 4) if r.random() < 0.4 else "",
    "vide": lambda _r: "",
    "ip": lambda r: ".".join(str(r.randint(1, 254)) for _ in range(4)),
    "chemin": lambda r: rf"C:\export\{r.choice(WORDS)}\{r.randint(1, 99)}.pdf",
    "liste": lambda r: ";".join(r.sample(TESTS, r.randint(1, 3))),
    "taux": lambda r: f"{r.uniform(0, 100):.1f} %",
}
STYLES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.title,
    lambda name: name.replace("_", " ").capitalize(),
    lambda name: f"{name}_{len(name)}",
    lambda name: f"lib{name.title().replace('_', '')}",
)


@dataclass(frozen=True)
class Written:
    """How a table is written."""

    delimiter: str = ";"
    quote: str = '"'
    quoting: str = "minimal"
    escape: str = "double"
    eol: str = "\n"
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Made:
    """A table: its header (of one line or several, or none) and rows."""

    header: Rows
    rows: Rows


def table(rng: random.Random, *, rows: int = 0, width: int = 0) -> Made:
    """Make a table."""
    width = width or rng.choice((2, 3, 4, 5, 6, 7, 8, 10, 14, 25))
    kinds = [rng.choice(list(MAKERS)) for _ in range(width)]
    if all(kind in {"vide", "remarque"} for kind in kinds):
        kinds[0] = "id"
    count = rows or rng.choice((3, 5, 8, 12, 20, 40, 40, 80, 150))
    holes = [rng.choice((0, 0, 0, 0.1, 0.5)) for _ in kinds]
    body = [
        ["" if rng.random() < hole else MAKERS[k](rng) for k, hole in zip(kinds, holes, strict=True)]
        for _ in range(count)
    ]
    style = rng.choice(STYLES)
    seen: dict[str, int] = {}
    names = []
    for kind in kinds:
        seen[kind] = seen.get(kind, 0) + 1
        names.append(style(kind if seen[kind] == 1 else f"{kind}_{seen[kind]}"))
    return Made([names], [row if any(row) else ["1", *row[1:]] for row in body])


def cell(text: str, how: Written) -> str:
    """Write one cell."""
    special = how.delimiter in text or "\n" in text or (how.quote and how.quote in text)
    if len(how.delimiter) > 1:
        special = special or how.delimiter.strip() in text or how.delimiter[0] in text
    plain = not special and (how.quoting == "minimal" or (how.quoting == "text" and text.replace(",", "").isdigit()))
    if not how.quote or how.quoting == "none" or plain:
        return text
    inner = text.replace(how.quote, how.quote * 2 if how.escape == "double" else "\\" + how.quote)
    return how.quote + inner + how.quote


def line(row: list[str], how: Written) -> str:
    """Write one row."""
    return how.delimiter.join(cell(text, how) for text in row)


def written(rng: random.Random) -> Written:
    """Choose how to write."""
    delimiter = rng.choices(
        (",", ";", "\t", "|", ":", " ", "^", "~", "||", ", ", " | "), (30, 30, 14, 9, 1, 2, 2, 1, 2, 6, 1)
    )[0]
    quote, quoting = rng.choices(
        (('"', "minimal"), ('"', "all"), ('"', "text"), ("'", "all"), ("'", "minimal"), ("", "none")),
        (45, 15, 10, 4, 3, 23),
    )[0]
    return Written(
        delimiter,
        quote,
        quoting,
        rng.choices(("double", "backslash"), (9, 1))[0],
        rng.choices(("\n", "\r\n", "\r"), (60, 36, 4))[0],
        rng.choices(("utf-8", "cp1252"), (3, 1))[0],
    )


def _unquoted(made: Made, how: Written) -> Made:
    """Take out of cells what cannot be written without quotes."""
    bad = ["\n", *({how.delimiter, how.delimiter[0], how.delimiter.strip() or " "} if how.quoting == "none" else ())]
    if how.quoting == "none":
        bad.append('"')

    def clean(text: str) -> str:
        for one in bad:
            text = text.replace(one, "_" if one == " " else " " if one != ":" else "h").strip()
        return text

    return Made([[clean(c) for c in row] for row in made.header], [[clean(c) for c in row] for row in made.rows])


POLLUTIONS = (
    "nothing", "no_header", "header_only", "one_row", "preamble", "footer", "comments", "blank_lines",
    "two_line_header",
    "less_sep", "more_sep", "extra_quote", "other_delimiter", "short_rows", "sep_line", "no_last_newline",
    "blank_end", "second_table", "header_again", "unquoted_delimiter", "trailing_delimiters",
)  # fmt: skip


def pollute(kind: str, made: Made, how: Written, rng: random.Random) -> tuple[list[str], Rows]:  # noqa: C901, PLR0911, PLR0912
    """Return the lines of a polluted file, and the rows (header first) that it should give."""
    header = [line(row, how) for row in made.header]
    rows = [list(row) for row in made.rows]
    lines = [line(row, how) for row in rows]
    names = made.header[0]
    k = rng.randrange(len(rows))
    width = len(names)
    d = how.delimiter
    match kind:
        case "no_header":
            return lines, rows
        case "header_only":
            return header, [names]
        case "one_row":
            return [*header, lines[0]], [names, rows[0]]
        case "preamble":
            above = [
                f"Export du {_date(rng, '{d:02d}/{m:02d}/{y}')}",
                rng.choice(("", "Laboratoire : " + rng.choice(CITIES))),
            ]
            above = [text + d.strip(" ") * (width - 1) if rng.random() < 0.5 else text for text in above]
            return [*above, *header, *lines], [names, *rows]
        case "footer":
            return [*header, *lines, "", f"Total : {len(rows)} lignes"], [names, *rows]
        case "comments":
            return ["# exporté par le SIL", "# version 4", *header, *lines], [names, *rows]
        case "blank_lines":
            return [*header, *lines[:k], "", *lines[k:], "", ""], [names, *rows]
        case "two_line_header":
            second = [
                f"({rng.choice(UNITS)})" if cell.replace(",", "").replace(".", "").isdigit() else "texte"
                for cell in rows[0]
            ]
            return [*header, line(second, how), *lines], [
                [f"{a} {b}" for a, b in zip(names, second, strict=True)],
                *rows,
            ]
        case "less_sep" if width > 2:
            cells = [cell(text, how) for text in rows[k]]
            at = rng.randrange(width - 1)
            lines[k] = d.join([*cells[:at], cells[at] + cells[at + 1], *cells[at + 2 :]])
        case "more_sep":
            at = rng.randrange(width + 1)
            cells = [cell(text, how) for text in rows[k]]
            lines[k] = d.join([*cells[:at], "", *cells[at:]])
        case "extra_quote" if how.quote:
            at = rng.randrange(width)
            cells = [cell(text, how) for text in rows[k]]
            cells[at] = how.quote + cells[at]
            lines[k] = d.join(cells)
            rows[k][at] = how.quote + rows[k][at]
        case "other_delimiter":
            other = rng.choice([x for x in (";", ",", "\t", "|") if x not in d])
            lines[k] = line(rows[k], replace(how, delimiter=other))
        case "short_rows":
            for j in rng.sample(range(len(rows)), max(1, len(rows) // 10)):
                rows[j] = [*rows[j][:-1], ""]
                lines[j] = line(rows[j][:-1], how)
        case "sep_line" if len(d) == 1:
            return [f"sep={d}", *header, *lines], [names, *rows]
        case "second_table":
            other = _unquoted(table(rng, width=width + rng.choice((-1, 1, 2)) if width > 2 else width + 2), how)
            more = [line(row, how) for row in (*other.header, *other.rows)]
            return [*header, *lines, *([""] if rng.random() < 0.7 else []), *more], [names, *rows]
        case "header_again":
            return [*header, *lines[: k + 1], *header, *lines[k + 1 :]], [names, *rows]
        case "unquoted_delimiter" if len(d) == 1 and any(d in c for c in rows[k]):
            lines[k] = d.join(rows[k])
        case "trailing_delimiters":
            return [one + d for one in [*header, *lines]], [[*row, ""] for row in [names, *rows]]
        case _:
            pass
    return [*header, *lines], [names, *rows]


def cases(seed: int, count: int = 400) -> Iterator[tuple[str, bytes, Rows]]:
    """Yield messy files, each with a name and the rows that it should give."""
    rng = random.Random(seed)
    for number in range(count):
        kind = POLLUTIONS[number % len(POLLUTIONS)]
        how = written(rng)
        made = _unquoted(table(rng, rows=rng.choice((8, 12, 20, 40, 80, 150))), how)
        lines, rows = pollute(kind, made, how, rng)
        text = how.eol.join(lines) + ("" if kind == "no_last_newline" else how.eol * (3 if kind == "blank_end" else 1))
        yield f"{kind}_{number}.csv", text.encode(how.encoding, "replace"), rows


def dialects(seed: int, count: int = 600) -> Iterator[tuple[bytes, str, str]]:
    """Yield files with their delimiter and, where the file holds one that quotes, their quote."""
    rng = random.Random(seed)
    for _ in range(count):
        how = written(rng)
        made = _unquoted(table(rng), how)
        kind = rng.choice(
            ("nothing", "nothing", "no_header", "preamble", "footer", "one_row", "short_rows", "comments", "more_sep")
        )
        lines, _rows = pollute(kind, made, how, rng)
        edges = (
            any(one.startswith(how.quote) or how.delimiter + how.quote in one for one in lines) if how.quote else False
        )
        text = how.eol.join(lines) + how.eol
        yield text.encode(how.encoding, "replace"), how.delimiter, how.quote if edges else ""
