"""The documents, one a module: `NAME.py` has a `DOCUMENT`, `NAME.LANGUAGE.md` its words; a new one is a new file."""
