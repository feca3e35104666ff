"""The same letter set by étanche (Typst), WeasyPrint and ReportLab, side by side in one run: letters per second.

    python bench/letters.py [--letters 4000] [--peer 200] [--workers 2]

Every letter has a window, a heading, the families of data and two pages, as `etanche letters` writes them; all data are
invented.  étanche's own way is measured whole: batches, two processes, files and manifest written.  The peers get one
document of the same letters in one process each, and their rates stand beside étanche's in one process: CPU seconds,
which a machine shared with others does not change, and seconds on the clock.  WeasyPrint is asked for PDF/UA-1;
ReportLab's free edition writes no tags.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from etanche.respond import read
from etanche.respond.letters import press, wording
from etanche.respond.letters.recipients import TOLD
from etanche.responding import letters_release
from etanche.responding.letters_ledger import Letter

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTROLLER = """code,name,address,postcode,commune,aware,processor,dpo_name,dpo_phone,cnil_filed,description,\
measures_after
LAB01,LABORATOIRE DES AJONCS,1 RUE DU PORT,56000,VANNES,2026-11-20 16:00,EDITEUR SA,ANNE MARTIN,0199009950,2026-11-21,\
Un fichier de sauvegarde de notre logiciel a été copié puis mis en ligne.,L'accès en cause est fermé.
"""
FAMILIES = [TOLD[:count] for count in range(3, 7)]


@dataclass(frozen=True, slots=True)
class Measured:
    """How long some letters took."""

    name: str
    letters: int
    clock: float
    cpu: float
    bytes: int
    ua: bool


def ledger(count: int) -> tuple[Letter, ...]:
    return tuple(
        Letter(
            number=at + 1,
            key=f"r:{at}",
            registry_key=str(at),
            row=at,
            who="patient",
            salutation=("madam", "sir")[at % 2],
            lines=(f"MADAME ANNE{at} MARTIN", f"APT {at % 90}", f"{at % 300} RUE DES LILAS", "56000 VANNES"),
            postcode=f"{56000 + at % 90 * 10}",
            country="",
            families=FAMILIES[at % len(FAMILIES)],
            variant="",
            email="",
            pile="ready",
        )
        for at in range(count)
    )


def release(count: int) -> letters_release.Release:
    controller = read(CONTROLLER.encode(), "bench", NOW)[0]
    return letters_release.Release(controller, 1, NOW, "fr", ledger(count))


def timed(name: str, count: int, make: Callable[[], int], *, ua: bool) -> Measured:
    clock, cpu = time.perf_counter(), time.process_time()
    size = make()
    return Measured(name, count, time.perf_counter() - clock, time.process_time() - cpu, size, ua)


def whole_way(count: int, workers: int) -> Measured:
    """étanche's own way: several processes, files on the disk; its CPU is the processes' and is not known here."""

    def make() -> int:
        with tempfile.TemporaryDirectory() as folder:
            for _, kept in letters_release.make([release(count)], Path(folder), workers, lambda *_: None):
                return sum(file["bytes"] for file in kept["files"])
        return 0

    return timed(f"étanche, {workers} processes, written", count, make, ua=True)


def typst(count: int) -> Measured:
    batch = letters_release.batch_of(release(count), "fr", ledger(count))
    return timed("étanche (Typst), one process", count, lambda: len(press.document(batch)), ua=True)


def weasyprint(count: int) -> Measured:
    from weasyprint import HTML

    batch = letters_release.batch_of(release(count), "fr", ledger(count))
    pages = []
    for sheet in batch.sheets:
        said = batch.wordings[sheet.wording]
        body = "".join(
            {"heading": "<h2>{}</h2>", "item": "<ul><li>{}</li></ul>", "text": "<p>{}</p>"}[block.kind].format(
                escape(block.text)
            )
            for block in said.blocks
        ).replace("</ul><ul>", "")
        window = "<br>".join(map(escape, sheet.lines))
        pages.append(
            f"<article><p class=s>{'<br>'.join(map(escape, batch.sender))}</p><p class=w>{window}</p>"
            f"<p>{escape(said.reference)} {sheet.number} {escape(said.date)}</p>"
            f"<h1>{escape(said.title)}</h1><p>{sheet.salutation}</p>{body}</article>"
        )
    style = (
        "@page{size:A4;margin:18mm 20mm 20mm}body{font:11pt serif}article{break-after:page}h1{font-size:12.6pt}"
        "h2{font-size:11pt}.w{margin:10mm 0 8mm 85mm}"
    )
    html = (
        f"<html lang=fr><head><title>Lettres</title><style>{style}</style></head><body>{''.join(pages)}</body></html>"
    )
    return timed("WeasyPrint 70.0", count, lambda: len(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")), ua=True)


def reportlab(count: int) -> Measured:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    batch = letters_release.batch_of(release(count), "fr", ledger(count))
    styles = getSampleStyleSheet()
    styles["BodyText"].fontName, styles["BodyText"].fontSize, styles["BodyText"].leading = "Times-Roman", 11, 13.5

    def make() -> int:
        flow = []
        for sheet in batch.sheets:
            said = batch.wordings[sheet.wording]
            flow += [Paragraph("<br/>".join(map(escape, batch.sender)), styles["BodyText"]), Spacer(1, 10 * mm)]
            flow += [Paragraph("<br/>".join(map(escape, sheet.lines)), styles["BodyText"]), Spacer(1, 8 * mm)]
            flow.append(Paragraph(f"{escape(said.reference)} {sheet.number} {escape(said.date)}", styles["BodyText"]))
            flow += [Paragraph(escape(said.title), styles["Heading1"]), Paragraph(sheet.salutation, styles["BodyText"])]
            for block in said.blocks:
                style = styles["Heading3" if block.kind == "heading" else "BodyText"]
                flow.append(Paragraph(("– " if block.kind == "item" else "") + escape(block.text), style))
            flow.append(PageBreak())
        sink = io.BytesIO()
        SimpleDocTemplate(sink, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm).build(flow)
        return len(sink.getvalue())

    return timed("ReportLab 5.1.0", count, make, ua=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=4000, help="letters of étanche's own way")
    parser.add_argument("--peer", type=int, default=200, help="letters of each document set in one process")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    wording.template("fr")
    typst(2)  # the library is loaded, as the peers' are below
    one = typst(asked.peer)
    found = [whole_way(asked.letters, asked.workers), one]
    for peer in (weasyprint, reportlab):
        peer(2)
        found.append(peer(asked.peer))
    print(f"{'':36}{'letters':>8}{'s':>8}{'CPU s':>8}{'/s':>8}{'/CPU s':>8}{'KB each':>9}  PDF/UA-1  étanche is")
    for each in found:
        alone = each is found[0]
        per_cpu = "" if alone else f"{each.letters / each.cpu:.0f}"
        times = "" if alone else f"{each.cpu / each.letters / (one.cpu / one.letters):.1f} x as fast"
        print(
            f"{each.name:36}{each.letters:8}{each.clock:8.1f}{'' if alone else f'{each.cpu:.1f}':>8}"
            f"{each.letters / each.clock:8.0f}{per_cpu:>8}{each.bytes / each.letters / 1024:9.1f}"
            f"  {'yes' if each.ua else 'no':8}  {times}"
        )


if __name__ == "__main__":
    main()
