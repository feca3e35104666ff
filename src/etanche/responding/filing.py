"""The story of `etanche dossier`: all that one controller hands to the authority's inspector, in one folder.

Rules, in the order in which they apply:

1. One controller's own: its decisions, deadlines, receipts, requests by number, figures, its part of the custody log.
   Results that hold several controllers (`respond.json`, `census.json`…) are never copied.
2. Of the folder of documents only the files that `respond/dossier.toml` names are taken, from that controller's folder,
   and none through a link: neither the privileged folder nor a letter can be among them.
3. A folder whose own files say that they are another controller's is refused.
4. The folder is written whole or not at all, never into one that holds something, and ends with a manifest of hashes.
5. The log says what was handed over, by the hash of the manifest.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import CaseFolder, Event, disk, excerpt, write_whole
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import dossier
from etanche.respond.rights import standing
from etanche.responding import deciding, kept, rights_register, weighing
from etanche.responding.deciding import entry_of_code, worked_out
from etanche.responding.decision_page import decision_page
from etanche.responding.duties import refresh
from etanche.responding.figures import figures_of
from etanche.responding.files import json_bytes, result_of
from etanche.responding.filing_pages import index_page
from etanche.responding.showing import may_be_shown

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
FORMAT = "etanche-dossier/1"
_MOST_BYTES = 64 * 2**20
_ENDINGS = (".md", ".pdf", ".json")
_CODED = ("documents.json", "deadlines.json", "notification.json", "notification-complementary.json")

_DEADLINES = ("code", "name", "jurisdiction", "authority", "zone", "duties", "missing")
"""What is shown of a controller's part of `respond.json`: its list of documents names privileged ones."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What was handed over."""

    manifest: dict[str, Any]
    folder: Path
    missing: tuple[str, ...]
    """What an inspector will ask for and the file does not hold: codes of `words/<language>/dossier.toml`."""


def file_of(path: Path, controller: str, to: Path, documents: Path | None, config: Config) -> Filed:
    """Write the file of a controller to `to/CODE-dossier`; `documents`: where `etanche respond --to` wrote.

    Raises `UserError`: nothing worked out yet (3), no such controller (2), a folder that holds something or is another
    controller's, a place within the case (5).
    """
    kept.outside(to, path)
    with CaseFolder.open(path, config) as case:
        entry = entry_of_code(worked_out(case), controller)
        place = to / f"{entry['code']}-dossier"
        if os.path.lexists(place):
            raise UserError("dossier_there", ExitCode.REFUSED, path=str(place))
        found = _gathered(case, entry, config)
        taken = dict(_documents(documents / entry["code"], entry["code"])) if documents is not None else {}
        taken |= dict(_signed(documents / entry["code"], found["decisions"])) if documents is not None else {}
        found["missing"] = _missing(found, taken)
        files = {**_files(found, config), **taken}
        index = index_page(found, sorted(files), config)
        files |= index.files("index", config.now())
        manifest = _manifest(case, entry, files, config)
        files[MANIFEST] = json_bytes(manifest)
        files[SUMS] = "".join(f"{_digest(data)}  {name}\n" for name, data in sorted(files.items())).encode()
        case.log(Event.HANDED_OVER, controller=entry["code"], files=len(files), sha256=_digest(files[MANIFEST]))
        _write(place, files)
    return Filed(manifest, place, tuple(found["missing"]))


def file_all(path: Path, to: Path, documents: Path | None, config: Config) -> tuple[Filed, ...]:
    """Write the file of every controller, each into a folder of its own; none where one of them is there already."""
    with CaseFolder.open(path, config) as case:
        codes = [entry["code"] for entry in worked_out(case)["controllers"]]
    for code in codes:
        if os.path.lexists(to / f"{code}-dossier"):
            raise UserError("dossier_there", ExitCode.REFUSED, path=str(to / f"{code}-dossier"))
    return tuple(file_of(path, code, to, documents, config) for code in codes)


def _gathered(case: CaseFolder, entry: dict[str, Any], config: Config) -> dict[str, Any]:
    """Return all that the case says of one controller."""
    code, now = entry["code"], config.now()
    refresh(entry, now)
    asked = [
        {**each, **standing(each, now)}
        for each in result_of(case, rights_register.REGISTER).get("requests", ())
        if each["controller"] == code
    ]
    letters = [each for each in result_of(case, "letters.json").get("controllers", ()) if each["code"] == code]
    return {
        "entry": entry,
        "decisions": [each for article in ("33", "34") for each in deciding.history(case, code, article)],
        "severity": kept.every(case, f"{weighing.SHEET}-{code}.json", weighing.FOLDER),
        "requests": asked,
        "letters": letters[0] if letters else None,
        "figures": figures_of(case, entry),
        "custody": {
            "case": case.summary.case_id,
            "controller": code,
            **excerpt.excerpt(case.path, lambda logged: may_be_shown(logged, code)),
        },
    }


