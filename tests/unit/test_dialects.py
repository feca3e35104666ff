"""Which characters separate and quote: cases known to be hard, and files made up with their dialect known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from etanche.ingest.dialects import NO_DELIMITER, sniff

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
import messy

# Layouts as in CPython's tests of its sniffer and in issues of CleverCSV and CPython (58, 35, 119123), told anew.
CASES = (
    (
        "Chez Zoé, Arles, FR, 2/1/03, Kim\nLe Requin, Brest, FR, 12/28/02, Presto\nL'Anse, Dol, FR, 12/28/02, A/B",
        ",",
        "",
    ),
    ("'L''Anse':'Arles':'2/1/03'\n'Le Requin':'Brest':'12/28/02'\n'Chez ''Zoé'' et Cie':'Dol':'12/28/02'", ":", "'"),
    ("05/05/03?05/05/03?05/05/03\n" * 3, "?", ""),
    ("2147483648;43.0e12;17;abc\n147483648;43.0e2;17;abc\n47483648;43.0;170;abc", ";", ""),
    ("aaa\tbbb\nAAA\t\nBBB\t", "\t", ""),
    ("'a'|'b'|'c'\n'd'|e|f", "|", "'"),
    ("L'Anse+ Arles+ 2/1/03\nLe Requin+ Brest+ 12/28/02\nZoé+ Dol+ 12/28/02", "+", ""),
    ("octets(b'x'),20:53:06,2019-09-01T19:28:21\nocts(b'y'),19:33:15,2005-02-15T19:10:31\n" * 3, ",", ""),
    ("id;a;b;groupe;type\n1;;;['3'];X\n2;;;['2'];X\n3;;;['1', '12'];X\n4;;;['5'];X", ";", ""),
    ('"Société privée"|"12 rue Haute"\n' * 5 + '"Une autre société"|"3 rue de la Mer"\n' * 4, "|", '"'),
    ("a,b,c\n1,2", ",", ""),
    ("3.14 2.71 1.41\n1.0 2.0 3.5\n9.2 8.1 7.7", " ", ""),
    ('"a","b"\n"c, d","e"\n"f","g ""h"" i"', ",", '"'),
    ('nom,note\nun,"ligne\nsuite, avec virgule"\ndeux,"autre\nchose"\ntrois,x', ",", '"'),
    ("Nom;Montant\nDurand;1 234,56\nDupont;12,00\nMartin;7,5", ";", ""),
    ("1,5;2,5;3,5\n4,5;5,5;6,5", ";", ""),
    ("12:30,13:30\n14:30,15:30\n16:00,17:00", ",", ""),
    ("id|mots|date\n1|a,b,c|2020-01-01\n2|d,e|2020-01-02\n3|f,g,h,i|2020-01-03", "|", ""),
    ("liste,jour\na;b;c,1978-06-10 17:00:00\nd,1935-06-06 18:34:00\ne,1932-02-11 08:06:00", ",", ""),
    ("# un, deux, trois\n# quatre\nx\ty\n1\t2\n3\t4", "\t", ""),
    ("Dupont, Jean;12/03/1980;Brest\nMartin, Zoé;01/01/1990;Lyon\nLe Gall, Yann;02/02/1950;Dol", ";", ""),
    ("prénom nom\nJean Dupont\nZoé Martin\nYann Le Gall", NO_DELIMITER, ""),
    ("sep=|\na|b;c\nd|e;f", "|", ""),
    ("a||b||c\nd||||f\ng||h||i", "||", ""),
    ("a\t|\tb\t|\tc\nd\t|\te\t|\tf", "\t|\t", ""),
    ("nom;;ville\nDupont;;Brest\nMartin;;Lyon\nPetit;x;Dol", ";", ""),
)


@pytest.mark.parametrize(("text", "delimiter", "quote"), CASES)
def test_hard_cases(text: str, delimiter: str, quote: str) -> None:
    guess = sniff([text.rstrip("\n").split("\n")])
    assert (guess.dialect.delimiter, guess.dialect.quote) == (delimiter, quote)


@pytest.mark.parametrize(
    ("text", "pad"),
    [
        ("a, b, c\n1, 2, \n3, 4, 5", "after"),
        ("a | b | c\n1 | 2 | 3\n4 | 5 | 6", "both"),
        ("a,b,c\n1, 2,3\n4,5,6", ""),
        ('a, "b, c", d\n1, "2, 3", 4\n5, "6, 7", 8', "after"),
    ],
)
def test_spaces_that_are_layout(text: str, pad: str) -> None:
    assert sniff([text.split("\n")]).pad == pad


def test_backslashes_escape_where_they_are_the_rule() -> None:
    escaped = [f'{k};"dit \\"le {k}\\" ; ici";x' for k in range(9)]
    assert not sniff([escaped]).dialect.doublequote
    assert sniff([[*escaped[:1], *(f'{k};"dit ""le {k}"" ; ici";x' for k in range(9))]]).dialect.doublequote


def test_made_up_files() -> None:
    right = total = 0
    for data, delimiter, quote in messy.dialects(11, 200):
        text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
        guess = sniff([text.split("\n")[:120]])
        right += (guess.dialect.delimiter.strip(" ") or " ", guess.dialect.quote) == (
            delimiter.strip(" ") or " ",
            quote,
        )
        total += 1
    assert right >= 0.98 * total
