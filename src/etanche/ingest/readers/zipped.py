"""zip (APPNOTE 6.3): each member is an entry of its own; members that cannot be read are named, not forgotten.

1. The list of members is the central directory's; where it is damaged or cut off, the local headers are walked.
2. Stored, deflate, bzip2, LZMA, xz and Zstandard are unpacked as far as the bytes go; deflate64 and PPMd by libraries
   in the sandbox.  A member packed in another way is refused by name.
3. A member under a password is tried with those that the user gave, and refused by name when none fits.
4. Members that share bytes with one before them are refused: only bombs overlap.
5. Office files are zips too: they are left to whoever knows them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import IO, cast

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.foreign import Foreign
from etanche.ingest.inflate import Inflated
from etanche.ingest.limits import Limits
from etanche.ingest.locks import Locks, inside
from etanche.ingest.office import is_office
from etanche.ingest.parsers import zip_directory as directory
from etanche.ingest.parsers.zip_directory import Member
from etanche.ingest.seekable import Window, hold, random_access, stream_of
from etanche.ingest.unpackers import Engine, Packed, Stored, Unpacker, bzip2, deflate, xz, zip_lzma, zstd

NAME = "zip"
_STORED = 0
_LZMA_MARKED = 0x2
_SLOW = 1 << 20
"""Packed bytes of the old encryption from which on it pays to start libarchive."""
FOREIGN = {9: "deflate64", 98: "ppmd"}
Opener = Callable[[], Stream]


def bid(head: Head) -> Bid:
    """Bid on the magic number, also after the marker of a split archive, but not on an office file."""
    data = head.data
    if data.startswith(b"PK\x07\x08PK\x03\x04"):
        return Bid(0.9, "magic_split")
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Bid(0, "no_magic")
    return Bid(0.1, "office") if is_office(data) else Bid(0.9, "magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when there is none."""
    opener = random_access(entry, limits)
    with opener() as raw:
        file = cast("IO[bytes]", raw)
        members, whole = _listed(file, entry, limits)
        if not whole:
            entry.note("archive_damaged")
            known = {member.offset for member in members}
            walked = directory.walk(file, limits.members)
            members += [member for member in walked if member.offset not in known and not member.folder]
    if not members:
        raise UserError("ingest_archive_empty", ExitCode.UNREADABLE, path=entry.shown)
    yield from _Archive(entry, limits, opener).entries(members)


def _listed(file: IO[bytes], entry: Entry, limits: Limits) -> tuple[list[Member], bool]:
    """Return the members of the directory that stand where it says, and whether it is whole."""
    members: list[Member] = []
    volumes = [path.stat().st_size for path in entry.outer.volumes] if not entry.members else []
    whole = True
    try:
        for member in directory.listed(file, volumes):
            if member.folder:
                continue
            if len(members) > limits.members:
                break
            members.append(member)
    except (directory.NoDirectoryError, OSError, ValueError):
        whole = False
    standing = [member for member in members if directory.stands(file, member)]
    return standing, whole and len(standing) == len(members)


