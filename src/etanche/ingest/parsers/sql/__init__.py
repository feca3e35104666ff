"""SQL dumps as tables: carved once, then each table reads its own spans.

    flavour.py    which SQL a dump speaks: what a backslash, a backtick, a `#` mean
    tokens.py     the grammar's small parts as compiled expressions over bytes; statement heads; one row, slowly
    values.py     what a literal or an expression is as text
    masks.py      many rows at once: strings blanked out by whole-array operations, tuples turned into delimited bytes
    copytext.py   COPY's text and CSV formats as delimited bytes
    schema.py     CREATE TABLE: names and declared types of columns
    literals.py   rows given by SET and by SELECTs of literals
    events.py     what a walk meets
    window.py     a stretch of a dump of any size; passing over comments, statements, bodies of routines
    rowwalk.py    the rows of a statement; where reading goes on after damage
    walker.py     from statement to statement
    carve.py      the first pass: which table has rows where, and some of its bytes to look at
    dump.py       the tables of a dump
    wide.py       dumps in UTF-16 and UTF-32
    rows.py       the second pass: the rows of one table
    writer.py     rows as pieces: order of columns, encoding, numbers
    sqlite_rows.py  SQLite files, in the sandbox

Rules, in the order in which they apply:

1. Only what `INSERT`, `REPLACE` and `COPY … FROM stdin` give as literals are rows; statements in bodies of routines and
   triggers are not.  Statements that change or compute rows (UPDATE, INSERT … SELECT FROM) are counted, not followed.
2. A row's place is its number within its table, from 1; its offset is that of its statement's bytes in the dump.
3. A cell is the literal's text, escapes undone: no type is inferred.  NULL and DEFAULT are the empty cell; bytes
   (0x…, X'…', _binary '…') are the UTF-8 text that they spell or else hexadecimal digits; other expressions are
   given as they are written.
4. What cannot be a row is set aside, and reading goes on with the next row or statement that can be one.
"""
