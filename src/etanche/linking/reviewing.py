"""The story of `etanche review`: pairs judged blind, what that says of a list, and the list put right by it.

Rules, in the order in which they apply:

1. A sample is judged first, drawn over the bands of weight (`link.audit`); then whoever is in review, until nobody is.
2. Blind: no weight, no decision, nor which side is the leak's; the order of the sides is by chance, and stays.
3. Each judgement is sealed and logged before the next pair is shown; a killed session goes on where it was.
4. A second reviewer judges the same sample, and sees nothing of the first.  What they differ on is settled
   (`settle`) by a person who sees both sides once more, and counts for nobody until then.
5. When the session ends, what was judged decides (`settling`), and once the sample is whole, precision and recall with
   their intervals stand in `link-<list>.json`, and the weights are recalibrated.  Killed at any moment of that, the
   list is the one before or the one after, and the next session ends as this one would have (`renewal.replace`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from etanche import rows
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.link import audit
from etanche.linking import settling
from etanche.linking.addressees import cells_by_field, fields_of
from etanche.linking.labels import Answer, Journal, Question, journals, settled_answers
from etanche.linking.listing import written
from etanche.linking.lists import ADDRESSEES, DROPPED, MATCHES, PAIRS, SAMPLE, ListOf, chosen, table_of
from etanche.linking.paper import pairs as on_paper
from etanche.linking.sample import SHOWN, best_of, iso
from etanche.linking.sealing import outside, parquet, read, writable
from etanche.renewal import replace

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What `etanche review` was asked."""

    case: Path
    name: str | None = None
    reviewer: str | None = None
    labels: int | None = None
    """Pairs of the sample; None: as before, else `audit.LABELS`."""
    settle: bool = False
    """Whether it is what two reviewers differ on that is asked about."""
    to: Path | None = None
    keys: KeyOptions = field(default_factory=KeyOptions)


