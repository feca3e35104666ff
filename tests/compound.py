"""Compound files (MS-CFB, version 3) for tests: streams in folders; short ones share the mini stream."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512
_CUTOFF = 4096
_STREAM, _FOLDER, _ROOT = 2, 1, 5

Tree = Mapping[str, "bytes | Tree"]


@dataclass
class _Item:
    name: str
    kind: int
    data: bytes = b""
    right: int = _FREE
    child: int = _FREE
    start: int = _END


def compound(tree: Tree) -> bytes:
    """Return the file that a tree of folders and streams makes."""
    items = [_Item("Root Entry", _ROOT)]
    items[0].child = _add(items, tree)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini = bytearray()
    mini_fat: list[int] = []
    for item in items:
        if item.kind != _STREAM or not item.data:
            continue
        if len(item.data) >= _CUTOFF:
            item.start = _place(item.data, sectors, fat)
            continue
        item.start = len(mini_fat)
        mini += item.data.ljust(-(-len(item.data) // 64) * 64, b"\0")
        mini_fat += range(len(mini_fat) + 1, len(mini) // 64 + 1)
        mini_fat[-1] = _END
    first_mini = _END
    if mini:
        items[0].data, items[0].start = bytes(mini), _place(bytes(mini), sectors, fat)
        first_mini = _place(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(_SECTOR, b"\xff"), sectors, fat)
    directory = b"".join(_entry(item) for item in items)
    directory += _entry(_Item("", 0)) * (-len(items) % 4)
    first = _place(directory, sectors, fat)
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    places = list(range(len(fat), len(fat) + count))
    fat += [_FAT] * count
    fat += [_FREE] * (count * 128 - len(fat))
    sectors += [struct.pack("<128I", *fat[k : k + 128]) for k in range(0, len(fat), 128)]
    difat = places + [_FREE] * (109 - count)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, count, first, 0, _CUTOFF, first_mini, bool(mini), _END, 0) + struct.pack(
        "<109I", *difat
    )
    return header + b"".join(sectors)


def _add(items: list[_Item], tree: Tree) -> int:
    """Add the members of a folder; return the number of the first."""
    numbers = []
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        value = tree[name]
        item = _Item(name, _STREAM, value) if isinstance(value, bytes) else _Item(name, _FOLDER)
        numbers.append(len(items))
        items.append(item)
        if not isinstance(value, bytes):
            item.child = _add(items, value)
    for one, following in itertools.pairwise(numbers):
        items[one].right = following
    return numbers[0] if numbers else _FREE


def _place(data: bytes, sectors: list[bytes], fat: list[int]) -> int:
    start = len(sectors)
    for at in range(0, len(data), _SECTOR):
        sectors.append(data[at : at + _SECTOR].ljust(_SECTOR, b"\0"))
        fat.append(len(sectors))
    fat[-1] = _END
    return start


def _entry(item: _Item) -> bytes:
    name = item.name.encode("utf-16-le")
    size = len(name) + 2 if item.kind else 0
    head = name.ljust(64, b"\0") + struct.pack("<HBB", size, item.kind, 1)
    links = struct.pack("<III", _FREE, item.right, item.child)
    return head + links + bytes(36) + struct.pack("<IQ", item.start, len(item.data))
