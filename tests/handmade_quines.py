"""Archives that hold themselves: a gzip and a zip that unpack to their own bytes, for ever.

After Russ Cox, "Zip Files All The Way Down" (2010): a deflate stream of stored blocks (L: print what follows) and of
repeats (R: print the last bytes again) that prints itself with a prefix and a suffix around it.  The checksum stands
inside what it sums; CRC-32 is affine over the bits, so 32 linear equations give it.
"""

import struct
import zlib
from collections.abc import Callable


def _stored(size: int) -> bytes:
    """Return the head of a stored block: print the `size` bytes that follow."""
    return struct.pack("<BHH", 0, size, 0xFFFF ^ size)


class _Bits:
    def __init__(self) -> None:
        self.bits: list[int] = []

    def low_first(self, value: int, size: int) -> None:
        self.bits += [value >> k & 1 for k in range(size)]

    def high_first(self, value: int, size: int) -> None:
        self.bits += [value >> k & 1 for k in reversed(range(size))]

    def match(self, length: int, distance: int) -> None:
        """Write one repeat in deflate's fixed codes (RFC 1951, 3.2.5 and 3.2.6)."""
        symbol, base, extra = 257, 3, 0
        for step in range(28):
            extra = max(0, step // 4 - 1)
            if base <= length < base + (1 << extra):
                symbol = 257 + step
                break
            base += 1 << extra
        self.high_first(symbol - 256, 7) if symbol < 280 else self.high_first(symbol - 280 + 0b11000000, 8)
        self.low_first(length - base, extra)
        base = 1
        for code in range(30):
            extra = max(0, code // 2 - 1)
            if base <= distance < base + (1 << extra):
                self.high_first(code, 5)
                self.low_first(distance - base, extra)
                return
            base += 1 << extra

    def bytes(self) -> bytes:
        assert len(self.bits) % 8 == 0
        groups = [self.bits[at : at + 8] for at in range(0, len(self.bits), 8)]
        return bytes(sum(bit << k for k, bit in enumerate(group)) for group in groups)


def _again(distance: int, lengths: list[int], *, empties: int = 0, aligned: bool = False) -> bytes:
    """Return a block that prints the last `distance` bytes again, in matches of these lengths."""
    assert sum(lengths) == distance
    out = _Bits()
    out.low_first(0b010, 3)  # a block in fixed codes, not the last
    for length in lengths:
        out.match(length, distance)
    out.low_first(0, 7)
    for _ in range(empties):
        out.low_first(0b010, 3)
        out.low_first(0, 7)
    if aligned:  # an empty stored block fills the byte
        out.low_first(0, 3)
        out.low_first(0, -len(out.bits) % 8)
        return out.bytes() + b"\0\0\xff\xff"
    return out.bytes()


def _stream(prefix: bytes, suffix: bytes, first: bytes, last: bytes) -> bytes:
    """Return the whole: prefix, the stream that prints it all, suffix."""
    group = _again(20, [10, 10])
    one, four, none = _stored(5), _stored(20), _stored(0)
    head, tail = _stored(len(prefix) + 5), _stored(len(last) + len(suffix))
    assert len(first) == len(group) == 5
    return b"".join((
        prefix, head, prefix, head, first,
        one, first, one, one, four, first, one, one, four, group,
        four, group, four, group, four, group,
        four, group, none, none, tail, group,
        none, none, tail, last, suffix, last, suffix,
    ))  # fmt: skip


def _solved(made: Callable[[int], bytes]) -> bytes:
    """Return `made(crc)` for the one CRC that is its own.  Raises `StopIteration` when there is none."""
    zero = zlib.crc32(made(0))
    # crc(x) = zero ^ sum of columns[k] over the bits of x; wanted: crc(x) = x.
    columns = [zlib.crc32(made(1 << k)) ^ zero ^ (1 << k) for k in range(32)]
    rows = [sum((columns[k] >> bit & 1) << k for k in range(32)) | (zero >> bit & 1) << 32 for bit in range(32)]
    for column in range(32):
        pivot = next(k for k in range(column, 32) if rows[k] >> column & 1)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for k in range(32):
            if k != column and rows[k] >> column & 1:
                rows[k] ^= rows[column]
    return made(sum((rows[k] >> 32) << k for k in range(32)))


def _tried(made: Callable[[int, int], bytes]) -> bytes:
    """Return what `made(crc, turn)` gives for the first turn that has a solution."""
    for turn in range(64):
        try:
            return _solved(lambda crc, turn=turn: made(crc, turn))  # type: ignore[misc]
        except StopIteration:
            continue
    raise AssertionError


def gzip() -> bytes:
    """Return a gzip that unpacks to itself."""

    def made(crc: int, turn: int) -> bytes:
        prefix = b"\x1f\x8b\x08\x08" + struct.pack("<I", turn) + b"\0\x03q\0"
        first = _again(17, [8, 9])
        last = _again(18, [9, 9])

        def whole(size: int) -> bytes:
            return _stream(prefix, b"\x01\0\0\xff\xff" + struct.pack("<II", crc, size), first, last)

        return whole(len(whole(0)))

    return _tried(made)


def zip_file() -> bytes:
    """Return a zip whose one member is the zip."""
    name = b"the-zip-that-holds-itself-r.zip"[:30]

    def made(crc: int, turn: int) -> bytes:
        first = _again(65, [65], empties=1)

        def whole(size: int, packed: int) -> bytes:
            shared = struct.pack("<5H3I2H", 20, 0, 8, turn, 0, crc, packed, size, len(name), 0)
            prefix = b"PK\x03\x04" + shared + name
            central = b"PK\x01\x02" + struct.pack("<H", 20) + shared + struct.pack("<3H2I", 0, 0, 0, 0, 0) + name
            end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), max(0, size - len(central) - 22), 0)
            suffix = b"\x01\0\0\xff\xff" + central + end
            length = 5 + len(suffix)
            for _ in range(8):  # the repeat prints itself too, so its length is part of its distance
                last = _again(length, [length], aligned=True)
                if len(last) + len(suffix) == length:
                    break
                length = len(last) + len(suffix)
            return _stream(prefix, suffix, first, last)

        size = len(whole(0, 0))
        return whole(size, size - 30 - len(name) - 46 - len(name) - 22)

    return _tried(made)
