"""The words of documents, by language, and how moments and numbers are told in them.

A language is a dated file (`forms/terms.LANGUAGE.toml`), with the same keys in each.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources
from typing import Any

from etanche.respond.moments import Moment
from etanche.words import section


@cache
def terms(language: str) -> Mapping[str, Any]:
    """Return the words of a language; `label` names the columns of the controllers file too."""
    file = resources.files(__package__) / "forms" / f"terms.{language}.toml"
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    return {**said, "label": {**section(language, "respond")["column"], **said["label"]}}


def number(found: int, said: Mapping[str, Any]) -> str:
    """Return a number as the language groups it."""
    return f"{found:,}".replace(",", said["thousands"])


def between(ends: tuple[int, int] | None, said: Mapping[str, Any]) -> str | None:
    """Return a number of which the least and the most are known; None for none."""
    if ends is None:
        return None
    least, most = (number(each, said) for each in ends)
    return least if least == most else str(said["between"].format(least=least, most=most))


def day(at: datetime, zone: tzinfo, said: Mapping[str, Any]) -> str:
    """Return the day of an instant, in the time of a place."""
    return format(at.astimezone(zone), said["day"])


def instant(at: datetime, zone: tzinfo, said: Mapping[str, Any]) -> str:
    """Return an instant to the minute, in the time of a place."""
    return format(at.astimezone(zone), said["minute"])


def told(moment: Moment, zone: tzinfo, said: Mapping[str, Any]) -> str:
    """Return a moment, or the two between which it lies; days where no hour is known."""
    first, last = moment.earliest.astimezone(zone), moment.latest.astimezone(zone)
    if moment.exact:
        return format(first, said["minute"])
    whole = (first.hour, first.minute, last.hour, last.minute) == (0, 0, 23, 59)
    if whole and first.date() == last.date():
        return str(said["one_day"].format(day=format(first, said["day"])))
    shape = said["day"] if whole else said["minute"]
    return str(said["span"].format(earliest=format(first, shape), latest=format(last, shape)))
