"""Measure the identities that étanche and its peers find in French clinical sentences, in one run.

    python bench/sentences.py                       # ../shared/data/eds-pseudo-templates/first-half.txt
    python bench/sentences.py FILE --modes          # étanche alone under four ways of counting
    python bench/sentences.py FILE --part tuned --misses person   # what was missed (development only)

Rules:

1. A sentence is a line whose identities are marked `[text](LABEL)`; a mark may go over a line's end, then both lines
   are one.
2. The file is split by the MD5 of a sentence's first line: even is the tuned part, odd the held one, which is scored
   and never read.
3. Labels are gathered in groups (person: NOM and PRENOM; date: DATE and DATE_NAISSANCE; phone: TEL; nir: SECU;
   address: ADRESSE; place: ADRESSE, ZIP, VILLE), and so are the kinds of each tool, generously.
4. Overlap: a mark counts as found when a finding of its group meets it, a finding as right when it meets a mark of its
   group. `--modes` adds: one finding for one mark; marks side by side taken as one; words; exact bounds.
5. Speed is sentences a second of the tool's second pass over the file.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT.parent / "shared" / "data" / "eds-pseudo-templates" / "first-half.txt"
sys.path.insert(0, str(ROOT / "src"))

_MARK = re.compile(r"\[([^\]\[]*)\]\(([A-Z_]+)\)")
GROUPS = {
    "person": {"NOM", "PRENOM"},
    "date": {"DATE", "DATE_NAISSANCE"},
    "phone": {"TEL"},
    "nir": {"SECU"},
    "address": {"ADRESSE"},
    "place": {"ADRESSE", "ZIP", "VILLE"},
    "mail": {"MAIL"},
    "hospital": {"HOPITAL"},
}
ETANCHE = {
    "person": {"surname", "first_name", "full_name", "birth_name", "doctor"},
    "date": {"date", "birth_date", "death_date", "visit_date", "sample_date"},
    "phone": {"phone", "mobile", "landline"},
    "nir": {"nir"},
    "address": {"address"},
    "place": {"address", "postcode", "commune", "birth_place"},
    "mail": {"email"},
    "hospital": {"laboratory"},
}
PRESIDIO = {
    "person": {"PERSON"},
    "date": {"DATE_TIME"},
    "phone": {"PHONE_NUMBER"},
    "nir": {"FR_NIR", "FR_INSEE"},
    "address": {"LOCATION"},
    "place": {"LOCATION"},
    "mail": {"EMAIL_ADDRESS"},
    "hospital": {"ORGANIZATION"},
}
EDSNLP = {"date": {"date"}, "person": set(), "phone": set(), "nir": set(), "address": set()}

Span = tuple[int, int, str]
Finder = Callable[[str], Sequence[Span]]


class Sentence(NamedTuple):
    """A sentence, its marks as (start, end, label), and whether it is of the held part."""

    text: str
    marks: tuple[Span, ...]
    held: bool


def read(path: Path) -> list[Sentence]:
    """Return the sentences of a file (rules 1 and 2)."""
    found: list[Sentence] = []
    pending = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        whole = f"{pending}\n{line}" if pending else line
        if re.search(r"\[[^\]]*$", line) and "](" not in line[line.rfind("[") :]:
            pending = whole
            continue
        pending = ""
        if whole.strip():
            found.append(_sentence(whole))
    return found


def _sentence(marked: str) -> Sentence:
    text, marks, position = "", [], 0
    for found in _MARK.finditer(marked):
        text += marked[position : found.start()]
        start = len(text)
        text += found[1]
        marks.append((start, len(text), found[2]))
        position = found.end()
    text += marked[position:]
    held = int(hashlib.md5(marked.split("\n", maxsplit=1)[0].encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 1
    return Sentence(text, tuple(marks), held)


class Score(NamedTuple):
    """Marks, marks found, findings, findings right."""

    marks: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0

    def plus(self, other: Score) -> Score:
        """Return the sum of two scores."""
        return Score(*(one + more for one, more in zip(self, other, strict=True)))

    @property
    def recall(self) -> float:
        """Share of the marks that were found."""
        return self.found / self.marks if self.marks else 0.0

    @property
    def precision(self) -> float:
        """Share of the findings that are right."""
        return self.right / self.findings if self.findings else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


Spans = list[tuple[int, int]]


def meets(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two spans share a character."""
    return one[0] < other[1] and other[0] < one[1]


