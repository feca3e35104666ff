"""HTML by small functions: whatever is not `Markup` is escaped, so a forgotten escape cannot happen.

>>> tag("p", "a < b", tag("b", "c"), class_="x")
'<p class="x">a &lt; b<b>c</b></p>'
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already; only this module makes it, from escaped pieces or from the program's own constants."""

    __slots__ = ()


def html_text(value: object) -> Markup:
    """Return any value as HTML: `Markup` as it is, everything else escaped, quotes included."""
    return value if isinstance(value, Markup) else Markup(escape(str(value), quote=True))


def join(parts: Iterable[object], between: str = "") -> Markup:
    """Return parts one after the other, each escaped unless it is `Markup`."""
    return Markup(html_text(between).join(html_text(part) for part in parts))


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element.  `class_` is the attribute class, `_` in a name reads `-`; None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{join(children)}</{name}>")
