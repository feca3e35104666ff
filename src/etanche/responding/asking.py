"""Who asked, as a small file says it, and the letters that answer them.

Rules, in the order in which they apply:

1. A person is a TOML file: `name`, and as far as known `address` (lines), `email`, `phone`, `birth_date`, `represents`
   (who the request is for), `said` (what they ask).  A key that nobody knows is refused, and no value is ever quoted.
2. A letter is a dated template (`respond/answers/`), with its articles; what only a person knows is a blank.
3. A letter holds what the person wrote of themselves and what the register says, and nothing of the leak.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.report.speech import Speech
from etanche.respond import rights, sheet
from etanche.respond.decision import one_line

FOLDER = "answers"
_KEYS = ("name", "address", "email", "phone", "birth_date", "represents", "said")
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Person:
    """Who asked; nothing of it shows in a `repr`."""

    name: str = field(repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    represents: str = field(default="", repr=False)
    said: str = field(default="", repr=False)

    def document(self) -> dict[str, Any]:
        """Return the person as it is sealed."""
        return asdict(self)


def person_of(data: bytes, shown: str) -> Person:
    """Return the person of a file; `UserError` (3 for no TOML, 2 for a wrong key) names the file and no value."""
    try:
        # Cut short, a file too large is no TOML of a person, or one that ends in a comment.
        said = tomllib.loads(data[:_MOST_BYTES].decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        raise UserError("rights_person", ExitCode.UNREADABLE, path=shown) from None
    if said.keys() - set(_KEYS):
        raise UserError("rights_person_key", ExitCode.USAGE, path=shown, known=", ".join(_KEYS))
    values = {key: value for key, value in said.items() if key != "address"}
    lines = said.get("address", [])
    lines = lines.splitlines() if isinstance(lines, str) else lines
    texts = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    if not texts or not all(isinstance(value, str | date) for value in values.values()):
        raise UserError("rights_person_key", ExitCode.USAGE, path=shown, known=", ".join(_KEYS))
    name = one_line(str(values.pop("name", "")))
    if not any(map(str.isalpha, name)):
        raise UserError("rights_person_name", ExitCode.USAGE, path=shown)
    address = tuple(one_line(line) for line in lines if line.strip())
    kept = {key: str(value).strip() if key == "said" else one_line(str(value)) for key, value in values.items()}
    return Person(name, address, **kept)


def letter(name: str, entry: Mapping[str, Any], person: Person, more: Mapping[str, str], config: Config) -> sheet.Sheet:
    """Return a letter: an answer (by the kind of the request), `receipt` or `extension`."""
    speech = Speech(config.language)
    words = speech.words
    values: dict[str, str | sheet.Block] = {
        "controller": entry["name"],
        "person": person.name,
        "number": entry["number"],
        "received": speech.date(entry["received"]["earliest"][:10]),
        "today": speech.date(config.now().astimezone(ZoneInfo(entry["zone"])).date().isoformat()),
        "grounds": _grounds(entry["grounds"], speech),
    }
    if person.address:
        values["address"] = sheet.verse(person.address)
    if person.represents:
        values["represented"] = person.represents
    if entry["due"]:
        values["due"] = speech.date(entry["due"][:10])
    if rights.kind_of(entry["kind"]).identity:
        values["identity"] = ""
    values["basis"] = f"({', '.join(entry['articles'])})"
    if outcome := more.get("outcome"):
        values[outcome] = ""
        values |= {"given": ""} if outcome != "refused" else {}
        values |= {"limits": ""} if entry["grounds"] else {}
    values |= {"reason": more["reason"]} if "reason" in more else {}
    label = {key: words(f"rights.label.{key}") for key in ("address", "due")}
    return sheet.sheet(name, speech.language, values, label, folder=FOLDER, foot=False)


def _grounds(codes: list[str], speech: Speech) -> sheet.Block:
    """Return the grounds of a refusal, each with its article; a letter without any has none."""
    found = (rights.grounds()[code] for code in codes)
    return sheet.bullets(f"{ground.text[speech.language]} ({ground.article})" for ground in found)
