"""A release made: batches set by several processes, the printer's manifest, e-mails.

Rules, in the order in which they apply:

1. A release is some letters of one controller, dated: made again it is the same bytes, so that what was interrupted is
   finished and what was lost is written anew, and no letter is in two releases.
2. The printer's manifest names letters by number, with pages and postcode: no person, and nothing that was leaked.  It
   is written last: without it a release is not whole, and nobody prints it.
3. Nothing readable is written but where `to` says; what the processes are handed passes through memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from itertools import groupby, tee
from pathlib import Path
from typing import Any

from etanche.respond import Controller
from etanche.respond.letters import press, wording
from etanche.respond.letters.recipients import Who
from etanche.responding.files import json_bytes, written
from etanche.responding.letters_ledger import Letter
from etanche.workers import ordered

Progress = Callable[[int, int], None]
POST, EMAIL = "post", "email"
_ALONE = 200
"""Letters up to which no other process is worth its start."""
_DOCUMENTS = 4
"""Documents that a process sets before it ends."""
_COLUMNS = ("letter", "file", "first_page", "pages", "postcode", "country")


@dataclass(frozen=True, slots=True)
class Release:
    """Letters of one controller that go out together."""

    controller: Controller
    number: int
    at: datetime
    """With its zone: the day that stands on the letters."""
    variant: str
    letters: tuple[Letter, ...] = field(repr=False)

    def folder(self, to: Path) -> Path:
        """Return where its files go."""
        return to / self.controller.code / "letters" / f"{self.number:02}"


@dataclass(frozen=True, slots=True)
class _Job:
    file: str
    batch: press.Batch
    letters: tuple[Letter, ...] = field(repr=False)


def make(
    releases: Sequence[Release], to: Path, workers: int, progress: Progress
) -> Iterator[tuple[Release, dict[str, Any]]]:
    """Write releases, one after the other; yield each with what the log keeps of it once all of it is written."""
    total = sum(len(release.letters) for release in releases)
    done = 0
    jobs = ((release, job) for release in releases for job in _jobs(release))
    with closing(_set(jobs, workers if total > _ALONE else 1)) as ready:
        for release, some in groupby(ready, key=lambda each: each[0]):
            files, lines = [], []
            for _, job, data in some:
                written(release.folder(to) / job.file, data)
                files.append(_file(job, data))
                lines += _lines(job)
                done += len(job.letters)
                progress(done, total)
            yield release, _manifest(release, to, files, lines, _emails(release, to))
    # What goes by e-mail alone has no document to wait for.
    for release in releases:
        if release.letters and all(letter.channel == EMAIL for letter in release.letters):
            yield release, _manifest(release, to, [], [], _emails(release, to))


def _set(jobs: Iterator[tuple[Release, _Job]], workers: int) -> Generator[tuple[Release, _Job, bytes], None, None]:
    """Yield jobs with their documents, in order, several processes setting those to come.

    Typst keeps what it has laid out, so that a process ends after a few documents.
    """
    first, second = tee(jobs)
    batches = (job.batch for _, job in second)
    set_ = ordered(press.document, batches, workers, each=_DOCUMENTS, needs=("typst",))
    yield from ((release, job, document) for (release, job), document in zip(first, set_, strict=True))


def _jobs(release: Release) -> Iterator[_Job]:
    posted = [letter for letter in release.letters if letter.channel != EMAIL]

    def template(letter: Letter) -> str:
        return letter.variant or release.variant

    posted.sort(key=lambda letter: (template(letter), letter.country, letter.postcode, letter.number))
    number = 0
    for name, group in groupby(posted, key=template):
        letters = tuple(group)
        for start in range(0, len(letters), press.BATCH):
            number += 1
            some = letters[start : start + press.BATCH]
            yield _Job(f"batch-{number:04}-{name}.pdf", batch_of(release, name, some), some)


def batch_of(release: Release, name: str, letters: Sequence[Letter]) -> press.Batch:
    """Return letters of one template as a batch."""
    made = wording.template(name)
    kinds = sorted({(letter.who, letter.families) for letter in letters})
    day = release.at.date()
    said = [press.worded(release.controller, made, Who(who), families, day) for who, families in kinds]
    sender = press.sender_of(release.controller)
    worded = press.paged(sender, said, release.at)
    place = {kind: at for at, kind in enumerate(kinds)}
    code = release.controller.code
    sheets = tuple(
        press.Sheet(
            letter.reference(code),
            letter.lines,
            worded[place[letter.who, letter.families]].salutation(letter.salutation),
            place[letter.who, letter.families],
        )
        for letter in letters
    )
    return press.Batch(sender, worded, sheets, release.at)


def _file(job: _Job, data: bytes) -> dict[str, Any]:
    return {
        "name": job.file,
        "sha256": sha256(data).hexdigest(),
        "letters": len(job.letters),
        "pages": job.batch.pages,
        "bytes": len(data),
    }


def _lines(job: _Job) -> list[tuple[object, ...]]:
    """Return the manifest's lines of one document."""
    found: list[tuple[object, ...]] = []
    page = 1
    for sheet, letter in zip(job.batch.sheets, job.letters, strict=True):
        pages = job.batch.wordings[sheet.wording].pages
        found.append((sheet.number, job.file, page, pages, letter.postcode, letter.country))
        page += pages
    return found