def _files(found: Mapping[str, Any], config: Config) -> dict[str, bytes]:
    """Return the files that are made of what the case says."""
    entry = found["entry"]
    computed = config.now().isoformat(timespec="seconds")
    deadlines = {name: entry[name] for name in _DEADLINES}
    files = {
        "deadlines.json": json_bytes({"format": FORMAT, "computed": computed, **deadlines}),
        "figures.json": json_bytes({"format": FORMAT, "code": entry["code"], "figures": found["figures"]}),
        "custody.json": json_bytes(found["custody"]),
    }
    for name in ("requests", "letters", "severity"):
        if found[name]:
            files[f"{name}.json"] = json_bytes({"format": FORMAT, "code": entry["code"], name: found[name]})
    for each in found["decisions"]:
        stem = f"decisions/{each['article']}-{each['number']}"
        files[f"{stem}.json"] = json_bytes(each)
        newer = [other for other in found["decisions"] if other["article"] == each["article"]][-1]["number"]
        files |= decision_page(each, entry["name"], newer, config).files(stem, config.now())
    return files


def _documents(folder: Path, code: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files that an inspector gets of a controller's folder, by name."""
    root = folder.parent.resolve() / folder.name
    if root.is_symlink() or not root.is_dir():
        raise UserError("dossier_documents", ExitCode.UNREADABLE, path=str(folder))
    for name in _CODED:
        data = _plain(root, name)
        if data is not None and _code_in(data) not in {None, code}:
            raise UserError("dossier_mixed", ExitCode.REFUSED, path=str(folder / name))
    for stem in dossier.names():
        for name in (f"{stem}{language}{ending}" for language in ("", ".en") for ending in _ENDINGS):
            data = _plain(root, name)
            if data is not None:
                yield f"documents/{name.removeprefix('documents/')}", data


def _signed(folder: Path, decisions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Yield the signed pages of the decisions, as somebody put them beside the unsigned ones."""
    root = folder.parent.resolve() / folder.name
    for each in decisions:
        name = f"{deciding.FOLDER}/{each['article']}-{each['number']}.signed.pdf"
        data = _plain(root, name)
        if data is not None:
            yield name, data


def _plain(root: Path, name: str) -> bytes | None:
    """Return a file that lies where it says and is no link; None for any other."""
    path = root / name
    if path.resolve() != path or not path.is_file():
        return None
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError("dossier_large", ExitCode.REFUSED, path=str(path))
        return path.read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("dossier_unreadable", ExitCode.UNREADABLE, path=str(path), problem=problem) from None


def _code_in(data: bytes) -> str | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else None


def _missing(found: Mapping[str, Any], taken: Mapping[str, bytes]) -> list[str]:
    """Return what an inspector will ask for and the file does not hold, as codes (`dossier.missing`)."""
    decided = {each["article"] for each in found["decisions"]}
    codes = [f"decision_{article}" for article in ("33", "34") if article not in decided]
    codes += [] if any(name.endswith(".signed.pdf") for name in taken) or not decided else ["signature"]
    codes += [] if any(name.startswith("documents/notification") for name in taken) else ["notification"]
    codes += [] if "documents/register-entry.md" in taken else ["register"]
    duties = {duty["duty"]: duty for duty in found["entry"]["duties"]}
    filed = duties.get("notify_authority", {"receipt": None})
    return codes + ([] if filed.get("receipt") else ["receipt"])


def _manifest(case: CaseFolder, entry: Mapping[str, Any], files: Mapping[str, bytes], config: Config) -> dict[str, Any]:
    listed = [{"name": name, "sha256": _digest(data), "size": len(data)} for name, data in sorted(files.items())]
    return {
        "format": FORMAT,
        "controller": entry["code"],
        "made": config.now().isoformat(timespec="seconds"),
        "case": case.summary.case_id,
        "custody_head": case.head(),
        "custody_entries": case.summary.entries,
        "files": listed,
    }


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _write(place: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder beside its place, then give it its name: it is there whole, or not at all."""
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with disk.folder_made(place.parent):
            try:
                for name, data in files.items():
                    disk.make_folder((partial / name).parent)
                    write_whole(partial / name, data)
                partial.rename(place)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(place), problem=problem) from error


def check(folder: Path) -> tuple[tuple[str, ...], str]:
    """Return what is wrong with a folder that was handed over (files changed, missing, added), and its chain head."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = {str(each["name"]): str(each["sha256"]) for each in manifest["files"]}
        told = json.loads((folder / "custody.json").read_bytes())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError("dossier_none", ExitCode.UNREADABLE, path=str(folder)) from None
    there = {
        file.relative_to(folder).as_posix(): _digest(file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file() and file.name not in {MANIFEST, SUMS}
    }
    wrong = [name for name in sorted(listed.keys() | there.keys()) if listed.get(name) != there.get(name)]
    sound = isinstance(told, dict) and excerpt.sound(told) and told["head"] == manifest.get("custody_head")
    broken = [] if sound or "custody.json" in wrong else ["custody.json"]
    return (*wrong, *broken), str(manifest.get("custody_head"))
