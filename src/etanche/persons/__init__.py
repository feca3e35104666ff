"""Rows to persons: the same person over several rows, by role (the probabilistic linker comes later).

`keys` says, as engine expressions over a row, what identifies the patient of the row and everyone else in it;
`components` joins the rows that share a key.
"""

from etanche.persons.components import join_by_keys
from etanche.persons.keys import RowCells, key_fields, nir_agrees_with_birth, nir_agrees_with_sex, role_fields

__all__ = ["RowCells", "join_by_keys", "key_fields", "nir_agrees_with_birth", "nir_agrees_with_sex", "role_fields"]
