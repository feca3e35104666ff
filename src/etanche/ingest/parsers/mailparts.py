"""One mail (RFC 5322, 2045-2049) taken apart: its headers, its text, and where its attachments stand.

1. Bytes are split at the boundaries, nothing is copied: parts are places in the mail.
2. Charsets lie: text that is UTF-8 is UTF-8; else what is declared; else CP1252.
3. A mail that is cut off, or that breaks the rules, gives what can be told of it; nothing in it raises.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from etanche.ingest.encodings import valid
from etanche.ingest.parsers.embedded import decode

PROSE = ("subject", "headers", "text")
"""Columns of a mail that are written for people, or hold names among other things."""
_DEPTH = 12
_PARTS = 2000
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, HeaderParseError)
"""What the parser of headers of the standard library is known to raise on broken ones."""
_PARAMETERS = frozenset({"content-type", "content-disposition", "content-transfer-encoding"})
_LONG = 8 << 10
_WORDS = 500
_BLANK = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_TAGS_THAT_BREAK = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"})
_SPACES = re.compile(r"[ \t\u00a0]*\n[ \t\u00a0]*")
_ENCODINGS = {
    "base64": "base64",
    "quoted-printable": "quoted-printable",
    "x-uuencode": "uuencode",
    "uuencode": "uuencode",
}


@dataclass(slots=True)
class Part:
    """A leaf of a mail: its headers, and where its body stands in the mail."""

    headers: Message = field(repr=False)
    start: int
    end: int

    @property
    def kind(self) -> str:
        """Return the declared type ("text/plain")."""
        return self.headers.get_content_type()

    @property
    def encoding(self) -> str:
        """Return the transfer encoding, as `embedded.decode` knows it."""
        return _ENCODINGS.get(str(self.headers.get("Content-Transfer-Encoding", "")).strip().lower(), "")

    @property
    def name(self) -> str:
        """Return the name of the file that it is, empty for none."""
        try:
            return words(self.headers.get_filename() or "")
        except _BROKEN:
            return ""

    @property
    def attached(self) -> bool:
        """Tell whether it is a file rather than what the mail says."""
        kind = self.kind
        disposition = str(self.headers.get("Content-Disposition", "")).strip().lower()
        return (
            disposition.startswith("attachment")
            or bool(self.name)
            or (kind not in {"text/plain", "text/html"} and not kind.startswith("multipart/"))
        )


@dataclass(slots=True)
class Mail:
    """What one mail is made of."""

    headers: Message = field(repr=False)
    parts: list[Part] = field(repr=False)
    cut: bool
    """Whether a boundary that must close a part is missing."""


def take_apart(raw: bytes, start: int = 0) -> Mail:
    """Return the parts of the mail that begins at `start` of `raw`."""
    headers, body = _headers(raw, start, len(raw))
    mail = Mail(headers, [], cut=False)
    _split(raw, headers, body, len(raw), mail, _DEPTH)
    return mail


def _headers(raw: bytes, start: int, end: int) -> tuple[Message, int]:
    """Return the headers that begin at `start`, and where the body does."""
    match = _BLANK.search(raw, start, end) if not raw.startswith((b"\n", b"\r\n"), start) else None
    if raw.startswith(b"\r\n", start):
        body = start + 2
    elif raw.startswith(b"\n", start):
        body = start + 1
    else:
        body = match.end() if match else end
    try:
        headers = BytesHeaderParser().parsebytes(raw[start : min(body, start + (1 << 20))])
    except _BROKEN:
        headers = Message()
    return headers, body


def _structured(headers: Message) -> Message:
    """Return headers of which those with parameters are no longer than any real one: parsing them takes its square."""
    if all(len(str(headers.get(name, ""))) <= _LONG for name in _PARAMETERS):
        return headers
    made = Message()
    for key, value in items(headers):
        long = key.lower() in _PARAMETERS and len(value) > _LONG
        made.set_raw(key, value[:_LONG].rpartition(";")[0] if long else value)
    return made


def _boundary(headers: Message) -> bytes:
    try:
        boundary = headers.get_boundary() if headers.get_content_maintype() == "multipart" else None
        return boundary.encode("utf-8", "surrogateescape") if boundary else b""
    except _BROKEN:
        return b""


def _split(raw: bytes, headers: Message, start: int, end: int, mail: Mail, depth: int) -> None:
    """Add the leaves of a part whose body is `raw[start:end]`."""
    headers = _structured(headers)
    boundary = _boundary(headers)
    if not boundary or depth == 0 or len(mail.parts) >= _PARTS:
        mail.parts.append(Part(headers, start, end))
        return
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    body_of = -1
    found = 0
    for match in mark.finditer(raw, max(0, start - 1), end):
        if body_of >= 0:
            _inner(raw, body_of, max(body_of, match.start()), mail, depth)
        found += 1
        body_of = match.end()
        if raw.startswith(b"\r\n", body_of):
            body_of += 2
        elif raw.startswith(b"\n", body_of):
            body_of += 1
        if match.group(1):
            return
        if len(mail.parts) >= _PARTS:
            break
    mail.cut = True
    if found:
        _inner(raw, min(body_of, end), end, mail, depth)
    else:
        mail.parts.append(Part(headers, start, end))


def _inner(raw: bytes, start: int, end: int, mail: Mail, depth: int) -> None:
    headers, body = _headers(raw, start, end)
    _split(raw, headers, min(body, end), end, mail, depth - 1)


def words(text: object) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded and its folds undone."""
    raw = str(text).encode("utf-8", "surrogateescape")
    unfolded = " ".join(plain(raw, "").split())
    # What no encoded word ends in is kept from the decoder, which would look for an end at each beginning.
    *coded, rest = unfolded.split("?=")
    if not coded or "=?" not in unfolded:
        return unfolded
    try:
        # Some at a time: the decoder takes the square of their number.
        lots = [decode_header("?=".join(coded[k : k + _WORDS]) + "?=") for k in range(0, len(coded), _WORDS)]
    except _BROKEN:
        return unfolded
    pieces = [piece for lot in lots for piece in lot]
    return "".join(piece if isinstance(piece, str) else plain(piece, charset or "") for piece, charset in pieces) + rest


