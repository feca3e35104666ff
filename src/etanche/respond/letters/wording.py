"""What a letter says: a dated template, the controller's own facts, the families of data of one person.

Rules, in the order in which they apply:

1. A template is a file (`<date>-<name>.toml`, the latest of a name counts): sections of sentences, each with the
   articles of the law that it states, for whom it is, which family of data it needs and which facts.
2. Facts come from the controller's line alone.  A sentence whose fact is not known is left out; nature, measures and a
   contact are what article 34(2) asks for, and without them there is no letter.
3. What a letter says depends on who reads it and on the families: letters of one controller are a few wordings.
4. Nothing is said of the family `health` but that there are data of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from etanche.respond.controllers import Controller
from etanche.respond.letters.recipients import Who
from etanche.respond.moments import Moment

VARIANTS = ("fr", "en", "fr-large")
ASKED = ("description", "measures_after", "contact")
"""What article 34(2) asks for, by the columns of the controllers file; `contact`: any way to reach somebody."""
FREE = ("description", "measures_after")
"""Columns whose text goes into letters as it is."""
MOST = 1200
"""Characters of a free text that a letter takes: more belongs elsewhere, and would make a third page."""
_CONTACT = ("help_line", "dpo_phone", "dpo_email", "phone", "email")
_MONTHS = {
    "fr": tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
    ),
    "en": tuple(
        "January February March April May June July August September October November December".split()  # noqa: SIM905
    ),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A dated file of wording."""

    name: str
    language: str
    size: float
    """Points of the body."""
    written: date
    reviewed: date | None
    sha256: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a letter: `heading`, `text` or `item`."""

    kind: str
    text: str


@cache
def template(name: str) -> Template:
    """Return the latest template of a name (`VARIANTS`)."""
    files = [each for each in resources.files(__package__).iterdir() if each.name[10:] == f"-{name}.toml"]
    data = max(files, key=lambda file: file.name).read_bytes()
    said = tomllib.loads(data.decode())
    return Template(
        said["name"],
        said["language"],
        said["size"],
        said["written"],
        said.get("reviewed"),
        sha256(data).hexdigest(),
        said,
    )


def missing(controller: Controller) -> tuple[str, ...]:
    """Return what a letter of this controller lacks, of what article 34(2) asks for."""
    lacking = [name for name in FREE if not controller.says(name)]
    return tuple(lacking if any(controller.says(name) for name in _CONTACT) else [*lacking, "contact"])


def facts(controller: Controller, made: Template) -> dict[str, str]:
    """Return what the controller's line says, as the letter words it; what is not known has no key."""
    own = {name: controller.cells[name].strip() for name in controller.cells if controller.says(name)}
    found = {"controller": controller.name}
    found |= {
        key: own[name][:MOST]
        for key, name in (("nature", "description"), ("measures", "measures_after"))
        if name in own
    }
    found |= {key: own[key] for key in ("processor", "commune") if key in own}
    if "representative" in own:
        found["signed"] = ", ".join(own[key] for key in ("representative", "representative_title") if key in own)
    moments = controller.moments
    if "breach_start" in moments:
        start = moments["breach_start"]
        found["breach"] = _when(start, moments.get("breach_end", start), controller, made)
    if "aware" in moments:
        found["aware"] = _when(moments["aware"], moments["aware"], controller, made)
    found |= {
        key: "1" for key, column in (("cnil", "cnil_filed"), ("complaint", "complaint_filed")) if column in moments
    }
    return found | {"contact": _contact(own, made)}


def _contact(own: Mapping[str, str], made: Template) -> str:
    said = made.content["contact"]
    who = said["named"].format(name=own["dpo_name"]) if "dpo_name" in own else said["dpo"]
    lines = {
        "help_line": own.get("help_line"),
        "phone": own.get("dpo_phone") or own.get("phone"),
        "email": own.get("dpo_email") or own.get("email"),
        "post": ", ".join(sender(own)[1:]) if own.get("address") else None,
    }
    ways = said["and"].join(said[way].format(value=value) for way, value in lines.items() if value)
    return str(said["answers"].format(who=who, ways=ways)) if ways else ""


def sender(cells: Mapping[str, str]) -> list[str]:
    """Return the lines that say who writes: name, address, postcode and commune."""
    town = f"{cells.get('postcode', '')} {cells.get('commune', '')}".strip()
    return [line for line in (cells.get("name", ""), cells.get("address", ""), town) if line]


def day(when: date, language: str) -> str:
    """Return a day in words: `1er mars 2021`, `1 March 2021`."""
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {_MONTHS[language][when.month - 1]} {when.year}"


def _when(start: Moment, end: Moment, controller: Controller, made: Template) -> str:
    """Return one day, a period, or the days between which it was where an end of it is not known to the day."""
    zone = controller.calendar.zone
    days = [each.astimezone(zone).date() for each in (start.earliest, start.latest, end.earliest, end.latest)]
    form = "one" if len(set(days)) == 1 else "several" if days[0] == days[1] and days[2] == days[3] else "between"
    first, last = (day(each, made.language) for each in (days[0], days[3]))
    return str(made.content["label"][form].format(start=first, end=last))


def blocks(made: Template, who: Who, families: Iterable[str], known: Mapping[str, str]) -> tuple[Block, ...]:
    """Return what a letter says below its salutation, in order."""
    held = list(families)
    names = made.content["family_parents" if who in (Who.PARENTS, Who.GUARDIAN) else "family"]
    end = made.content["label"]["item_end"]
    found: list[Block] = []
    for section in made.content["section"]:
        said = [each for each in section["sentence"] if _fits(each, who, held, known)]
        if not said:
            continue
        if "heading" in section:
            found.append(Block("heading", section["heading"]))
        for each in said:
            if each["text"] == "{families}":
                found += [Block("item", names[family] + ("." if family == held[-1] else end)) for family in held]
                continue
            text = each["text"].format(**known)
            if each.get("join") and found and found[-1].kind == "text":
                found[-1] = Block("text", f"{found[-1].text} {text}")
            else:
                found.append(Block("item" if each.get("item") else "text", text))
    return tuple(found)


def _fits(each: Mapping[str, Any], who: Who, held: Iterable[str], known: Mapping[str, str]) -> bool:
    if who.value not in each.get("who", (who.value,)):
        return False
    if "family" in each and each["family"] not in held:
        return False
    return all(known.get(fact) for fact in each.get("needs", ()))


def title(made: Template, who: Who) -> str:
    """Return what stands above the letter."""
    return str(made.content["title_parents" if who is Who.PARENTS else "title"])
