"""A decision as a page: what was decided, by whom, on which article, why; to be signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etanche.config import Config
from etanche.report.speech import Speech
from etanche.respond import decision, sheet
from etanche.responding.kept import digest


def decision_page(taken: Mapping[str, Any], name: str, newest: int, config: Config) -> sheet.Sheet:
    """Return a decision as a page to be signed; `newest`: the number of the one that holds."""
    speech = Speech(config.language)
    words = speech.words
    values: dict[str, str | sheet.Block] = {
        "name": name,
        "code": taken["code"],
        "article": taken["article"],
        "outcome": words(f"decide.outcome.{taken['outcome']}"),
        "number": str(taken["number"]),
        "at": taken["at"].replace("T", " ")[:16],
        "by": taken["by"],
        "role": taken["role"],
        "articles": ", ".join(taken["articles"]),
        "reasons": _paragraphs(taken["reasons"]),
        "sha256": digest(taken),
    }
    if taken["number"] != newest:
        values["superseded"] = str(newest)
    if taken["supersedes"]:
        values["supersedes"] = str(taken["supersedes"]["number"])
    if taken["exception"]:
        texts = {f"34(3)({each['code']})": each[speech.language] for each in decision.law_of_decisions()["exception"]}
        values |= {"exception": taken["exception"], "exception_text": texts[taken["exception"]]}
    if taken["severity"]:
        values["score"] = speech.decimal(taken["severity"]["score"])
        values["band"] = words(f"decide.band.{taken['severity']['band']}")
    if taken["census_sha256"]:
        values["census"] = taken["census_sha256"]
    return sheet.sheet("decision", speech.language, values)


def _paragraphs(text: str) -> sheet.Block:
    """Return a text as paragraphs, each line of it on its own."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += [*sheet.verse([line])] if line else [""]
    return tuple(lines)