def _manifest(
    release: Release, to: Path, files: list[dict[str, Any]], lines: list[tuple[object, ...]], mails: int
) -> dict[str, Any]:
    """Write the printer's manifest, last; return what is kept of the release."""
    folder = release.folder(to)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    writer.writerows(lines)
    table = stream.getvalue().encode()
    written(folder / "manifest.csv", table)
    digest = sha256(table).hexdigest()
    kept = {"letters": len(lines), "pages": sum(file["pages"] for file in files), "files": files, "emails": mails}
    summary = {
        "format": "etanche-manifest/1",
        "controller": release.controller.code,
        "release": release.number,
        "date": release.at.date().isoformat(),
        **kept,
        "manifest_sha256": digest,
        "envelope": "C5/6, window, neutral: no sender and no subject outside; one letter an envelope, never merged",
    }
    written(folder / "manifest.json", json_bytes(summary))
    return {**kept, "manifest_sha256": digest}


def _emails(release: Release, to: Path) -> int:
    """Write the letters that go by e-mail, each as a message without a link; return how many."""
    mailed = [letter for letter in release.letters if letter.channel == EMAIL]
    cells = release.controller.cells
    for name in sorted({letter.variant or release.variant for letter in mailed}):
        letters = [letter for letter in mailed if (letter.variant or release.variant) == name]
        batch = batch_of(release, name, letters)
        for sheet, letter in zip(batch.sheets, letters, strict=True):
            message = EmailMessage()
            message["From"] = cells.get("dpo_email") or cells.get("email") or "noreply@invalid"
            message["To"] = letter.email
            message["Subject"] = wording.template(name).content["subject"]
            message["Date"] = format_datetime(release.at)
            message.set_content(press.plain(batch, sheet), cte="quoted-printable")
            written(release.folder(to) / "email" / f"{sheet.number}.eml", message.as_bytes())
    return len(mailed)


def proofs(release: Release) -> bytes:
    """Return some letters as one document for somebody to read, in the order given."""
    return b"" if not release.letters else press.document(_mixed(release))


def _mixed(release: Release) -> press.Batch:
    """Return letters of several templates as one batch."""
    parts = [
        batch_of(release, name, [letter for letter in release.letters if (letter.variant or release.variant) == name])
        for name in sorted({letter.variant or release.variant for letter in release.letters})
    ]
    wordings: list[press.Wording] = []
    sheets: list[press.Sheet] = []
    for part in parts:
        sheets += [
            press.Sheet(each.number, each.lines, each.salutation, each.wording + len(wordings)) for each in part.sheets
        ]
        wordings += part.wordings
    return press.Batch(parts[0].sender, tuple(wordings), tuple(sheets), release.at)
