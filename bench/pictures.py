"""Make the pictures of the docs from what was written for one controller of a synthetic twin: letters and documents.

    python bench/pictures.py OUT/LAB01 docs/images     # OUT as `respond --to` and `letters --proofs` filled it

Twenty letters on one sheet, the first two pages of each document on two others, to be looked at by a person.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

SCALE = 0.62
"""Pixels of a point: small print can just be read."""
GAP = 6
GREY, COLOURS = 170, 8


def pages(path: Path, which: range) -> list[Image.Image]:
    """Return some pages of a PDF as pictures."""
    with pypdfium2.PdfDocument(path) as document:
        return [document[at].render(scale=SCALE).to_pil().convert("L") for at in which if at < len(document)]


def sheet(pictures: Sequence[Image.Image], columns: int, path: Path) -> None:
    """Write pictures side by side as one."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    made = Image.new("L", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), GREY)
    for at, picture in enumerate(pictures):
        made.paste(picture, (GAP + at % columns * (width + GAP), GAP + at // columns * (height + GAP)))
    made.quantize(COLOURS).save(path, optimize=True)
    print(f"{path.name}: {len(pictures)} pages, {path.stat().st_size // 1000} kB")


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("controller", type=Path)
    parser.add_argument("to", type=Path)
    given = parser.parse_args()
    # Letters have two pages each.
    sheet(pages(given.controller / "letters" / "proofs.pdf", range(40)), 8, given.to / "letters-fr.png")
    files = [path for path in sorted(given.controller.rglob("*.pdf")) if "letters" not in path.parts]
    found = [page for path in files for page in pages(path, range(2))]
    half = len(found) // 4 * 2
    for number, some in enumerate((found[:half], found[half:]), start=1):
        sheet(some, 6, given.to / f"documents-{number}-fr.png")


if __name__ == "__main__":
    main()
