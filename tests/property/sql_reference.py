"""A slow reader of INSERT and COPY, one character at a time: what the fast one is judged by.

It knows nothing of windows, masks or expressions, and it reads sound dumps only.
"""

from __future__ import annotations

MEANT = {"0": "", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"}
COPY = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def string(text: str, at: int, *, escapes: bool) -> tuple[str, int]:
    """Read the string that opens at a place; return what it says and where it ends."""
    said = ""
    at += 1
    while True:
        char = text[at]
        if escapes and char == "\\":
            following = text[at + 1]
            said += "\\" + following if following in "%_" else MEANT.get(following, following)
            at += 2
        elif char == "'":
            if text[at + 1 : at + 2] != "'":
                return said.replace("\0", ""), at + 1
            said += "'"
            at += 2
        else:
            said += char
            at += 1


def row(text: str, at: int, *, escapes: bool) -> tuple[list[str], int]:
    """Read the parenthesised row that opens at a place: strings, and words that are given as they are."""
    cells: list[str] = []
    said = ""
    at += 1
    while True:
        char = text[at]
        if char == "'":
            said, at = string(text, at, escapes=escapes)
        elif char in ",)":
            cells.append("" if said in {"NULL", "DEFAULT"} and text[at - 1] != "'" else said)
            said = ""
            at += 1
            if char == ")":
                return cells, at
        elif char in " \n\t" or (char == "N" and text[at + 1] == "'"):
            at += 1
        else:
            said += char
            at += 1


def inserts(text: str, head: str, *, escapes: bool) -> list[list[str]]:
    """Read a dump that holds INSERTs of one head and nothing else."""
    found: list[list[str]] = []
    at = 0
    while at < len(text):
        if text[at] == "(":
            cells, at = row(text, at, escapes=escapes)
            found.append(cells)
        elif text.startswith(head, at):
            at += len(head)
        else:
            at += 1
    return found


def copied(text: str) -> list[list[str]]:
    """Read the lines of a COPY up to its end."""
    found: list[list[str]] = []
    for line in text.split("\n"):
        if line == "\\.":
            break
        cells = [""]
        null = True
        at = 0
        while at < len(line):
            char = line[at]
            if char == "\t":
                cells.append("")
                null = True
                at += 1
            elif null and line[at : at + 2] == "\\N" and line[at + 2 : at + 3] in {"", "\t"}:
                at += 2
            elif char == "\\":
                cells[-1] += COPY.get(line[at + 1], line[at + 1])
                at += 2
            else:
                cells[-1] += char
                at += 1
            null = char == "\t"
        found.append(cells)
    return found
