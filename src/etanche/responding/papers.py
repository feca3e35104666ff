"""The documents of one controller: written, kept where somebody has edited them, typeset.

Rules, in the order in which they apply:

1. A controller's folder says in `documents.json` what was last written there.  A document that is not as it was written
   is somebody's work: it stays, its page is made of it, and a draft that says something new stands beside it as
   `NAME.new.md`.
2. The initial notification is what was drafted last before the authority was notified (`notification.json`); from then
   on it stays, and what follows is complementary.
3. Nothing is written here: the story writes all files of a run, or none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche import respond
from etanche.responding.files import FORMAT, json_bytes

LIST = "documents.json"
INITIAL = "notification.json"


@dataclass(frozen=True, slots=True)
class Papers:
    """The files of one controller, by path in its folder."""

    files: dict[str, bytes]
    kept: tuple[str, ...]
    """Documents that somebody has edited."""
    documents: list[dict[str, Any]]
    """Each document: name, language, path, title, how much is blank."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A controller's folder as an earlier run, and whoever worked on it since, left it."""

    path: Path
    written: Mapping[str, list[str]]
    """SHA-256 of each document as it was written last, and before that: a run that was cut off left either."""
    drafts: Mapping[str, list[str]]
    """SHA-256 of what each draft said last, the day it was made apart."""
    pages: Mapping[str, list[str]]
    """SHA-256 of the document that each page was made of, and of the page."""

    @classmethod
    def of(cls, path: Path) -> Folder:
        """Return what a folder says; one that says nothing sound says nothing."""
        found = _json(path / LIST)
        said = found if isinstance(found, dict) else {}
        parts = [said.get(name) for name in ("written", "drafts", "pages")]
        written, drafts, pages = (
            {name: each for name, each in part.items() if isinstance(each, list)} if isinstance(part, dict) else {}
            for part in parts
        )
        return cls(path, written, drafts, pages)

    def edited(self, name: str) -> bytes | None:
        """Return a document that is there and not as it was written; None for any other."""
        found = self.there(name)
        return found if found is not None and digest(found) not in self.written.get(name, []) else None

    def there(self, name: str) -> bytes | None:
        """Return a file of the folder, None where there is none."""
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return None

    def initial(self, code: str) -> dict[str, str | None] | None:
        """Return the answers of the initial notification that was drafted here, by code."""
        found = _json(self.path / INITIAL)
        if not isinstance(found, dict) or found.get("code") != code:
            return None
        try:
            return {str(each["code"]): each["text"] and str(each["text"]) for each in found["answers"]}
        except (KeyError, TypeError):
            return None


Job = tuple[respond.Dossier, str, Folder, tuple[str, ...]]
"""A controller's dossier, authority, folder and languages."""


def papers_of_job(job: Job) -> Papers:
    """Return the files of a controller, as a process of several makes them."""
    return papers_of(*job)


def papers_of(dossier: respond.Dossier, authority: str, folder: Folder, languages: Sequence[str]) -> Papers:
    """Return the files of a controller: its documents as Markdown and as pages, and the list of them."""
    made = respond.make(dossier, respond.common, languages)
    texts = {each.path: (each.text.encode("utf-8", "replace"), each.language) for each in made}
    if not respond.filed(dossier.controller):
        draft = respond.markdown(dossier.answers, dossier.controller.name, authority)
        texts["notification.md"] = (draft.encode("utf-8", "replace"), respond.NATIVE)
    files: dict[str, bytes] = {}
    kept, pages = [], {}
    for path, (text, language) in texts.items():
        own = folder.edited(path)
        if own is None or own == text:
            files[path] = text
        elif folder.drafts.get(path) != [_undated(text)]:
            kept.append(path)
            files[f"{path.removesuffix('.md')}.new.md"] = text
        shown = text if own is None else own
        name, drawn = _page(path, shown, language, folder, dossier.now)
        files[name] = drawn
        pages[path] = [digest(shown), digest(drawn)]
    listed = [_entry(each) for each in made]
    said = {
        "format": FORMAT,
        "code": dossier.controller.code,
        "documents": [_told(each) for each in made],
        "written": {**folder.written, **{path: _hashes(folder, path, text) for path, (text, _) in texts.items()}},
        "drafts": {**folder.drafts, **{path: [_undated(text)] for path, (text, _) in texts.items()}},
        "pages": {**folder.pages, **pages},
    }
    # First, so that a run that is cut off leaves no draft that looks edited.
    return Papers({LIST: json_bytes(said), **files}, tuple(kept), listed)


def _hashes(folder: Folder, path: str, text: bytes) -> list[str]:
    return list(dict.fromkeys([digest(text), *folder.written.get(path, [])]))[:2]


def _undated(text: bytes) -> str:
    """Return the SHA-256 of a draft without its third line, which says on what day it was made."""
    lines = text.split(b"\n")
    return digest(b"\n".join(lines[:2] + lines[3:]))


def _page(path: str, text: bytes, language: str, folder: Folder, now: datetime) -> tuple[str, bytes]:
    """Return the page of a document, with its name: the one that is there, where it was made of the same text."""
    name = f"{path.removesuffix('.md')}.pdf"
    there = folder.there(name)
    if there is not None and folder.pages.get(path) == [digest(text), digest(there)]:
        return name, there
    return name, respond.page_of(text.decode("utf-8", "replace"), language, now)


def _entry(made: respond.Made) -> dict[str, Any]:
    return {"name": made.name, "language": made.language, "path": made.path, "blanks": len(made.blanks)}


def _told(made: respond.Made) -> dict[str, Any]:
    """Return all that is known of a document, its text apart."""
    dated = {name: day and day.isoformat() for name, day in (("written", made.written), ("reviewed", made.reviewed))}
    return {name: value for name, value in {**asdict(made), **dated}.items() if name != "text"}


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file, as hexadecimal."""
    return sha256(data).hexdigest()


def _json(path: Path) -> object:
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found
