"""Combo lists (`login:password`) and the logs of information stealers: what they look like, and their cells.

Layouts, by the first one that nearly all lines fit:

1. `url`: `https://site/path:login:password` (a port and an `android://` address are part of the URL);
2. `hash`: `login:hash`, `login:hash:salt`;
3. `plain`: `login:password`, where the password may hold the separator itself;
4. blocks of `URL: …`, `Username: …`, `Password: …`, one record each.

A list is only taken for one when its logins look like logins and its passwords like nothing else: two columns of
names, of names and telephones, or of settings are delimited text.

    >>> line_layout(["zoe@example.fr:Ete2019!", "max@example.fr:a:b", "lea@example.fr:tr0is"] * 3).names
    ('email', 'password')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SEPARATORS = (":", ";", "|", "\t", ",")
_LEAST = 3
_MOST_SEEN = 2000
_EMAIL = re.compile(r"[^\s:;|,@\"'<>()]+@[^\s:;|,@\"'<>()]+\.[A-Za-z]{2,}")
_LOGIN = re.compile(r"[\w.+\-@\\$!#]{2,80}")
_HASH = re.compile(
    r"(?:0x)?(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})"
    r"|\*[0-9A-Fa-f]{40}|\$[0-9a-zA-Z]{1,10}\$\S{8,}|\{[A-Z0-9]{3,10}\}[A-Za-z0-9+/=]{8,}"
)
_DULL = re.compile(
    r"[+]?[\d .\-/()]{8,}"  # telephones, dates, identifiers
    r"|\d{1,2}(?::\d{2}){1,2}"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"
    r"|[^\W\d_]+(?:[ '’\-][^\W\d_]+)+"  # several words
    r"|[a-zA-Z][\w+.\-]*://.*|[A-Z]{2}\d{2}[A-Z0-9]{11,30}"  # addresses, accounts
)
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}.*")
_SCHEME = re.compile(r"[a-zA-Z][\w+.\-]*://")
_DOMAIN = re.compile(
    r"(?:[\w\-]+\.)+[a-zA-Z]{2,}(?:/[^\s:;|,]*)?|localhost(?:/[^\s:;|,]*)?|\d{1,3}(?:\.\d{1,3}){3}(?:/[^\s:;|,]*)?"
)
_PORT = re.compile(r"\d{1,5}(?=[/:;|,\t]|$)")
_TITLE = re.compile(
    r"(?i)e|e?mails?|courriel|mel|adresse|address|login|user(?:name)?|name|id|utilisateur|identifiant|compte|account"
    r"|url|host|site|pass(?:word|wd|e|phrase)?|pwd|mot|de|motdepasse|mdp|hash(?:ed|e)?|digest|md5|sha|\d{1,3}|sha\d{1,3}"
    r"|bcrypt|encrypted|salt|sel"
)
_WORDS = re.compile(r"[^\W\d_]+(?:[ _.'’\-]+[^\W\d_]+)*")
_KEYS = {
    **dict.fromkeys(("url", "host", "hostname", "site", "website", "origin"), "url"),
    **dict.fromkeys(("username", "user", "login", "user login", "email", "user name", "identifiant"), "login"),
    **dict.fromkeys(("password", "pass", "user password", "pwd", "mot de passe"), "password"),
    **dict.fromkeys(("soft", "application", "browser", "storage", "software", "app"), "application"),
    **dict.fromkeys(("profile", "browser profile"), "profile"),
}
_KEY_LINE = re.compile(r"\s*([A-Za-z][A-Za-z ]{1,15}?)\s*:(?:\s(.*)|(\S.*))?$")
_RULE = re.compile(r"[\s=\-_*#~+.]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """How each line of a list is cells."""

    kind: str
    """"url", "hash" or "plain"."""
    separator: str
    names: tuple[str, ...]
    header: bool
    """The first line names the columns."""

    def cells(self, line: str) -> list[str] | None:
        """Return the cells of a line, None for a line that has too few."""
        if self.kind == "url":
            return split_url(line, self.separator)
        cells = line.split(self.separator, len(self.names) - 1)
        if self.kind == "hash" and len(cells) < len(self.names) and len(cells) > 1:
            cells += [""] * (len(self.names) - len(cells))
        return cells if len(cells) == len(self.names) else None


def line_layout(lines: Sequence[str]) -> Layout | None:
    """Return the layout of lines, None when they are no combo list for sure."""
    lines = [line for line in lines if line.strip()][:_MOST_SEEN]
    header = bool(lines) and _is_header(lines[0])
    body = lines[1:] if header else lines
    if len(body) < _LEAST:
        return None
    for separator in SEPARATORS:
        found = _url_layout(body, separator) or _login_layout(body, separator)
        if found is not None:
            if separator != ":" and _is_table(lines, separator, header=header):
                return None
            if found[0] == "url" and _is_url_table(lines, separator, header=header):
                return None
            names = tuple(cell.strip() for cell in lines[0].split(separator)) if header else ()
            kind, own = found
            return Layout(kind, separator, names if len(names) == len(own) else own, header)
    return None


def _is_header(line: str) -> bool:
    cells = re.split(r"[:;|,\t]", line)
    return len(cells) > 1 and all(map(_is_title, cells))


def _is_title(cell: str) -> bool:
    """Tell whether a cell is made of the words that name columns of a list, `password_hash` say."""
    words = re.split(r"[ _.\-]+", cell.strip(" _.-"))
    return all(map(_TITLE.fullmatch, words)) and not all(map(str.isdigit, words))


def _is_table(lines: Sequence[str], separator: str, *, header: bool) -> bool:
    """Tell whether lines are a table of delimited text: with a header of other names, or with cells in quotes.

    The colon is asked nothing: it is hardly ever a delimiter, and passwords begin and end as they like.
    """
    first = lines[0].split(separator)
    if not header and all(_WORDS.fullmatch(cell.strip()) for cell in first):
        return not any(_EMAIL.fullmatch(cell) for cell in first) and bool(_EMAIL.match(lines[1]))
    return any(len(cell) > 1 and cell[0] == cell[-1] == '"' for line in lines for cell in line.split(separator, 1))


def _is_url_table(lines: Sequence[str], separator: str, *, header: bool) -> bool:
    """Tell whether lines that begin with an address are rows of a table: more cells in all, or other names on top."""
    rows = [cells for cells in (split_url(line, separator) for line in lines) if cells]
    (more, times), *_ = Counter(cells[2].count(separator) for cells in rows).most_common(1)
    if more and times >= 0.95 * len(rows):
        return True
    first = lines[0].split(separator)
    return not header and len(first) > 2 and all(_WORDS.fullmatch(cell.strip()) for cell in first)


def _url_layout(lines: Sequence[str], separator: str) -> tuple[str, tuple[str, ...]] | None:
    if sum("/" in line or "." in line for line in lines) < 0.9 * len(lines):
        return None
    rows = [cells for cells in (split_url(line, separator) for line in lines) if cells]
    likely = (cells[1] for cells in rows if not _DATE.fullmatch(cells[1]))
    logins = sum(bool(_LOGIN.fullmatch(login) or _EMAIL.fullmatch(login)) for login in likely)
    if len(rows) < 0.9 * len(lines) or logins < 0.7 * len(rows):
        return None
    if sum(bool(cells[2]) and not _DULL.fullmatch(cells[2]) for cells in rows) < 0.6 * len(rows):
        return None
    return "url", ("url", "login", "password")


def _login_layout(lines: Sequence[str], separator: str) -> tuple[str, tuple[str, ...]] | None:
    pairs = [line.split(separator, 1) for line in lines if separator in line]
    if len(pairs) < 0.9 * len(lines):
        return None
    emails = sum(bool(_EMAIL.fullmatch(pair[0].strip())) for pair in pairs) / len(pairs)
    first = "email" if emails >= 0.9 else "login"
    hashes = [bool(_HASH.fullmatch(pair[1].split(separator, 1)[0].strip())) for pair in pairs]
    # Without addresses, only the colon tells a list from any other table of two columns.
    named = emails >= 0.7 or (separator == ":" and _like_logins([pair[0] for pair in pairs]))
    if not named:
        return None
    if sum(hashes) >= 0.8 * len(pairs):
        counts = [pair[1].count(separator) for pair in pairs]
        if max(counts) > 1:
            return None
        salted = sum(counts) > 0.5 * len(pairs)
        return "hash", (first, "hash", "salt") if salted else (first, "hash")
    if not _like_passwords([pair[1] for pair in pairs], separator, sure=separator == ":" and emails >= 0.7):
        return None
    return "plain", (first, "password")


def _like_logins(cells: Sequence[str]) -> bool:
    """Tell whether cells that are no e-mail addresses look like logins: words without spaces, hardly ever the same."""
    logins = [cell for cell in cells if _LOGIN.fullmatch(cell) and not cell.isdigit()]
    return len(logins) >= 0.9 * len(cells) and len(set(cells)) >= 0.9 * len(cells) and len(cells) > _LEAST * 3


def _like_passwords(cells: Sequence[str], separator: str, *, sure: bool) -> bool:
    """Tell whether what follows logins is passwords: of no fixed number of cells, and of no other kind."""
    if sum(separator not in cell for cell in cells) < 0.5 * len(cells) or (not sure and _alike(cells)):
        return False
    dull = sum(bool(_DULL.fullmatch(cell)) or bool(_EMAIL.fullmatch(cell)) for cell in cells)
    spaced = sum(cell[:1] in {" ", '"', "'"} or " " in cell.strip() for cell in cells)
    mixed = sum(_mixed(cell) for cell in cells)
    if dull > 0.3 * len(cells) or spaced > 0.1 * len(cells) or sum(not cell for cell in cells) > 0.2 * len(cells):
        return False
    return mixed >= (0.2 if sure else 0.4) * len(cells)


def _alike(cells: Sequence[str]) -> bool:
    """Tell whether most cells are of one pattern, as codes are and passwords are not."""
    patterns = Counter(re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", cell)) for cell in cells)
    runs = Counter(re.sub(r"(.)\1+", r"\1", pattern) for pattern in patterns.elements())
    return patterns.most_common(1)[0][1] > 0.6 * len(cells) or runs.most_common(1)[0][1] > 0.9 * len(cells)


def _mixed(cell: str) -> bool:
    """Tell whether a cell mixes letters with figures or signs, as passwords do and names do not."""
    letters = any(c.isalpha() for c in cell)
    return letters and any(not c.isalpha() and c not in " '’-." for c in cell)


def split_url(line: str, separator: str) -> list[str] | None:
    """Return URL, login and password of a line; None for a line that does not begin with an address."""
    scheme = _SCHEME.match(line)
    if scheme:
        at = line.find(separator, scheme.end())
    else:
        domain = _DOMAIN.match(line)
        if not domain or line[domain.end() : domain.end() + 1] != separator:
            return None
        at = domain.end()
    if at < 0:
        return None
    port = _PORT.match(line, at + 1) if separator == ":" else None
    if port and line.count(separator, port.end()) >= 2:
        # A port, not a login of figures: two more cells follow.
        at = line.find(separator, port.end())
    cells = line[at + 1 :].split(separator, 1)
    return [line[:at], *cells] if len(cells) == 2 else None


def key_line(line: str) -> tuple[str, str] | None:
    """Return the column and the value of a line such as `Username: zoe`, None for any other line."""
    match = _KEY_LINE.match(line)
    name = _KEYS.get(match[1].lower()) if match else None
    return (name, match[2] or match[3] or "") if match and name else None


def is_rule(line: str) -> bool:
    """Tell whether a line only parts records: blank, or drawn of signs."""
    return _RULE.fullmatch(line) is not None


def block_names(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a log of blocks, () when lines are none for sure."""
    telling = [line for line in lines if not is_rule(line)]
    keyed = [found[0] for found in map(key_line, telling) if found]
    if len(keyed) < 0.7 * len(telling) or min(keyed.count("password"), keyed.count("login")) < 2:
        return ()
    if "url" not in keyed and "application" not in keyed:
        return ()
    order = ("application", "profile", "url", "login", "password")
    return order if "profile" in keyed else tuple(name for name in order if name != "profile")
