"""What controllers owe, on the screen: a line a controller, the most urgent one first, or every duty of some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from etanche.cli.terminal import Terminal, printable

if TYPE_CHECKING:
    from etanche.words import Words

_STYLES = {"late": "bold red", "alarm_95": "red", "alarm_80": "yellow", "alarm_50": "yellow", "done": "green"}
_QUIET = frozenset({"standing"})
_DONE = frozenset({"done", "done_late"})
_AUTHORITY, _OWED, _UNKNOWN, _REST = 1, 2, 3, 4
"""Where what has no time left stands: the authority whose clock nobody has started, what is owed now, other clocks."""
_BETWEEN = "  "
_FEW = 1
"""Controllers of which every duty is shown at once."""


def show(terminal: Terminal, document: dict[str, Any], case: object) -> None:
    """Show one controller's duties, or a line for each of several; `case` is where they can be asked for again."""
    if len(document["controllers"]) <= _FEW:
        details(terminal, document)
        return
    words = terminal.words
    names = ("code", "first", "due", "left", "owed", "missing", "blank")
    _print(terminal, names, [_line(words, entry) for entry in by_urgency(document)], right=names[3:])
    terminal.tell(words("respond.columns"))
    if unknown := sum("aware" in entry["missing"] for entry in document["controllers"]):
        terminal.tell(words("respond.no_start", count=unknown))
    terminal.tell(words("respond.details", case=case))
    _doubtful(terminal, document)
    _law(terminal, document)
    _last(terminal, document)


def details(terminal: Terminal, document: dict[str, Any]) -> None:
    """Show every duty that is not always owed, controller by controller, the most urgent first; what is missing."""
    words = terminal.words
    for entry in by_urgency(document):
        terminal.out.print(Text(printable(f"{entry['code']}  {entry['name']}"), style="bold"), soft_wrap=True)
        rows = [_row(words, duty) for duty in sorted(_shown(entry), key=_urgency)]
        _print(terminal, ("duty", "due", "left", "state"), rows, right=("left",))
        if entry["missing"]:
            terminal.tell(words("respond.missing", controller=entry["code"], columns=", ".join(entry["missing"])))
        terminal.tell("")
    _doubtful(terminal, document)
    for code in sorted({each["code"] for duty in _duties(document) for each in duty["readings"]}):
        terminal.tell(words(f"respond.about.{code}"))
    _law(terminal, document)
    _last(terminal, document)


def by_urgency(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the controllers, the one with the least time left first; those whose clock has no start after them."""
    return sorted(document["controllers"], key=lambda entry: min(map(_urgency, _shown(entry)), default=(_REST, 0)))


def _urgency(duty: dict[str, Any]) -> tuple[int, int]:
    if duty["left"] is not None:
        return 0, duty["left"]
    if duty["state"] == "not_started":
        return _AUTHORITY if duty["duty"] == "notify_authority" else _UNKNOWN, 0
    return _OWED if duty["state"] == "without_delay" else _REST, 0


def _shown(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [duty for duty in entry["duties"] if duty["state"] not in _QUIET]


def _duties(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [duty for entry in document["controllers"] for duty in entry["duties"]]


def _print(terminal: Terminal, names: tuple[str, ...], rows: list[list[Text]], right: tuple[str, ...]) -> None:
    """Print lines of cells that are never broken nor cut: half a code or half a moment is none."""
    heading = [Text(terminal.words(f"respond.heading.{name}"), style="bold") for name in names]
    lines = [heading, *rows]
    widths = [max(cell_len(line[at].plain) for line in lines) for at in range(len(names))]
    for line in lines:
        told = Text()
        for cell, width, name in zip(line, widths, names, strict=True):
            blanks = " " * (width - cell_len(cell.plain))
            told.append(blanks if name in right else "").append_text(cell).append("" if name in right else blanks)
            told.append(_BETWEEN)
        told.rstrip()
        terminal.out.print(told, soft_wrap=True)


def _line(words: Words, entry: dict[str, Any]) -> list[Text]:
    """Return a controller's line: what is most urgent of it, and how much there is of the rest."""
    duties = _shown(entry)
    first = min(duties, key=_urgency, default=None)
    if first is None or first["state"] in _DONE:
        cells, style = ["", "", words("respond.state.done")], _STYLES["done"]
    else:
        left = _left(words, first["left"]) or words(f"respond.state.{first['state']}")
        cells, style = [_short(words, first), _due(first), left], _STYLES.get(first["state"], "")
    owed = sum(duty["state"] not in _DONE for duty in duties)
    counts = [str(count or "") for count in (owed, len(entry["missing"]), len(entry.get("blank", ())))]
    return [Text(printable(entry["code"])), *(Text(cell, style=style) for cell in cells), *map(Text, counts)]


def _short(words: Words, duty: dict[str, Any]) -> str:
    return words(f"respond.short.{duty['duty']}") + ("" if duty["law"]["sure"] else " (?)")


def _row(words: Words, duty: dict[str, Any]) -> list[Text]:
    state = words(f"respond.state.{duty['state']}") + ("" if duty["law"]["sure"] else " (?)")
    cells = (words(f"respond.duty.{duty['duty']}"), _due(duty), _left(words, duty["left"]), state)
    return [Text(printable(cell), style=_STYLES.get(duty["state"], "")) for cell in cells]


def _due(duty: dict[str, Any]) -> str:
    return str(duty["due"] or "").replace("T", " ")[:16]


def _left(words: Words, seconds: int | None) -> str:
    """Return the time left in words: days and hours, or hours and minutes of the last day."""
    if seconds is None:
        return ""
    way = "late" if seconds < 0 else "left"
    minutes = abs(seconds) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return words(f"respond.{way}", days=days, hours=f"{hours:02}")
    return words(f"respond.{way}_hours", hours=hours, minutes=f"{minutes % 60:02}")


def _doubtful(terminal: Terminal, document: dict[str, Any]) -> None:
    for entry in document["controllers"]:
        for name in entry.get("doubtful", ()):
            terminal.say(terminal.words("respond.doubtful", controller=entry["code"], column=name))


def _law(terminal: Terminal, document: dict[str, Any]) -> None:
    """Say once what of the law is not sure."""
    if any(not duty["law"]["sure"] for duty in _duties(document)):
        terminal.tell(terminal.words("respond.unsure"))
    if any(duty["law"]["reviewed"] is None for duty in _duties(document)):
        terminal.tell(terminal.words("respond.unreviewed"))


def _last(terminal: Terminal, document: dict[str, Any]) -> None:
    """Say in one line how many are late, and which ends next."""
    words = terminal.words
    running = [
        (duty["left"], entry["code"], duty["duty"])
        for entry in document["controllers"]
        for duty in entry["duties"]
        if duty["left"] is not None
    ]
    if not running:
        return
    late = sum(left < 0 for left, _, _ in running)
    coming = min((each for each in running if each[0] >= 0), default=None)
    if coming is None:
        terminal.tell(words("respond.no_next", late=late))
        return
    left, code, duty = coming
    told = {"controller": code, "duty": words(f"respond.duty.{duty}"), "left": _left(words, left)}
    terminal.tell(words("respond.next", late=late, **told))
