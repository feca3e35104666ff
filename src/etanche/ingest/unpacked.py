"""Archives that a parser in the sandbox unpacks in one go: 7z, RAR, and all that libarchive knows.

1. The archive is unpacked once, all members one after the other, into memory or an encrypted spill (`seekable.Held`);
   members are stretches of it.  A solid archive would else be unpacked again for each member and each pass.
2. Limits are the parent's: it counts what comes, and stops the parser in the middle of a member that goes too far.
3. What a member could not give is said of it; one that gave nothing is refused by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.foreign import frames_of
from etanche.ingest.limits import Limits
from etanche.ingest.seekable import Held, Window, for_child, local_path, stream_of

_NOTES = {"cut": "truncated", "damaged": "damaged", "checksum": "checksum", "method": "damaged"}
_REFUSALS = {
    "cut": "ingest_member_cut",
    "damaged": "ingest_member_cut",
    "checksum": "ingest_member_cut",
    "method": "ingest_member_method",
    "encrypted": "ingest_member_encrypted",
    "password": "ingest_member_password",
    "link": "ingest_member_link",
}


@dataclass(slots=True)
class Member:
    """A stretch of what was unpacked."""

    name: str
    start: int
    size: int = 0
    kind: str = "file"
    end: str = "cut"
    """How the parser left it; a member that the parser never ended was cut."""
    limit: str = ""


class Unpacking:
    """One archive on its way out of the sandbox."""

    def __init__(self, entry: Entry, limits: Limits) -> None:
        self._entry, self._limits = entry, limits
        self._held = Held(entry.meter, limits, entry.shown)
        self._seconds = 0.0
        self.members: list[Member] = []
        self.stopped: UserError | None = None
        """Why the parser gave no more, when it is for the archive as a whole."""
        self.cut = False
        """Whether the archive ended before its end."""

    def run(self, task: str, params: Mapping[str, object], *, memory: bool = False) -> None:
        """Unpack by a task of `parsers`, as far as it goes and limits let it.

        `memory` gives the parser a path that programs of the system can open too.
        """
        try:
            with self._source(params, memory=memory) as (path, how):
                for header, body in frames_of(task, path, {**params, **how}, self._limits, self._entry.shown):
                    if not self._take(header, body):
                        break
        except UserError as error:
            self.stopped = error
        except BaseException:
            self._held.free()
            raise

    def better(self, other: Unpacking) -> Unpacking:
        """Return which of two ways gave more members whole, or more bytes; this one, where they are equal."""
        return other if other.given > self.given else self

    @property
    def given(self) -> tuple[int, int]:
        """Members that came out whole, and the bytes of all."""
        whole = sum(1 for member in self.members if not member.end)
        return whole, sum(member.size for member in self.members)

    @contextmanager
    def _source(self, params: Mapping[str, object], *, memory: bool) -> Iterator[tuple[Path, dict[str, object]]]:
        if params.get("paths") or params.get("real"):
            yield self._entry.outer.path, {}
        elif memory:
            with local_path(self._entry, self._limits) as path:
                yield path, {}
        else:
            with for_child(self._entry, self._limits) as found:
                yield found

    def _take(self, header: Mapping[str, object], body: bytes) -> bool:
        """Take one frame; tell whether to go on."""
        if "member" in header:
            if len(self.members) > self._limits.members:
                return False
            self.members.append(Member(str(header["member"]), self._held.size, kind=str(header["kind"])))
        elif not self.members:
            return True
        elif "data" in header:
            return self._data(self.members[-1], body)
        elif "end" in header:
            self.members[-1].end = str(header["end"])
        elif "stop" in header:
            self.cut = True
            self._entry.note("archive_cut", members=len(self.members))
        return True

    def _data(self, member: Member, body: bytes) -> bool:
        started = time.monotonic()
        self._held.write(body)
        member.size += len(body)
        self._entry.meter.seconds += time.monotonic() - started
        packed = self._entry.held.size if self._entry.held is not None else self._entry.outer.size
        key = (*self._entry.key, "unpacked")
        reached = self._entry.meter.allow(key, self._held.size, packed, self._entry.outer.size)
        member.limit, member.end = reached, "limit" if reached else member.end
        return not reached

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of the members.  Raises `UserError` at the end when the parser stopped."""
        for member in self.members:
            if member.size or member.end or member.kind == "link":
                yield self._child(member)
        if self.stopped is not None:
            raise self.stopped
        if not self.members:
            raise UserError("ingest_archive_empty", ExitCode.UNREADABLE, path=self._entry.shown)

    def _child(self, member: Member) -> Entry:
        child = self._entry.child(member.name, member.size)
        if not member.size:
            child.opener = self._refusal("link" if member.kind == "link" else member.end, member.name)
            return child
        held = self._held
        child.seeker = lambda: Window(held.read, member.start, member.size)
        child.opener = stream_of(child.seeker)
        code = member.limit or _NOTES.get(member.end, "")
        if code:
            child.note(code, bytes=member.size)
        return child

    def _refusal(self, end: str, name: str) -> Callable[[], Stream]:
        code, path = _REFUSALS.get(end, "ingest_member_cut"), self._entry.shown

        def opener() -> Stream:
            raise UserError(code, ExitCode.UNREADABLE, path=path, member=name)

        return opener
