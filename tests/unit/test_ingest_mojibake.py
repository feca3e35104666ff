"""Mojibake is undone wherever it came from, clean text is left alone, and both are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.ingest import open_paths
from etanche.ingest.mojibake import Mender, mend_text

WORDS = (
    *(
        "Hélène",
        "François",
        "Noël",
        "Évreux",
        "ÎLE-D'YEU",
        "Œuvre",
        "cœur",
        "où",
        "à jeun",
        "déjà vu",
        "l’été",
        "« vu »",
    ),
    *(
        "CHÂTEAU",
        "CRÈME BRÛLÉE",
        "MÜLLER",
        "N° 12",
        "37 °C",
        "45 €",
        "été…",
        "Benoît",
        "BENOÎT",
        "Aÿ",
        "aïeul",
        "MAÇON",
    ),
)
CLEAN = (
    *WORDS,
    *(
        "SÃO PAULO",
        "JOÃO",
        "CHÂTEAU °",
        "NOËL ÂGÉ",
        "Ångström",
        "5 × 3",
        "½ cp",
        "œ",
        "Â",
        "Ã",
        "É",
        "créée",
        "«é»",
        "…é",
    ),
    *(
        "ÂÂ",
        "±2",
        "µg/l",
        "3,5 ≥ 2",
        "Dupont",
        "",
        "?",
        "où ?",
        "http://a.example/b?c=d",
        "Łódź",
        "Škoda",
        "Ñandú",
    ),
)
THROUGH = ("cp1252", "latin-1", "mac_roman", "cp850", "cp437")


def misread(text: str, encoding: str) -> str:
    """Read UTF-8 in another encoding, with undefined bytes as the control characters of their number."""
    pieces = [bytes((byte,)).decode(encoding, "replace") for byte in text.encode()]
    return "".join(chr(b) if c == "\ufffd" else c for b, c in zip(text.encode(), pieces, strict=True))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("encoding", THROUGH)
@pytest.mark.parametrize("word", WORDS)
def test_it_is_undone(word: str, encoding: str, times: int) -> None:
    text = word
    for _ in range(times):
        text = misread(text, encoding)
    assert mend_text(f"1;{text};x") == f"1;{word};x"


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_is_left_alone(text: str) -> None:
    assert mend_text(text) == text
    mender = Mender()
    assert mender.mend(f"{text};é\n".encode()) == f"{text};é\n".encode()
    assert not mender.notes()


def test_a_row_may_be_half_clean() -> None:
    assert mend_text("HÃ©lÃ¨ne;Hélène;voilÃ ;prÃ©lÃ¨vement refusé") == "Hélène;Hélène;voilà;prélèvement refusé"


def test_what_is_lost_is_counted_and_not_guessed() -> None:
    rows = "H?l?ne;a\nvu ?;b\nhttp://a.example/b?c=d;e\nHé\ufffdl;e\nindex.php?id=3;v\nok;où?\n"
    mender = Mender()
    assert mender.mend(rows.encode()) == rows.encode()
    assert [(note.code, dict(note.params)) for note in mender.notes()] == [("letters_lost", {"rows": 2})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_rows_of_a_file_are_mended_and_counted(tmp_path: Path, encoding: str) -> None:
    clean = ["id;prénom;ville", *(f"{k};{WORDS[k % 3]};Évreux" for k in range(60))]
    hurt = [misread(line, "cp1252") if k % 4 == 0 else line for k, line in enumerate(clean)]
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(hurt).encode(encoding))
    (table,) = open_paths([path])
    rows = [line for part in table.parts() for line in part.data.decode().splitlines()]
    assert [";".join(table.names), *rows] == clean
    said = {note.code: dict(note.params)["rows"] for note in table.notes if note.code == "mojibake_mended"}
    # A row of UTF-8 in a file of one byte a character is told by its bytes: another encoding, no mojibake.
    assert said == ({} if encoding == "cp1252" else {"mojibake_mended": 15})
    again = [line for part in table.parts() for line in part.data.decode().splitlines()]
    assert again == rows


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.text(st.characters(max_codepoint=0x2600, exclude_characters="\n\r"), max_size=20))
def test_rows_stay_rows(text: str) -> None:
    row = f"{text};é\n"
    mended = Mender().mend(row.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    for char in ';"\n\r\t,|\x1f':
        assert mended.count(char) == row.count(char)


def test_mojibake_is_found_wherever_it_stands_in_a_large_chunk():
    """At its very beginning, at its very end, in its middle: it is mended, and counts once."""
    for place in (1, 2, 3, 1 << 17, (1 << 17) + 1):
        before = b"a" * (place - 1) + b"\n"
        mender = Mender()
        assert mender.mend(before + "Ã©t├®;été\n".encode()) == before + "été;été\n".encode()
        assert mender.mended == 1
        assert mender.mend(before + "Ã©\n".encode()) == before + "é\n".encode()
        assert mender.mended == 2
