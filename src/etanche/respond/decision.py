"""Who decided what under articles 33 and 34, when, and why: a decision is a named person's, with reasons in writing.

Rules, in the order in which they apply:

1. What may be decided, and on which article it rests, is a dated file (`decision.toml`).
2. A decision names a person and the capacity in which they decide ("Claire Martin, directrice").
3. It has reasons.  They may be read by an inspector and name nobody else: a text that holds a NIR, a number of a
   telephone or an e-mail address is refused, and its place is told, never what stands there.
4. Persons who are not told: no high risk (`none`), or an exception of article 34(3); (c) is a public notice instead.
5. A decision is not dated in the future.
6. A score is put beside it.  It never takes the place of the test of articles 33 and 34.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.identifiers import email, nir, phone
from etanche.respond.moments import parse

FORMAT = "etanche-decision/1"
ARTICLES = ("33", "34")
MOST_BYTES = 64 * 1024
"""Of the reasons, as a file."""
_MOST_NAME = 120
_NUMBERS = re.compile(r"\+?\d(?:[ .\-/]?[0-9AB]){8,17}", re.IGNORECASE)
_MAIL = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+\.[^\s<>()\[\],;:\"'.]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that may be decided."""

    article: str
    code: str
    articles: tuple[str, ...]
    exceptions: tuple[str, ...]
    """Exceptions of article 34(3) that it may rest on, "none" among them where it need not; empty: it has none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as somebody states it."""

    article: str
    outcome: str
    by: str
    """"NAME, role"."""
    reasons: str
    exception: str | None = None
    """"a", "b", "c" or "none"."""
    date: str | None = None
    """A moment or a day; None: now."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that may be written down."""

    outcome: Outcome
    exception: str | None
    """The article of the exception."""
    by: str
    role: str
    at: str
    """ISO 8601: an instant with its offset, or a day."""
    reasons: str

    def document(self, code: str) -> dict[str, Any]:
        """Return it as `decision-CODE-ARTICLE.json` has it, the case's own keys apart."""
        return {
            "format": FORMAT,
            "code": code,
            "article": self.outcome.article,
            "outcome": self.outcome.code,
            "exception": self.exception,
            "articles": [*self.outcome.articles, *([f"GDPR {self.exception}"] if self.exception else [])],
            "by": self.by,
            "role": self.role,
            "at": self.at,
            "reasons": self.reasons,
        }


@cache
def law_of_decisions() -> dict[str, Any]:
    """Return the dated file: title, day, outcomes, exceptions."""
    return tomllib.loads((resources.files(__package__) / "decision.toml").read_text(encoding="utf-8"))


@cache
def outcomes(article: str) -> Mapping[str, Outcome]:
    """Return what may be decided under an article, by its code; empty for an article without decisions."""
    return {
        each["code"]: Outcome(article, each["code"], tuple(each["articles"]), tuple(each.get("exceptions", ())))
        for each in law_of_decisions()["outcome"]
        if each["article"] == article
    }


def decided(asked: Asked, zone: tzinfo, now: datetime) -> Decision:
    """Return a decision as it may be written down; `UserError` (usage) for what cannot be one."""
    if asked.article not in ARTICLES:
        raise UserError("decide_article", ExitCode.USAGE)
    possible = outcomes(asked.article)
    if asked.outcome not in possible:
        raise UserError("decide_outcome", ExitCode.USAGE, article=asked.article, known=", ".join(possible))
    outcome = possible[asked.outcome]
    name, role = signatory(asked.by)
    return Decision(
        outcome, _exception(outcome, asked.exception), name, role, _at(asked.date, zone, now), reasons_of(asked.reasons)
    )


def signatory(text: str) -> tuple[str, str]:
    """Return name and capacity of "NAME, role"; `UserError` (usage) where either is missing."""
    name, _, role = (part.strip() for part in one_line(text).partition(","))
    if not name or not role or len(name) > _MOST_NAME or len(role) > _MOST_NAME or not any(map(str.isalpha, name)):
        raise UserError("decide_by", ExitCode.USAGE)
    return name, role


def one_line(text: str) -> str:
    """Return a text on one line, without what moves a cursor or reverses a reading."""
    return " ".join("".join(char if _shown(char) else " " for char in text).split())


def _shown(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _exception(outcome: Outcome, given: str | None) -> str | None:
    """Return the exception that an outcome rests on, as an article."""
    said = (given or "").strip().lower().removeprefix("34(3)(").removesuffix(")")
    if outcome.exceptions == ("c",) and not said:
        said = "c"
    if (said and said not in outcome.exceptions) or (outcome.exceptions and not said):
        code = "decide_exception" if outcome.exceptions else "decide_no_exception"
        raise UserError(code, ExitCode.USAGE, outcome=outcome.code, known=", ".join(outcome.exceptions))
    return None if said in {"", "none"} else f"34(3)({said})"


def _at(text: str | None, zone: tzinfo, now: datetime) -> str:
    if text is None or not text.strip():
        return now.astimezone(zone).isoformat(timespec="seconds")
    try:
        moment = parse(text, zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.earliest.astimezone(zone).date() != moment.latest.astimezone(zone).date():
        raise UserError("decide_date", ExitCode.USAGE)
    if moment.earliest > now:
        raise UserError("decide_future", ExitCode.USAGE)
    local = moment.earliest.astimezone(zone)
    return local.isoformat(timespec="seconds") if moment.exact else local.date().isoformat()


def reasons_of(text: str) -> str:
    """Return reasons as they are kept; `UserError` (usage) for none, too many, or some that name persons."""
    lines = [" ".join("".join(char if _shown(char) else " " for char in line).split()) for line in text.splitlines()]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not any(map(str.isalpha, kept)):
        raise UserError("decide_reasons_none", ExitCode.USAGE)
    if len(kept.encode("utf-8", "replace")) > MOST_BYTES:
        raise UserError("decide_reasons_long", ExitCode.USAGE)
    for number, line in enumerate(kept.splitlines(), start=1):
        if names_somebody(line):
            raise UserError("decide_reasons_name", ExitCode.USAGE, line=number)
    return kept


def names_somebody(line: str) -> bool:
    """Tell whether a line holds what belongs to one person: a NIR, a telephone number, an e-mail address."""
    if any(email.valid(found) for found in _MAIL.findall(line)):
        return True
    return any(nir.valid(found) or phone.valid(found) for found in _NUMBERS.findall(line))
