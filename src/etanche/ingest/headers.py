"""Whether the first row names the columns, and what stands above it.

1. Lines above the first row of the right number of cells are a preamble only when that row turns out to be a header
   (or when they are comments or `sep=`): else they are damaged rows, and the quarantine takes them.
2. A header's cells are wordy, unique, not of the types their columns hold, and do not recur below; words that name
   columns the world over weigh most.
3. Names are cleaned (no control characters, one space), made unique, and filled where empty: `column_3`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from etanche.ingest.columns import type_of
from etanche.ingest.dialects import STRONG, strong
from etanche.ingest.mojibake import mend_text

_COLUMN_WORDS = re.compile(
    r"""(?ix) ^ (?: .* [\s_.\-] )? (?:
    id|ids|nr|no|num|numero|num[ée]ro|code|cle|cl[ée]|ref|r[ée]f[ée]rence|type|nom|noms|nomnaissance|nom_?jf|pr[ée]noms?|sexe|sex|gender
    |civilit[ée]|civ|titre|title|name|names|firstname|lastname|surname|naissance|birth|birthdate|dob|ddn|date|dates|jour|heure|time
    |timestamp|adresse|address|adr|adr\d|rue|street|cp|code_?postal|postal|zip|zipcode|postcode|ville|commune|city|town|pays|country|dep
    |d[ée]partement|r[ée]gion|state|t[ée]l|t[ée]l[ée]phone|phone|mobile|portable|fixe|fax|e?-?mail|courriel|m[ée]l|nir|nss|secu|s[ée]cu
    |insee|ins|rpps|adeli|finess|m[ée]decin|doctor|docteur|prescripteur|pr[ée]l[eè]veur|labo|laboratoire|mutuelle|amc|amo|assur[ée]?|groupe
    |rhesus|rh|grossesse|commentaires?|comments?|remarques?|notes?|observations?|libell[ée]|label|description|valeur|value|montant|amount
    |prix|price|quantit[ée]|qty|total|unit[ée]|unit|r[ée]sultats?|result|analyse|examen|dossier|patient|client|user|username|login|password
    |passwd|pwd|mot_?de_?passe|mdp|hash|ip|url|site|statut|status|[ée]tat|actif|active|created|updated|modified|year|ann[ée]e|mois|month
    |age|[âa]ge|poids|taille|conjoint|profession|sp[ée]cialit[ée]|service|h[ôo]pital|siret|siren|iban|bic|latitude|longitude|lat|lon|lng
    ) (?: [\s_.\-\d] .* )? $"""
)
LEAST_BODY = 3
STRONG_SHARE = 0.9
_WORDY = re.compile(r"[^\W\d][\w .'’°/()\-%#:*?+]*", re.UNICODE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_IDENTIFIER = re.compile(r"[A-Za-z]+\d?(?:_[A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def is_header(first: Sequence[str], body: Sequence[Sequence[str]], least: float = 0.0) -> bool:
    """Tell whether `first` names the columns whose cells are in `body` (rows of as many cells).

    `least`: how convincing it must be, about 0 (rather than not) to 1.
    """
    cells = [cell.strip() for cell in first]
    filled = [cell for cell in cells if cell]
    if not filled or len(filled) * 3 < len(cells):
        return False
    body = [row for row in body if [cell.strip() for cell in row] != cells]
    if not body:
        return _alone(filled)
    columns = (Counter(row[k].strip() for row in body) for k in range(len(cells)))
    score = sum(_vote(cell, column) for cell, column in zip(cells, columns, strict=True) if cell) / len(filled)
    if len({cell.casefold() for cell in filled}) < 0.8 * len(filled):
        score -= 0.4
    return score > least


def _alone(filled: Sequence[str]) -> bool:
    """Tell whether cells with nothing below are names: none of a strong type, most of them words that head columns."""
    if any(STRONG.fullmatch(cell) or not _WORDY.fullmatch(cell) for cell in filled):
        return False
    known = sum(bool(_COLUMN_WORDS.match(_plain(cell)) or _IDENTIFIER.fullmatch(cell)) for cell in filled)
    return known * 2 > len(filled) and len({cell.casefold() for cell in filled}) == len(filled)


_WORDS = frozenset({"word", "text"})


def goes_on(header: Sequence[str], row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Tell whether the row below a header is a further line of it.

    It repeats the header, or is made of words in every column whose cells are of a strong type, two columns at least: a
    cell of a type of its own (a code, a hash) is a person's, and no name.
    """
    cells = [cell.strip() for cell in row]
    if cells == [cell.strip() for cell in header]:
        return True
    if len(body) < LEAST_BODY or sum(map(bool, cells)) * 2 < len(cells):
        return False
    columns = [[cell for cell in column if cell] for column in zip(*body, strict=True)]
    typed = [k for k, column in enumerate(columns) if column and _share(column) > STRONG_SHARE]
    if len(typed) < 2 or any(type_of(cells[k]) not in _WORDS or not _wordy(cells[k]) for k in typed):
        return False
    return not any(cell in column for cell, column in zip(cells, columns, strict=True) if cell)