class _Archive:
    """One archive: opens what its members hold."""

    def __init__(self, entry: Entry, limits: Limits, opener: Callable[[], object]) -> None:
        self._entry, self._limits = entry, limits
        self._opener = cast("Callable[[], io.RawIOBase]", opener)
        self._locks = Locks(entry.meter)
        self._members: list[Member] = []
        self._foreign_openers: dict[int, Opener] = {}

    def entries(self, members: list[Member]) -> Iterator[Entry]:
        """Yield the entries of members, in the order of the list; those that overlap refuse to be opened."""
        overlapping = _overlapping(members)
        self._members = members
        for index, member in enumerate(members):
            if member.size == 0 and member.packed == 0:
                continue
            child = self._entry.child(member.name, member.size)
            if index in overlapping:
                child.opener = self._refusal("ingest_member_overlap", member)
            elif member.link:
                child.opener = self._refusal("ingest_member_link", member)
            else:
                child.opener = self._member(child, member)
                if member.method == _STORED and member.packed >= 0 and not member.flags & directory.ENCRYPTED:
                    child.seeker = self._window(member)
            yield child

    def _refusal(self, code: str, member: Member) -> Opener:
        def opener() -> Stream:
            raise self._error(code, member)

        return opener

    def _error(self, code: str, member: Member) -> UserError:
        return UserError(code, ExitCode.UNREADABLE, path=self._entry.shown, member=member.name)

    def _window(self, member: Member) -> Callable[[], io.RawIOBase]:
        """Return the seeker of a stored member."""

        def seeker() -> io.RawIOBase:
            file = self._opener()
            start = directory.data_offset(cast("IO[bytes]", file), member)
            size = max(0, min(member.packed, file.seek(0, io.SEEK_END) - start))
            return Window.of(file, start, size)

        return seeker

    def _member(self, child: Entry, member: Member) -> Opener:
        """Return the opener of a member.  Its password is looked for only when it is first opened."""
        clear: list[Opener] = []

        def opener() -> Stream:
            if not clear:
                clear.append(self._clear(child, member))
            return self._unpacked(child, member, clear[0])

        return opener

    def _clear(self, child: Entry, member: Member) -> Opener:
        """Return what opens the packed bytes, decrypted.  Raises `UserError` when no password fits."""

        def packed() -> Stream:
            return _Bytes(self._opener(), member)

        if not member.flags & directory.ENCRYPTED:
            return packed
        if member.flags & directory.STRONG:
            raise self._error("ingest_member_method", member)
        engine = self._engine(child, member)
        found = self._locks.opened(member, packed, engine) if engine is not None else None
        if found is None:
            tried = bool(child.meter.passwords)
            raise self._error("ingest_member_password" if tried else "ingest_member_encrypted", member)
        if member.strength:
            return found
        if member.packed > _SLOW and self._by_libarchive(child, member, self._locks.password):
            return found
        # The old encryption is undone byte by byte in Python: once, not for each pass.
        inner = child.child("", member.packed)
        inner.opener = found
        return stream_of(hold(inner, self._limits).open)

    def _by_libarchive(self, child: Entry, member: Member, password: bytes) -> bool:
        """Have a member of the old encryption unpacked by libarchive, 50 times as fast; tell whether that goes."""
        nth = sum(1 for other in self._members if other.name == member.name and other.offset < member.offset)
        params = {"name": member.name, "nth": nth, "password": password.decode("utf-8", "surrogateescape")}

        def opener() -> Stream:
            return Foreign(self._entry, "lib_archive:one", params, self._limits)

        trial = opener()
        try:
            goes = bool(trial.read(1))
        except UserError:
            goes = False
        finally:
            trial.close()
        if goes:
            self._foreign_openers[child.serial] = opener
        return goes

    def _unpacked(self, child: Entry, member: Member, clear: Opener) -> Stream:
        """Return the unpacked bytes.  Raises `UserError` for a way of packing that nobody knows."""
        if child.serial in self._foreign_openers:
            opener = self._foreign_openers[child.serial]
            return Inflated(child, opener, Stored, by_output=True, crc=member.crc)
        engine = self._engine(child, member)
        if engine is None:
            raise self._error("ingest_member_method", member)
        return Inflated(child, clear, engine, size=inside(member), by_output=True, crc=member.crc)

    def _engine(self, child: Entry, member: Member) -> Engine | None:
        """Return what unpacks a method, None for one that nobody knows."""
        window = self._limits.window_bytes
        marked = bool(member.flags & _LZMA_MARKED)
        engines: dict[int, Engine] = {
            _STORED: Stored,
            8: deflate,
            12: bzip2,
            14: zip_lzma(window, -1 if marked or member.packed < 0 else member.size),
            93: zstd(window),
            20: zstd(window),
            95: xz(window),
        }
        return engines.get(member.method) or (self._foreign(child, member) if member.method in FOREIGN else None)

    def _foreign(self, child: Entry, member: Member) -> Engine:
        """Return what has a member unpacked in the sandbox."""

        def engine(packed: Packed) -> Unpacker:
            inner = child.child("", member.packed)
            inner.opener = lambda: packed
            task = f"packings:{FOREIGN[member.method]}"
            return Stored(Packed(Foreign(inner, task, {"size": member.size}, self._limits)))

        return engine


class _Bytes:
    """The packed bytes of one member, from its data on."""

    def __init__(self, file: io.RawIOBase, member: Member) -> None:
        self._file = file
        self._left = member.packed
        self._file.seek(directory.data_offset(cast("IO[bytes]", file), member))

    def read(self, size: int, /) -> bytes:
        """Return the next packed bytes."""
        if self._left >= 0:
            size = min(size, self._left)
        data = (self._file.read(size) if size else b"") or b""
        if self._left >= 0:
            self._left -= len(data)
        return data

    def done(self) -> int:
        """Return the offset in the archive."""
        return self._file.tell()

    def close(self) -> None:
        """Close this view of the archive."""
        self._file.close()


def _overlapping(members: list[Member]) -> set[int]:
    """Return which members begin before one ahead of them has ended."""
    found: set[int] = set()
    end = -1
    for index in sorted(range(len(members)), key=lambda k: members[k].offset):
        if members[index].offset < end:
            found.add(index)
        else:
            end = members[index].end
    return found
