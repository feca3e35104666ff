"""Parsers of binary formats, each a generator of frames that runs in a child process (`ingest.sandbox`).

A parser is a module here with functions `def name(path, params) -> Iterator[Frame]`.  What it imports at its top is
what each child pays for: third-party libraries of its own format, `ingest.frames`, and little else.
"""
