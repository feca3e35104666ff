"""Title of a person, those that laboratories give to children and to religious included (ENFANT, BÉBÉ, SŒUR)."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.identifiers._words import Words
from etanche.model import Kind

KINDS = (Kind.TITLE,)

VALUES = {
    "M": ("M", "M.", "MR", "MR.", "MONSIEUR", "MONS", "SIR", "HERR"),
    "MME": ("MME", "MME.", "MADAME", "MRS", "MRS.", "MS", "MS.", "FRAU", "MAD", "MAD."),
    "MLLE": ("MLLE", "MLLE.", "MADEMOISELLE", "MELLE", "MELE", "MISS"),
    "ENFANT": ("ENFANT", "ENF", "ENF.", "CHILD", "GARÇON", "FILLE", "GARCON"),
    "BEBE": ("BEBE", "BÉBÉ", "BB", "BABY", "NOURRISSON", "NOUVEAU-NÉ", "NOUVEAU-NE", "NOUVEAU NE", "NOUVEAU NÉ"),
    "SOEUR": ("SOEUR", "SŒUR", "SR", "SR."),
    "FRERE": ("FRERE", "FRÈRE", "FR."),
    "PERE": ("PERE", "PÈRE", "ABBÉ", "ABBE", "RÉVÉREND", "REVEREND"),
    "DR": ("DR", "DR.", "DOCTEUR", "DOCT", "DOCTOR"),
    "PR": ("PR", "PR.", "PROFESSEUR", "PROF", "PROF.", "PROFESSOR"),
    "ME": ("ME", "ME.", "MAÎTRE", "MAITRE"),
}

_WORDS = Words({spelling: value for value, spellings in VALUES.items() for spelling in spellings})

fits = _WORDS.fits
valid = _WORDS.fits
normalise = _WORDS.normalise
mask = celltext.mask_all
valid_expr = _WORDS.expr
normal_expr = _WORDS.normal_expr
