"""How a language writes the figures of a census: numbers, shares, dates, names of codes.

French: U+202F between thousands and before the signs that ask for it, U+00A0 before a colon and inside « »; decimal
comma (Lexique des règles typographiques en usage à l'Imprimerie nationale).  English: commas, decimal point.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import Any

from etanche.report.text import plain
from etanche.words import Words

THIN, NO_BREAK = "\u202f", "\u00a0"
_KIND_LISTS = ("kind", "category")


@cache
def departement_names() -> Mapping[str, str]:
    """Return the names of the départements by code."""
    file = resources.files(__package__) / "departements.toml"
    names: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))
    return names


class Speech:
    """One language's way of saying a document; every word comes from `words/<language>/report.toml`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = Words(language)
        self.french = language == "fr"

    def __call__(self, code: str, **params: object) -> str:
        """Return the sentence of `report.<code>`, with the spaces that the language asks for."""
        sentence = self.words.find(f"report.{code}")
        if sentence is None:
            raise KeyError(code)
        # The typography is that of the report's own words: a value of the file keeps its spaces and apostrophes.
        return self.typography(sentence).format(**params)

    def section(self, name: str) -> Callable[[str], str]:
        """Return a shorthand for the words of one section."""
        return lambda code: self(f"{name}.{code}")

    def typography(self, text: str) -> str:
        """Put the no-break spaces and the apostrophes of French where plain ones stand."""
        if not self.french:
            return re.sub(r" (?=[;%])", "", text)
        text = re.sub(r" (?=[;?!%])", THIN, text.replace("'", "’"))
        return re.sub(r" (?=[:»])|(?<=«) ", NO_BREAK, text)

    def label(self, table: str, code: str) -> str:
        """Return the name of a code (a kind, a role, a topic…), or the code itself made plain."""
        name = self.words.find(f"report.{table}.{code}")
        return self.typography(name) if name else plain(code)

    def note(self, note: Mapping[str, Any]) -> str:
        """Return what opening had to say, as a sentence."""
        params = {
            name: self.number(value) if isinstance(value, int) else value for name, value in note["params"].items()
        }
        return self.typography(self.words(f"ingest.{note['code']}", **params))

    def number(self, value: int | None) -> str:
        """Return a whole number; a hidden one says so."""
        if value is None:
            return self("common.hidden")
        return f"{value:,}".replace(",", THIN if self.french else ",")

    def decimal(self, value: float) -> str:
        """Return a score: as many decimals as it has, at most two."""
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.french else text

    def percent(self, value: int | None, of: int | None) -> str:
        """Return a share with one decimal; "100 %" and "0 %" only when exact."""
        if value is None or not of:
            return self("common.none")
        share = 100 * value / of
        sign = THIN + "%" if self.french else "%"
        if 0 < share < 0.1:
            return self("common.percent_under", percent=self.decimal(0.1) + sign)
        if 99.9 < share < 100:
            return "> " + self.decimal(99.9) + sign
        return self.decimal(round(share, 1)) + sign

    def date(self, iso: str | None) -> str:
        """Return an ISO date, month or year in words ("3 mars 2021")."""
        match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", iso or "")
        if match is None:
            return plain(iso) if iso else self("common.hidden")
        year, month, day = match.groups()
        words = [year]
        if month and 1 <= int(month) <= 12:
            words.insert(0, self(f"month.{int(month)}"))
        if day:
            words.insert(0, "1er" if self.french and day == "01" else str(int(day)))
        return NO_BREAK.join(words)

    def period(self, ends: Mapping[str, str | None] | None) -> str:
        """Return "2015 – 2020" for the ends of a period."""
        if not ends or not ends["min"] or not ends["max"]:
            return self("common.none")
        first, last = ends["min"][:4], ends["max"][:4]
        return first if first == last else f"{first}–{last}"

    def listing(self, names: list[str]) -> str:
        """Return "a, b et c"."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self('common.and')} {names[-1]}"

    def departement(self, code: str) -> str:
        """Return "56 Morbihan"."""
        name = departement_names().get(code, "").replace("'", "’")
        return f"{plain(code)} {name}" if name else plain(code)

    def age(self, band: str) -> str:
        """Return "0–14 ans", "90 ans et plus"."""
        if band == "unknown":
            return self("people.unknown_age")
        if band.endswith("+"):
            return self("people.years_and_more", band=plain(band[:-1]))
        return self("people.years", band=plain(band).replace("-", "–"))

    def reason(self, column: Mapping[str, Any]) -> str:
        """Return a column's reason in this language, whatever that of the document; else as the document has it."""
        said = str(column["reason"])
        template = self.find(f"reasons.{column['reason_code']}")
        if template:
            with suppress(KeyError, IndexError):
                said = self.typography(template).format(**self._named(column["reason_params"]))
        return plain(said, 300)

    def find(self, code: str) -> str | None:
        """Return the sentence of another section, None where there is none."""
        try:
            return self.words.find(code)
        except FileNotFoundError:
            return None

    def _named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters with codes of kinds as their names (parameters `kind`, `header`)."""
        return {
            name: self.label("kind", value) if name in {"kind", "header"} and isinstance(value, str) else value
            for name, value in params.items()
        }

    def severity_reason(self, reason: Mapping[str, Any]) -> str:
        """Return what a term of the severity rests on; codes of kinds and categories become their names."""
        params = dict(reason["params"])
        codes = [code.strip() for code in str(params.get("kinds", "")).split(",") if code.strip()]
        params["kinds"] = self.listing(list(dict.fromkeys(self._kind_or_category(code) for code in codes)))
        if isinstance(params.get("points"), int | float):
            params["points"] = self.decimal(params["points"])
        sentence = self.words.find(f"severity.reason.{reason['code']}")
        if sentence is None:
            return plain(reason["code"])
        return plain(self.typography(sentence).format(**params), 300).rstrip(": \u00a0")

    def _kind_or_category(self, code: str) -> str:
        for table in _KIND_LISTS:
            name = self.words.find(f"report.{table}.{code}")
            if name:
                return name if table == "kind" else name[:1].lower() + name[1:]
        return plain(code)
