"""Sex as records write it: M or F, 1 or 2 (ISO 5218), H or F, words; indeterminate and unknown have values too."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.identifiers._words import Words
from etanche.model import Kind

KINDS = (Kind.SEX,)

VALUES = {
    "M": ("M", "1", "H", "MASCULIN", "HOMME", "MALE", "MAN", "GARÇON", "GARCON", "MASC", "MÂLE"),
    "F": ("F", "2", "FÉMININ", "FEMININ", "FEMME", "FEMALE", "WOMAN", "FILLE", "FEM", "FÉM", "W"),
    "I": ("I", "X", "INDÉTERMINÉ", "INDETERMINE", "INTERSEXE", "9"),
    "U": ("U", "UNKNOWN", "INCONNU", "0", "NON PRÉCISÉ", "NON PRECISE"),
}

_WORDS = Words({spelling: value for value, spellings in VALUES.items() for spelling in spellings})

fits = _WORDS.fits
valid = _WORDS.fits
normalise = _WORDS.normalise
mask = celltext.mask_all
valid_expr = _WORDS.expr
normal_expr = _WORDS.normal_expr
