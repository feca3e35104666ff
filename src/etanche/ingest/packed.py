"""What readers of single packed streams (gzip, bzip2, xz…) share: one entry, named as the file was before packing."""

from __future__ import annotations

from etanche.ingest.entries import Entry, Stream
from etanche.ingest.inflate import Inflated
from etanche.ingest.unpackers import Engine


def unpacked(entry: Entry, engine: Engine, suffixes: tuple[str, ...], tars: tuple[str, ...] = ()) -> Entry:
    """Return the entry of what `engine` unpacks; `.tgz` and its like (`tars`) become `.tar`."""
    child = entry.child(inner_name(entry.name, suffixes, tars), entry.total)

    def opener() -> Stream:
        return Inflated(child, entry.opener, engine)

    child.opener = opener
    return child


def inner_name(name: str, suffixes: tuple[str, ...], tars: tuple[str, ...] = ()) -> str:
    """Return a name without its folders and the suffix of packing.

    >>> inner_name("in/leak.tgz", (".gz",), (".tgz",))
    'leak.tar'
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    for suffix in (*suffixes, *tars):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + (".tar" if suffix in tars else "")
    return name or "data"