def _wordy(cell: str) -> bool:
    return bool(_WORDY.fullmatch(cell) or re.fullmatch(r"[(\[].*[)\]]", cell)) and not STRONG.fullmatch(cell)


def _share(column: Sequence[str]) -> float:
    """Return the share of cells of a strong type."""
    return sum(type_of(cell) not in _WORDS for cell in column) / len(column)


def joined(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the names that the lines of a header make."""
    return [" ".join(part for part in (cell.strip() for cell in cells) if part) for cells in zip(*lines, strict=True)]


def _vote(cell: str, column: Mapping[str, int]) -> float:
    """Return how much one cell speaks for a header of a column of cells, each with its number: about -1 to 1."""
    values = {value: n for value, n in column.items() if value}
    if STRONG.fullmatch(cell):
        # Years head columns now and then, of figures that are no years.
        year = _YEAR.fullmatch(cell) and values and not any(_YEAR.fullmatch(value) for value in values)
        return 0.0 if year else -1.0
    if len(cell) > 120 or not any(c.isalpha() or c in "%#°" for c in cell):
        return -0.6
    if cell[-1] in ".!?" and " " in cell:
        return -0.6
    # Real headers hold signs of all sorts; what is no plain words must be told from its column.
    vote = 0.0 if _WORDY.fullmatch(cell) and len(cell) <= 80 else -0.4
    if _COLUMN_WORDS.match(_plain(cell)) or _COLUMN_WORDS.match(cell):
        vote += 1.0
    elif _IDENTIFIER.fullmatch(cell):
        vote += 0.6
    if values:
        vote -= 1.0 if cell in values else 0.0
        share = sum(n for value, n in values.items() if strong(value)) / sum(values.values())
        vote += 0.8 * share
        if share < 0.5:
            styles: Counter[str] = Counter()
            for value, n in values.items():
                styles[_style(value)] += n
            vote += 0.25 if _style(cell) != styles.most_common(1)[0][0] else -0.25
    return max(-1.0, min(1.0, vote))


@lru_cache(maxsize=20_000)
def _style(cell: str) -> str:
    """Return how a cell is written: upper, lower, title or mixed, with or without digits."""
    case = "upper" if cell.isupper() else "lower" if cell.islower() else "title" if cell.istitle() else "mixed"
    return case + ("9" if any(c.isdigit() for c in cell) else "")


def _plain(cell: str) -> str:
    """Return camel case as words, accents off."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cell)
    return "".join(c for c in unicodedata.normalize("NFKD", spaced) if not unicodedata.combining(c))


def is_comment(line: str) -> bool:
    """Tell whether a line above a table says of itself that it is no row."""
    return line.lstrip("\ufeff").startswith(("#", "//", "--")) or line.lower().lstrip('\ufeff"').startswith("sep=")


def clean_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return names fit to be shown: no control characters, no outer quotes, unique, never empty."""
    names: list[str] = []
    seen: set[str] = set()
    for index, cell in enumerate(map(mend_text, cells), start=1):
        kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in cell)
        base = " ".join(kept.split()).strip("\"'")[:200] or f"column_{index}"
        name, k = base, 1
        while name.casefold() in seen:
            k += 1
            name = f"{base}_{k}"
        seen.add(name.casefold())
        names.append(name)
    return tuple(names)


def default_names(cells: int) -> tuple[str, ...]:
    """Return `column_1`… for a table without header."""
    return tuple(f"column_{k}" for k in range(1, cells + 1))
