"""How the letters of a case stand, for the list that `etanche link --export` writes: read from the ledgers, sealed anew
by nobody.

Rules, in the order in which they apply:

1. A controller whose letters were never worked out is not told of: its list is nobody's letters yet.
2. Each person of a registry has one letter; whoever is in no registry is on no list.
3. What was released is held back as such: who is told already is not told twice.
4. Letters that are older than the list of their registry, or than what the letters' lists say of its persons, say
   nothing of it: they are to be worked out anew first.  That a command began to do so is not enough: it may have been
   stopped, or given a file without that controller.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.casefile.custody import LOG
from etanche.casefile.custody import read as read_log
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond.letters.recipients import Pile
from etanche.respond.letters.standing import RELEASED, Standing
from etanche.responding import letters_ledger
from etanche.responding.letters_ledger import FOLDER, Letter

_CHANGES = frozenset({Event.LINKED, Event.SETTLED})
"""What makes a list another one."""


def standing(path: Path, name: str | None, options: KeyOptions, config: Config) -> dict[str, dict[str, Standing]]:
    """Return the letters to persons of registries by the controller's code, case folded, and by the registry's key.

    `name` is the list that is asked about; None: any.  Asks for no key where the case has no letters of it.
    Raises `UserError`: no case there (3), a key that does not fit, letters older than their list (5).
    """
    secure_process()
    with CaseFolder.open(path, config) as case:
        codes = sorted({name.removeprefix(FOLDER).rpartition("/")[0] for name in case.sealed(FOLDER)})
        asked = [code for code in codes if name is None or name.casefold() == code.casefold()]
        if not asked:
            return {}
        for code in older(case, asked):
            raise UserError("letters_older", ExitCode.REFUSED, controller=code, path=str(case.path))
        unseal = partial(case.unseal, identity=keys.unlock(case, config, options))
        return {code.casefold(): _by_key(letters_ledger.read(case, unseal, code), code) for code in asked}


def older(case: CaseFolder, codes: Iterable[str]) -> list[str]:
    """Return those of some controllers whose registry's list, or the letters' lists, are newer than their letters."""
    listed: dict[str, int] = {}
    drafted: dict[str, int] = {}
    said = 0
    entries, _ = read_log((case.path / LOG).read_bytes())
    for entry in entries:
        if entry.event in _CHANGES:
            listed[str(entry.params.get("name")).casefold()] = entry.seq
        elif entry.event == Event.LETTERS_DRAFTED and "controller" in entry.params:
            drafted[str(entry.params["controller"]).casefold()] = entry.seq
        elif entry.event == Event.INPUT_READ and entry.params.get("what") == "letters-lists":
            said = entry.seq
    known = ((code, code.casefold()) for code in codes)
    return [code for code, key in known if key in listed and max(listed[key], said) > drafted.get(key, 0)]


def _by_key(letters: list[Letter], code: str) -> dict[str, Standing]:
    return {letter.registry_key: _standing(letter, code) for letter in letters if letter.registry_key}


def _standing(letter: Letter, code: str) -> Standing:
    held = RELEASED if letter.release else "" if letter.pile == Pile.READY else letter.pile
    told = (letter.lines, letter.postcode, letter.country, letter.email, letter.families)
    return Standing(letter.reference(code), held, *told)
