"""The chooser decodes French exactly, however little there is of it."""

from __future__ import annotations

import random

import pytest

from etanche.ingest.decoding import Decoder
from etanche.ingest.encodings import choose, wide

WORDS = (
    *("Lefèvre", "Müller", "Noël", "Gonçalves", "Hélène", "François", "Zoé", "Gérard", "Anaïs", "Évreux", "Orléans"),
    *("Châteaudun", "LEFÈVRE", "HÉLÈNE", "FRANÇOIS", "CHÂTEAU", "bœuf", "cœur", "glycémie à jeun", "créatinine", "où"),
    *("âgée", "gênée", "reçu", "L'Haÿ", "Benoît", "Loïc", "MAÇON", "sérologie", "37 °C", "5 €", "n°3", "Dupont", "12"),
)


@pytest.mark.parametrize("count", [3, 20, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "iso8859-15", "cp850", "cp437", "mac_roman"])
def test_rows_decode_exactly(encoding: str, count: int) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        lines = [";".join(rng.choice(WORDS) for _ in range(10)).encode(encoding, "ignore") for _ in range(count)]
        chosen, _ = choose(lines)
        assert [line.decode(chosen) for line in lines] == [line.decode(encoding) for line in lines]


def test_a_few_lines_in_another_encoding_do_not_count_against_utf_8() -> None:
    lines = ["Hélène".encode()] * 20 + ["Hélène".encode("cp850")] * 3
    assert choose(lines) == ("utf-8", "cp850")


def test_ascii_is_called_utf_8() -> None:
    assert choose([b"abc"]) == ("utf-8", "cp1252")


def test_utf_16_without_mark() -> None:
    assert wide("nom;prénom\n".encode("utf-16-le")) == "utf-16-le"
    assert wide("nom;prénom\n".encode("utf-16-be")) == "utf-16-be"
    assert wide("nom;prénom\n1;é\n".encode("utf-32-le")) == "utf-32-le"
    assert wide("nom;prénom\n1;é\n".encode("utf-32-be")) == "utf-32-be"
    assert wide(b"nom;pr\xe9nom\n") == ""


def test_a_line_in_two_encodings_is_decoded_by_cell() -> None:
    line = "Hélène;".encode() + "Orléans".encode("cp1252")
    decoder = Decoder("utf-8", ("cp1252",), b";")
    assert decoder.decode(line) == ("Hélène;Orléans", "cp1252")
    assert decoder.decode(b"a\x81;b") is None
