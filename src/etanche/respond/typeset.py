"""Documents as PDF/UA-1, typeset by Typst in memory: nothing is read but the source given, nothing is written.

Rules, in the order in which they apply:

1. A source is Typst markup of étanche's own, never of a user: it asks for its data as `data`, which hold what the
   caller gave and are never evaluated.  Packages and other files are refused.
2. What no font that Typst brings can show becomes a white square; control characters go.  The fonts of the machine
   play no part: the same source, data and moment give the same bytes anywhere.
3. A document has a title and a language, which PDF/UA-1 asks for, and a structure that a screen reader follows.
4. Typst's own messages quote the data, so they never leave this module.

    pdf("= #data.heading", {"heading": "Plainte"}, title="Plainte", language="fr", created=now)
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etanche.errors import EtancheError

if TYPE_CHECKING:
    import typst

STANDARDS = ("ua-1",)
FONT = "Libertinus Serif"
_MISSING = "□"
_SHOWN = (
    (0x20, 0x4FF),
    (0x1D00, 0x2040),
    (0x2044, 0x2052),
    (0x2054, 0x211E),
    (0x2124, 0x2124),
    (0x2126, 0x2151),
    (0x2190, 0x21FF),
)
"""Latin, Greek, Cyrillic, their extensions, punctuation, currencies, arrows: what the fonts of Typst hold whole."""
_FURTHER = frozenset("\n\t−≈≠≤≥□■☐☑☒✓✗•")
_OUTSIDE = re.compile(r"#\s*(?:import|include)\b|\bread\(|\bplugin\(|\bimage\(|@preview")
_PREAMBLE = """#let data = json(bytes(sys.inputs.data))
#set document(title: sys.inputs.title)
#set text(lang: sys.inputs.lang, region: sys.inputs.region, font: sys.inputs.font)
"""


class TypesetError(EtancheError):
    """A source could not be typeset: étanche's own fault.  What Typst said is withheld, since it quotes the data."""


def pdf(source: str, inputs: Mapping[str, Any], *, title: str, language: str, created: datetime) -> bytes:
    """Return a source filled with `inputs` as a PDF/UA-1 document.

    `inputs` are what JSON can hold, named `data` in the source; `language` is `fr` or `en`; `created` (with its zone)
    is all that the document says of when it was made.  Raises `TypesetError`.
    """
    import typst  # noqa: PLC0415 - 80 MB that only documents need

    refuse_outside(source)
    try:
        made = _compiler().compile(
            (_PREAMBLE + source).encode(),
            format="pdf",
            sys_inputs={
                "data": json.dumps(shown(inputs), ensure_ascii=False),
                "title": shown(title),
                "lang": language,
                "region": "GB" if language == "en" else language.upper(),
                "font": FONT,
            },
            pdf_standards=list(STANDARDS),  # type: ignore[arg-type]
            timestamp=created.astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError:
        raise TypesetError from None
    if not isinstance(made, bytes):
        raise TypesetError
    return made


def refuse_outside(source: str) -> None:
    """Raise `TypesetError` for a source that asks for anything besides itself and its data."""
    if _OUTSIDE.search(source):
        raise TypesetError


def shown(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a value of JSON with its texts made of what can be shown.

    >>> shown({"name": "Zoé 王", "page": 1})
    {'name': 'Zoé □', 'page': 1}
    """
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else _displayed(value)
    if isinstance(value, Mapping):
        return {name: shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return value


def _displayed(text: str) -> str:
    return "".join(map(_character, unicodedata.normalize("NFC", text)))


@cache
def _character(char: str) -> str:
    if char in _FURTHER:
        return char
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"}:
        return ""
    known = any(first <= ord(char) <= last for first, last in _SHOWN) and unicodedata.category(char) not in {"Cn", "Co"}
    return char if known else _MISSING


@cache
def _compiler() -> typst.Compiler:
    import typst  # noqa: PLC0415 - as above

    fonts = typst.Fonts(include_system_fonts=False)
    # The root is where a source might read files: one of étanche's own, and `refuse_outside` lets none be read.
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True, root=Path(__file__).parent)