class Review:
    """An open session of one reviewer over one list."""

    def __init__(self, case: CaseFolder, config: Config, request: ReviewRequest) -> None:
        self._case, self._config, self._request = case, config, request
        identity = keys.unlock(case, config, request.keys)
        self._unseal = partial(case.unseal, identity=identity)
        self._held = chosen(case, request.name, self._unseal)
        self._parts = partial(rows.stored_parts, case, identity, rows.read_index(case, identity))
        self._pairs = table_of(self._unseal, self._held, PAIRS)
        self._sample = table_of(self._unseal, self._held, SAMPLE)
        self._journals = journals(case, self._unseal, self._held)
        self.reviewer = (request.reviewer or config.operator or "reviewer").strip()
        self._journal = self._journals.setdefault(self.reviewer, Journal(self._held, self.reviewer))
        self._labels = _labels(request, self._held)
        self._asked = self._plan()
        self._cells: dict[str, list[str]] | None = None

    # -- asking ------------------------------------------------------------------------------------------------------

    def _plan(self) -> list[int]:
        """Return the places that this session asks about, in order, those already judged by the reviewer included."""
        _, contested = settled_answers(self._journals)
        if self._request.settle:
            return sorted(contested)
        sampled = self._sampled()
        judged = {place for other in self._journals.values() for place in other.answers()}
        mine = self._journal.answers().keys()
        shuffled = self._sample.filter(self._sample["stratum"].to_numpy() <= len(audit.BANDS)).sort_by("shuffle")
        pile = [place for place in shuffled["place"].to_pylist() if place not in sampled]
        return [*sampled, *(place for place in pile if place in mine or place not in judged)]

    def _sampled(self) -> dict[int, None]:
        """Return the places of the sample, in the order in which they are shown."""
        bands = settling.strata(self._pairs, {})
        wanted = dict(zip(bands, audit.allocate(list(bands.values()), self._labels), strict=True))
        stratum, rank = self._sample["stratum"].to_numpy(), self._sample["rank"].to_numpy()
        limit = np.array([wanted.get(int(number), 0) for number in stratum], np.int64)
        drawn = self._sample.filter(rank < limit).sort_by("shuffle")
        return dict.fromkeys(drawn["place"].to_pylist())

    @property
    def left(self) -> list[int]:
        """The places still to be judged by the reviewer, in order."""
        mine = self._journal.answers(settles=self._request.settle)
        return [place for place in self._asked if place not in mine]

    def question(self) -> Question | None:
        """Return the next pair, None when all are judged."""
        left = self.left
        return self._question(left[0], len(self._asked) - len(left)) if left else None

    def export(self, path: Path) -> None:
        """Write all pairs that are left to a file, to be filled in."""
        left = self.left
        done = len(self._asked) - len(left)
        written(path, on_paper(self._question(place, done) for place in left))

    def _question(self, place: int, done: int) -> Question:
        cells = self._shown()
        at = int(np.searchsorted(self._sample["place"].to_numpy(), place))
        chance = np.random.default_rng([place, crc32(self.reviewer.encode())]).random()
        sides = ("leak_", "own_") if chance < 0.5 else ("own_", "leak_")
        shown = [(name, cells[sides[0] + name][at], cells[sides[1] + name][at]) for name in SHOWN]
        return Question(place + 1, done, len(self._asked), tuple(each for each in shown if each[1] or each[2]))

    def _shown(self) -> dict[str, list[str]]:
        """Return the cells of all that may be asked, of both sides, by place; logged when first read."""
        if self._cells is None:
            self._case.log(Event.SHOWN, what="review", name=self._held.name, reviewer=self.reviewer)
            columns = columns_of(read_census(self._case))
            best = best_of(self._pairs)["row"][self._sample["place"].to_numpy()]
            distinct, at = np.unique(best, return_inverse=True)
            leaked = cells_by_field(self._parts(), len(columns), distinct, fields_of(columns, SHOWN))
            leaked["birth_date"] = iso(leaked["birth_date"], columns)
            leak = {f"leak_{name}": cells.take(at).to_pylist() for name, cells in leaked.items()}
            self._cells = leak | {f"own_{name}": self._sample[name].to_pylist() for name in SHOWN}
        return self._cells

    # -- answering ---------------------------------------------------------------------------------------------------

    def judge(self, answer: Answer) -> None:
        """Take down what is said of the pair that `question` returns."""
        self.take([(self.left[0] + 1, answer)])

    def take(self, said: Sequence[tuple[int, Answer]]) -> None:
        """Take down answers by the number of the pair; `UserError` (usage) for one that was not asked."""
        known = set(self._asked)
        for pair, _ in said:
            if pair - 1 not in known:
                raise UserError("review_pair", ExitCode.USAGE, pair=pair)
        if said:
            lines = [(pair - 1, answer) for pair, answer in said]
            self._journal.add(self._case, lines, self._config.now(), settles=self._request.settle)

    def undo(self) -> bool:
        """Take back the last judgement of the reviewer; false where there is none."""
        standing = self._journal.standing
        if not standing or standing[-1].settles is not self._request.settle:
            return False
        self._journal.add(self._case, [(standing[-1].place, Answer.UNDO)], self._config.now())
        return True

    # -- what follows ------------------------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return where the review stands."""
        answers, contested = settled_answers(self._journals)
        settled = settling.settle(self._pairs, answers, contested)
        sampled = self._sampled()
        judged = {place for other in self._journals.values() for place in other.answers()}
        whole = sampled.keys() <= judged and not contested & sampled.keys()
        decisions = {code: settled.decision.count(code) for code in ("notify", "review", settling.NO)}
        said = {
            "name": self._held.name,
            "labels": self._labels,
            "sample": {"pairs": len(sampled), "judged": len(sampled.keys() & judged), "whole": whole},
            "left": len(self.left),
            "reviewers": {
                name: {
                    answer: list(other.answers().values()).count(Answer(answer)) for answer in ("yes", "no", "unsure")
                }
                for name, other in self._journals.items()
                if other.answers()
            },
            "agreement": self._agreement(len(contested)),
            "decisions": decisions,
            "audit": None,
            "calibration": None,
        }
        drawn = {place: same for place, same in answers.items() if place in sampled or place in self._pile()}
        if whole and drawn and any(stratum.notify for stratum in settling.strata(self._pairs, {}).values()):
            said |= self._measured(drawn)
        return said

    def _pile(self) -> set[int]:
        return set(self._sample.filter(self._sample["stratum"].to_numpy() <= len(audit.BANDS))["place"].to_pylist())

    def _measured(self, answers: dict[int, bool]) -> dict[str, Any]:
        """Return precision and recall, as linked and as settled, and what the weights are worth."""
        bands = list(settling.strata(self._pairs, answers).values())
        linked, settled = audit.estimate(bands), audit.estimate(bands, settled=True)
        value = best_of(self._pairs)["value"]
        places = sorted(answers)
        slope, shift = audit.recalibrate(value[places], np.array([answers[place] for place in places]))
        return {
            "audit": {
                "judged": settled.judged,
                "precision": _rounded(settled.precision),
                "recall": _rounded(settled.recall),
                "as_linked": {"precision": _rounded(linked.precision), "recall": _rounded(linked.recall)},
            },
            "calibration": {"slope": round(slope, 4), "shift": round(shift, 4)},
        }

    def _agreement(self, contested: int) -> dict[str, Any] | None:
        """Return how far reviewers agree, over all pairs of them; None with one."""
        answers = [other.answers() for other in self._journals.values() if other.answers()]
        both: list[tuple[bool, bool]] = []
        for number, one in enumerate(answers):
            for other in answers[number + 1 :]:
                both += [
                    (one[place] is Answer.YES, other[place] is Answer.YES)
                    for place in one.keys() & other.keys()
                    if Answer.UNSURE not in (one[place], other[place])
                ]
        if len(answers) < 2:
            return None
        array = np.array(both, bool).reshape(-1, 2)
        return {
            "pairs": len(both),
            "agreed": int((array[:, 0] == array[:, 1]).sum()),
            "kappa": round(audit.kappa(array[:, 0], array[:, 1]), 3),
            "contested": contested,
        }

    def close(self) -> dict[str, Any]:
        """Put the list right by all that was judged; return where the review stands."""
        said = self.document()
        if not said["reviewers"] and "reviewed" not in self._held.document:
            return said
        self._journal.gather(self._case)
        answers, contested = settled_answers(self._journals)
        settled = settling.settle(self._pairs, answers, contested)
        calibration = said["calibration"] or {"slope": 1.0, "shift": 0.0}
        bits = (calibration["slope"], calibration["shift"])
        renewed: dict[str, bytes] = {}
        for folder in (MATCHES, ADDRESSEES):
            whole = settling.joined(table_of(self._unseal, self._held, folder), self._gone(folder))
            changed = settling.rewritten(whole, self._pairs, settled, answers, bits)
            for code, table in zip(
                (folder.rstrip("/"), DROPPED + folder.rstrip("/")), settling.parted(changed, settled), strict=True
            ):
                renewed[code] = parquet(table)
        text = json.dumps(reported(self._held.document, said), ensure_ascii=False, indent=1) + "\n"
        counts = {"name": self._held.name, "labels": len(answers), **said["decisions"]}
        commit = partial(self._case.commit, Event.SETTLED, frozenset(), **counts)
        replace(self._case, self._unseal, self._held.file, renewed, text.encode(), commit)
        if self._request.to is not None:
            written(self._request.to, renewed[MATCHES.rstrip("/")])
        return said

    def _dropped(self, folder: str) -> str:
        return f"{DROPPED}{self._held.file}/{folder.rstrip('/')}"

    def _gone(self, folder: str) -> pa.Table:
        part = self._dropped(folder)
        if part in self._case.sealed():
            return read(self._unseal(part))
        return table_of(self._unseal, self._held, folder).slice(0, 0)