def plain(data: bytes, declared: str) -> str:
    """Return bytes as text: UTF-8 when they are, else what is declared, else CP1252."""
    if valid(data, "utf-8"):
        text = data.decode("utf-8")
        if not data.isascii() or declared.lower().replace("_", "-") not in {"utf-7", "iso-2022-jp", "hz-gb-2312"}:
            return text
    for encoding in (declared, "cp1252"):
        try:
            return data.decode(encoding or "cp1252")
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def header(headers: Message, name: str) -> str:
    """Return a header's text, all of them if there are several, empty for none."""
    return "; ".join(words(value) for key, value in items(headers) if key.lower() == name.lower())


def items(headers: Message) -> list[tuple[str, str]]:
    """Return headers as they are written: bytes beyond ASCII as surrogates."""
    return [(str(key), str(value)) for key, value in headers.raw_items()]


def address(text: str) -> tuple[str, str]:
    """Return the name and the address of a From header."""
    try:
        name, address_only = parseaddr(text)
    except _BROKEN:
        return "", text
    return name, address_only


def body(raw: bytes, parts: list[Part]) -> str:
    """Return what the mail says: its plain text, else the text of its HTML."""
    for kind in ("text/plain", "text/html"):
        texts = [_text(raw, part) for part in parts if part.kind == kind and not part.attached]
        if any(text.strip() for text in texts):
            return "\n".join(texts).strip("\r\n")
    return ""


def _text(raw: bytes, part: Part) -> str:
    try:
        declared = part.headers.get_content_charset() or ""
    except _BROKEN:
        declared = ""
    text = plain(decode(raw[part.start : part.end], part.encoding), declared).replace("\r\n", "\n")
    return of_html(text) if part.kind == "text/html" else text


def of_html(text: str) -> str:
    """Return the text of HTML, a line a block; in one go, whatever is broken in it."""
    return html.unescape(_SPACES.sub("\n", "".join(_visible(text)))).strip("\n")


def _visible(text: str) -> Iterator[str]:
    skipping = ""
    for k, chunk in enumerate(text.split("<")):
        if k == 0:
            yield " ".join(chunk.split(" "))
            continue
        inside, closed, after = chunk.partition(">")
        name = inside.strip("/ \t\r\n").split(None, 1)[0].lower() if inside.strip("/ \t\r\n") else ""
        if not closed and not skipping:
            yield "<" + chunk
            continue
        if skipping:
            if name == skipping and inside.startswith("/"):
                skipping = ""
            else:
                continue
        elif name in {"script", "style", "head", "title"} and not inside.startswith("/"):
            skipping = name
            continue
        if name in _TAGS_THAT_BREAK:
            yield "\n"
        yield after.replace("\r", "").replace("\n", " ")