def overlap(_: str, marks: Spans, found: Spans) -> Score:
    """Count by overlap (rule 4)."""
    return Score(
        len(marks),
        sum(any(meets(mark, one) for one in found) for mark in marks),
        len(found),
        sum(any(meets(mark, one) for mark in marks) for one in found),
    )


def one_to_one(_: str, marks: Spans, found: Spans) -> Score:
    """Count by overlap, each finding used for one mark."""
    left = list(found)
    hits = 0
    for mark in marks:
        hit = next((one for one in left if meets(mark, one)), None)
        if hit is not None:
            left.remove(hit)
            hits += 1
    return Score(len(marks), hits, len(found), hits)


def merged(text: str, marks: Spans, found: Spans) -> Score:
    """Count by overlap, one for one, after spans with nothing but blanks and marks between are made one."""
    return one_to_one(text, _join(text, marks), _join(text, found))


def _join(text: str, spans: Spans) -> Spans:
    joined: Spans = []
    for start, end in sorted(spans):
        if joined and not re.search(r"\w", text[joined[-1][1] : start]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def words(text: str, marks: Spans, found: Spans) -> Score:
    """Count words."""
    tokens = [token.span() for token in re.finditer(r"\w+", text)]
    wanted = {token for token in tokens if any(meets(token, mark) for mark in marks)}
    given = {token for token in tokens if any(meets(token, one) for one in found)}
    return Score(len(wanted), len(wanted & given), len(given), len(wanted & given))


def exact(_: str, marks: Spans, found: Spans) -> Score:
    """Count findings with the very bounds of a mark."""
    both = len(set(marks) & set(found))
    return Score(len(marks), both, len(found), both)


MODES = {"overlap": overlap, "one to one": one_to_one, "merged": merged, "words": words, "exact": exact}


def score(
    sentences: Iterable[Sentence], found: Iterable[Sequence[Span]], kinds: dict[str, set[str]], mode: str = "overlap"
) -> dict[str, Score]:
    """Return the score of each group."""
    total: dict[str, Score] = defaultdict(Score)
    for sentence, spans in zip(sentences, found, strict=True):
        for group, labels in GROUPS.items():
            marks = [(start, end) for start, end, label in sentence.marks if label in labels]
            given = [(start, end) for start, end, kind in spans if kind in kinds.get(group, set())]
            total[group] = total[group].plus(MODES[mode](sentence.text, marks, given))
    return total


def etanche() -> Finder:
    """Return étanche's finder."""
    from etanche.recognise import identities

    def find(text: str) -> list[Span]:
        return [(found.start, found.end, found.kind.value) for found in identities.find(text)]

    return find


def presidio(model: str) -> Finder:
    """Return Presidio with its French recognisers and spaCy's French model (from PyPI)."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    provider = NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": [{"lang_code": "fr", "model_name": model}]}
    )
    engine = provider.create_engine()
    registry = RecognizerRegistry(supported_languages=["fr"])
    registry.load_predefined_recognizers(languages=["fr"], nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["fr"])

    def find(text: str) -> list[Span]:
        return [(found.start, found.end, found.entity_type) for found in analyzer.analyze(text, language="fr")]

    return find


def edsnlp() -> Finder:
    """Return edsnlp's rule pipe for dates (its other identity rules are trained models, which are not on PyPI)."""
    import edsnlp as package

    nlp = package.blank("eds")
    nlp.add_pipe("eds.sentences")
    nlp.add_pipe("eds.normalizer")
    nlp.add_pipe("eds.dates")

    def find(text: str) -> list[Span]:
        spans = nlp(text).spans
        return [
            (span.start_char, span.end_char, "date")
            for span in spans.get("dates", [])
            if getattr(span._.date, "year", None) or getattr(span._.date, "month", None)
        ]

    return find


PEERS: dict[str, tuple[str, Callable[[], Finder], dict[str, set[str]]]] = {
    "étanche": ("etanche", etanche, ETANCHE),
    "Presidio, fr_core_news_sm": ("presidio-analyzer", lambda: presidio("fr_core_news_sm"), PRESIDIO),
    "Presidio, fr_core_news_md": ("presidio-analyzer", lambda: presidio("fr_core_news_md"), PRESIDIO),
    "edsnlp, eds.dates": ("edsnlp", edsnlp, EDSNLP),
}


def measure(finder: Finder, sentences: Sequence[Sentence]) -> tuple[list[Sequence[Span]], float]:
    """Return the findings, and the sentences a second of a second pass."""
    found = [finder(sentence.text) for sentence in sentences]
    start = time.perf_counter()
    for sentence in sentences:
        finder(sentence.text)
    return found, len(sentences) / (time.perf_counter() - start)


def table(sentences: list[Sentence], names: Sequence[str]) -> Iterable[str]:
    """Yield the lines of the table of all tools that are installed."""
    groups = list(GROUPS)
    yield f"| {len(sentences)} sentences, overlap F1 | part | " + " | ".join(groups) + " | sentences/s |"
    yield "| --- | --- |" + " --- |" * (len(groups) + 1)
    for name in names:
        package, make, kinds = PEERS[name]
        try:
            finder = make()
        except (ImportError, OSError) as error:
            yield f"| {name} | not here: {type(error).__name__} |" + " |" * (len(groups) + 1)
            continue
        found, speed = measure(finder, sentences)
        for part in ("tuned", "held", "all"):
            chosen = [at for at, sentence in enumerate(sentences) if part == "all" or sentence.held == (part == "held")]
            total = score([sentences[at] for at in chosen], [found[at] for at in chosen], kinds)
            cells = [f"{total[group].f1:.3f}" if kinds.get(group) else "–" for group in groups]
            yield f"| {name} {metadata.version(package)} | {part} | " + " | ".join(cells) + f" | {speed:,.0f} |"


def modes(sentences: list[Sentence]) -> Iterable[str]:
    """Yield étanche's precision, recall and F1 by part and way of counting."""
    groups = list(GROUPS)
    yield "| étanche: P / R / F1 | part | " + " | ".join(groups) + " |"
    yield "| --- | --- |" + " --- |" * len(groups)
    found, _ = measure(etanche(), sentences)
    for mode in MODES:
        for part in ("tuned", "held"):
            chosen = [at for at, sentence in enumerate(sentences) if sentence.held == (part == "held")]
            total = score([sentences[at] for at in chosen], [found[at] for at in chosen], ETANCHE, mode)
            cells = [f"{total[g].precision:.3f} / {total[g].recall:.3f} / **{total[g].f1:.3f}**" for g in groups]
            yield f"| {mode} | {part} | " + " | ".join(cells) + " |"


def misses(sentences: list[Sentence], group: str) -> Iterable[str]:
    """Yield what a group missed and wrongly found, of the tuned part only (the sentences are invented)."""
    find = etanche()
    for sentence in sentences:
        if sentence.held:
            continue
        marks = [span for span in sentence.marks if span[2] in GROUPS[group]]
        given = [span for span in find(sentence.text) if span[2] in ETANCHE[group]]
        lost = [span for span in marks if not any(meets(span[:2], one[:2]) for one in given)]
        wrong = [span for span in given if not any(meets(span[:2], one[:2]) for one in marks)]
        for sign, spans in (("-", lost), ("+", wrong)):
            for start, end, kind in spans:
                before, after = sentence.text[max(0, start - 30) : start], sentence.text[end : end + 30]
                yield f"{sign} {before!r} <<{sentence.text[start:end]}>> {after!r} {kind}"


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--modes", action="store_true", help="étanche alone, under each way of counting")
    parser.add_argument("--misses", choices=list(GROUPS), help="étanche's misses of one group in the tuned part")
    parser.add_argument("--only", nargs="*", choices=list(PEERS), default=list(PEERS))
    given = parser.parse_args()
    if not given.file.exists():
        print(f"skipped: {given.file} is not here")
        return
    sentences = read(given.file)
    lines = (
        misses(sentences, given.misses)
        if given.misses
        else modes(sentences)
        if given.modes
        else table(sentences, given.only)
    )
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