@contextmanager
def reviewed(request: ReviewRequest, config: Config) -> Iterator[Review]:
    """Open a session; when it ends, by Ctrl-C too, the list is put right by what was judged."""
    secure_process()
    if request.labels is not None and request.labels < audit.LEAST:
        raise UserError("review_labels", ExitCode.USAGE, least=audit.LEAST)
    if request.to is not None:
        outside(request.to, request.case)
        writable(request.to)
    with CaseFolder.open(request.case, config) as case:
        review = Review(case, config, request)
        try:
            yield review
        except KeyboardInterrupt:
            review.close()
            raise
        review.close()


def reported(document: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return what `link-<list>.json` says once some of a list was judged."""
    linked = document.get("linked") or {name: document[name] for name in ("notify", "review", "error")}
    notify, in_review = said["decisions"]["notify"], said["decisions"]["review"]
    error = linked["error"]
    if said["audit"]:
        found = said["audit"]
        wrong = 1 - found["precision"]["value"]
        told = notify * found["precision"]["value"]
        error = {
            "wrong_expected": round(notify * wrong, 1),
            "wrong_share": round(wrong, 5),
            "true_in_review_expected": round(max(told / max(found["recall"]["value"], 1e-9) - told, 0), 1),
            "basis": "audit",
            **found,
        }
    review = {name: said[name] for name in ("labels", "sample", "reviewers", "agreement", "decisions", "calibration")}
    return {**document, "notify": notify, "review": in_review, "error": error, "linked": linked, "reviewed": review}


def _labels(request: ReviewRequest, held: ListOf) -> int:
    before = held.document.get("reviewed", {}).get("labels")
    return request.labels or before or audit.LABELS


def _rounded(interval: audit.Interval) -> dict[str, float]:
    return {name: round(value, 5) for name, value in asdict(interval).items()}
