"""Both languages say the same things, and every error the code raises can be said."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etanche.words import LANGUAGES, Words, section

SOURCE = Path(__file__).parents[2] / "src" / "etanche"
WORDS = SOURCE / "words"
SECTIONS = sorted({file.stem for language in LANGUAGES for file in (WORDS / language).glob("*.toml")})


def sentences(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from sentences(value, where)
        else:
            assert isinstance(value, str), f"{where} is no sentence"
            yield where, value


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def raised_codes() -> set[str]:
    """The first argument of every `UserError("…")` in the source; a code made at run time would escape the test."""
    codes = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "UserError":
                first = node.args[0] if node.args else None
                codes |= {leaf.value for leaf in literals(first)}
    return codes


def literals(node: ast.expr | None) -> list[ast.Constant]:
    """The texts an argument can be: itself, or either arm of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return []


@pytest.mark.parametrize("name", SECTIONS)
def test_languages_have_the_same_codes(name: str) -> None:
    english, french = (dict(sentences(section(language, name))) for language in LANGUAGES)
    assert english.keys() == french.keys()


@pytest.mark.parametrize("name", SECTIONS)
def test_languages_have_the_same_placeholders(name: str) -> None:
    english, french = (dict(sentences(section(language, name))) for language in LANGUAGES)
    different = [
        code for code in english.keys() & french.keys() if placeholders(english[code]) != placeholders(french[code])
    ]
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SECTIONS)
def test_placeholders_are_plain_names(name: str, language: str) -> None:
    """`{0}`, `{}` or `{row.cell}` would reach into what it is given."""
    named = {hole for _, sentence in sentences(section(language, name)) for hole in placeholders(sentence)}
    assert all(hole.isidentifier() for hole in named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_words(language: str) -> None:
    codes = raised_codes()
    assert codes
    assert not {code for code in codes if Words(language).find(f"errors.{code}") is None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_one_line(language: str) -> None:
    entries = dict(sentences(section(language, "errors")))
    assert entries
    assert not [code for code, sentence in entries.items() if "\n" in sentence.strip() or not sentence.strip()]
