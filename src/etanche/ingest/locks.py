"""Passwords of zip members, tried in turn: the old encryption (PKWARE) and AES (WinZip AE-1, AE-2), by pyzipper.

1. A candidate that the format's own check lets pass (one wrong one in 256 does, for the old encryption; one in 65,536
   for AES) must unpack too, and fit the checksum where the member is small.
2. The password that opened a member is tried first on the next one of the archive.
3. Trying costs time on purpose (AES): it stops after `Limits.entry_seconds` an archive.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

from etanche.ingest.entries import Stream
from etanche.ingest.limits import MIB, Meter
from etanche.ingest.parsers.zip_directory import ENCRYPTED, Member
from etanche.ingest.unpackers import CutError, DamagedError, Engine, Packed, WindowError

_OLD_HEADER = 12
_MAC = 10
_TRIAL = 16 * MIB
_OLD_TRIAL = MIB
"""The old encryption is undone in Python, at some megabytes a second."""

Decrypt = Callable[[bytes], bytes]


class Locks:
    """What is known of the passwords of one archive."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._worked: list[bytes] = []
        self.password = b""
        """The one that opened the last member."""
        self._spent = 0.0

    def opened(self, member: Member, opener: Callable[[], Stream], engine: Engine) -> Callable[[], Stream] | None:
        """Return what opens the packed bytes of a member in the clear, None when no password fits."""
        started = time.monotonic()
        try:
            for password in self._candidates():
                if self._spent + time.monotonic() - started > self._meter.limits.entry_seconds:
                    return None
                if self._fits(member, opener, engine, password):
                    self._worked = [password, *(other for other in self._worked if other != password)]
                    self.password = password
                    return lambda: Decrypted(opener(), member, password)
        finally:
            self._spent += time.monotonic() - started
        return None

    def _candidates(self) -> Iterator[bytes]:
        """Yield passwords as bytes: programs of different systems encode what is not ASCII differently."""
        yield from list(self._worked)
        for password in self._meter.passwords:
            encoded = [password.encode("utf-8", "surrogatepass")]
            if not password.isascii():
                encoded += [password.encode(encoding, "replace") for encoding in ("cp1252", "cp850")]
            yield from (each for each in dict.fromkeys(encoded) if each not in self._worked)

    def _fits(self, member: Member, opener: Callable[[], Stream], engine: Engine, password: bytes) -> bool:
        try:
            stream = Decrypted(opener(), member, password)
        except WrongPasswordError:
            return False
        try:
            return self._unpacks(member, stream, engine)
        finally:
            stream.close()

    def _unpacks(self, member: Member, stream: Decrypted, engine: Engine) -> bool:
        """Tell whether the first bytes unpack; all of them, and to the right checksum, for a small member."""
        crc = size = 0
        try:
            unpacker = engine(Packed(stream))
            while size < (_TRIAL if member.strength else _OLD_TRIAL):
                data = unpacker.read(MIB >> 2)
                if not data:
                    return member.crc < 0 or crc == member.crc
                crc, size = zlib.crc32(data, crc), size + len(data)
        except CutError:
            return size > 0
        except (DamagedError, WindowError):
            return False
        return True


class WrongPasswordError(Exception):
    """The format's own check says that the password is another."""


class Decrypted:
    """The packed bytes of an encrypted member, in the clear."""

    def __init__(self, stream: Stream, member: Member, password: bytes) -> None:
        """Begin to decrypt.  Raises `WrongPasswordError`."""
        self._stream = stream
        start = stream.read(_header(member))
        self._left = inside(member)
        try:
            self._decrypt = _decrypter(member, password, start)
        except (RuntimeError, IndexError, ValueError, KeyError):
            stream.close()
            raise WrongPasswordError from None

    def read(self, size: int, /) -> bytes:
        """Return the next packed bytes."""
        if self._left >= 0:
            size = min(size, self._left)
        data = self._stream.read(size) if size else b""
        if self._left >= 0:
            self._left -= len(data)
        return self._decrypt(data)

    def done(self) -> int:
        """Return the offset in the archive."""
        return self._stream.done()

    def close(self) -> None:
        """Close the archive."""
        self._stream.close()


def inside(member: Member) -> int:
    """Return the size of the packed bytes of a member without what encryption puts around them; -1: not known."""
    if member.packed < 0:
        return -1
    around = _header(member) + (_MAC if member.strength else 0) if member.flags & ENCRYPTED else 0
    return max(0, member.packed - around)


def _header(member: Member) -> int:
    """Return the bytes before the encrypted ones: salt and check for AES, random ones for the old encryption."""
    return 4 + member.strength * 4 + 2 if member.strength else _OLD_HEADER


def _decrypter(member: Member, password: bytes, header: bytes) -> Decrypt:
    """Return what decrypts the bytes after the header.  Raises `RuntimeError` for a wrong password."""
    # Loaded here: slow to load, and few archives are locked.
    from pyzipper.zipfile import CRCZipDecrypter  # noqa: PLC0415
    from pyzipper.zipfile_aes import AESZipDecrypter  # noqa: PLC0415

    if member.strength:
        about = SimpleNamespace(filename="", wz_aes_strength=member.strength)
        decrypt: Decrypt = AESZipDecrypter(about, password, header).decrypt
        return decrypt
    about = SimpleNamespace(filename="", use_datadescripter=False, CRC=member.check << 24)
    old: Decrypt = CRCZipDecrypter(about, password, header).decrypt
    return old
