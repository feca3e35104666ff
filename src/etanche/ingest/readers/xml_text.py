"""XML of any vocabulary: what repeats is records, attributes and children are columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.jsontext import plain
from etanche.ingest.parsers.trees.table import tree_tables
from etanche.ingest.parsers.xmltext import encoding_of
from etanche.ingest.parsers.xmlwalk import XmlTrees
from etanche.ingest.tables import Table

NAME = "xml"
_HTML = re.compile(
    rb"(?is)\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|p|meta)[\s>]"
)
_START = re.compile(
    rb"(?s)\s*(?:(<\?xml[\s?])|(?:<!--.*?-->\s*)*(?:<!DOCTYPE\s|<([A-Za-z_][\w:.\-]*)(?:\s[^<>]*)?/?>))"
)


def bid(head: Head) -> Bid:
    """Bid on a declaration, or on an element that is closed again."""
    data = plain(head.data)
    match = _START.match(data[:16384])
    if match is None or _HTML.match(data[:4096]):
        return Bid(0, "no_xml")
    tag = match.group(2)
    if match.group(1) is None and tag is not None and head.suffix != "xml" and not re.search(rb"</[A-Za-z_]|/>", data):
        return Bid(0, "no_xml")
    return Bid(0.75, "xml")


def tables(entry: Entry, limits: Limits) -> Iterator[Table]:
    """Yield the tables of an XML text.  Raises `UserError` when there is no record in it."""
    found = False
    encoding, _ = encoding_of(entry.head())
    for table in tree_tables(entry, limits, NAME, XmlTrees(entry, limits, encoding)):
        found = True
        yield table
    if not found:
        raise UserError("ingest_no_record", ExitCode.UNREADABLE, path="!".join((entry.outer.shown, *entry.members)))
