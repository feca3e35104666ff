"""Rows to persons: the same person over several rows, by role (the probabilistic linker comes later).

`traits` computes once what identifies the people of a row, `keys` makes of them what rows can share, `components`
joins the rows that share a key.
"""

from etanche.persons.components import join_rows, key_spaces, label_rows, shared, spaces
from etanche.persons.keys import agreement_fields, key_fields, role_fields
from etanche.persons.traits import compared_days, trait_fields

__all__ = [
    "agreement_fields",
    "compared_days",
    "join_rows",
    "key_fields",
    "key_spaces",
    "label_rows",
    "role_fields",
    "shared",
    "spaces",
    "trait_fields",
]
