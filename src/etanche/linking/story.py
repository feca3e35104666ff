"""The story of `etanche link`: which persons of one controller's registry are in the leak.

Rules, in the order in which they apply:

1. No registry is loaded without a ground: whoever runs the command is its controller (`own`), or acts for them by a
   mandate that says who, for what, until when and who signed.  The ground is logged before anything is read.
2. The registry is read as any file is, its columns recognised (`--map` puts them right); what is missing or twice
   there is said in one line, and nothing is written.
3. One registry a call; registries never meet.  The registry stays in memory; of the result, the list of persons is
   sealed in the case, and the counts are a result that anybody may read.
4. A list takes the place of its own older one, and of no other's unless that is asked for (`replacing`).
5. The model that the case teaches is written where `train` says, with its chart: weights and shares, and no person.
6. `to` is written whole or not at all: one line for every person of the registry who is to be notified or reviewed.
   Where it cannot be written, that is said before the registry is read, and nothing is left in the case.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from etanche import link, rows
from etanche.casefile import CaseFolder, Event, keys, secure_process
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.linking import models
from etanche.linking.cutting import cut
from etanche.linking.deciding import decided_of, weighed
from etanche.linking.families import family_mask
from etanche.linking.ground import file_name, ground_of, list_name
from etanche.linking.leaving import left_behind
from etanche.linking.listing import document_of, listed_persons, written
from etanche.linking.lists import MATCHES
from etanche.linking.registry import NAMES, opened
from etanche.linking.replacing import check_registry, replaced
from etanche.linking.requests import Linked, LinkRequest
from etanche.linking.sealing import outside, parquets, writable
from etanche.linking.search import search
from etanche.linking.timing import Steps
from etanche.model import Role
from etanche.renewal import finish_all, replace

_THREADS = 2


def link_registry(request: LinkRequest, config: Config) -> Linked:
    """Say which persons of a registry are in the leak of a case.

    Raises `UserError`: no ground (5), a case without rows (5), a registry that cannot be read (3) or linked (2).
    """
    secure_process()
    ground = ground_of(request, today := config.now().date())
    name = list_name(request)
    _check_places(request)
    steps = Steps()
    with CaseFolder.open(request.case, config) as case:
        if case.summary.data_purged is not None or case.summary.purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity = keys.unlock(case, config, request.keys)
        index = rows.read_index(case, identity)
        leaked = columns_of(read_census(case))
        if not any(column.kind in NAMES and column.role is Role.PATIENT for column in leaked):
            raise UserError("link_no_names", ExitCode.USAGE, path=str(request.case))
        unseal = partial(case.unseal, identity=identity)
        finish_all(case, unseal)
        reviewed = replaced(case, request, name)
        given = request.model or link.shipped()
        ground |= {"model": given.version} if request.model else {}
        case.log(Event.COMMAND, command="link", name=name, **ground)
        with Engine(config.threads or _THREADS, config.memory) as engine:
            steps.end("open")
            with ThreadPoolExecutor(1, thread_name_prefix="registry") as beside:
                # A process of its own opens and looks at the registry: the leak is read meanwhile.
                opening = beside.submit(opened, request, config)
                parts = cut(rows.stored_parts(case, identity, index))
                sides = {
                    "dump": lambda part: link.key_columns(link.side(part, leaked, today), registry=False),
                    "families": lambda part: family_mask(part, leaked),
                }
                loaded = engine.load(len(leaked), parts, sides)
                steps.end("leak")
                check_registry(case, request, name, next(iter(opening.result().sources()), None))
                steps.end("open")
                found = search(engine, loaded["dump"], request, opening.result(), steps, today)
            registry = found.registry
            _log_registry(case, request, name, registry.reading)
            request.progress("link", 0, 0)
            made = weighed(given, found.pairs, found.counts, found.rows, found.persons)
            trained = models.learnt(found, made.model, today) if request.train else None
            table, decided = decided_of(engine, found.pairs, registry.persons, made)
            listed = listed_persons(table, decided, registry)
            steps.end("decide")
            again = partial(rows.stored_parts, case, identity, index)
            left = left_behind(engine, loaded["families"], again, leaked, registry, table, decided, listed, made.model)
            steps.end("addressees")
        sealed = parquets({**left, MATCHES: listed})
        steps.end("pack")
        document = document_of(
            name, registry, listed, table, decided, given, "model" if made.model is given else "nirs", steps
        )
        result = f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode()
        counts = {each: document[each] for each in ("name", "notify", "review")}
        commit = partial(case.commit, Event.LINKED, reviewed, **counts)
        replace(case, unseal, file_name(name), sealed, result, commit, reviewed)
        _hand_out(request, config, sealed[MATCHES.rstrip("/")], trained)
    return Linked(document, ExitCode.DONE)


def _check_places(request: LinkRequest) -> None:
    """Refuse, before anything is read, places where nothing can or may be written."""
    if request.to is not None:
        outside(request.to, request.case)
    for place in filter(None, (request.to, request.train)):
        writable(place)


def _log_registry(case: CaseFolder, request: LinkRequest, name: str, reading: rows.Reading) -> None:
    for source in reading.sources[:1]:
        check_registry(case, request, name, source)
        case.log(Event.INPUT_READ, what="registry", name=name, sha256=source.sha256, size=source.size)


def _hand_out(request: LinkRequest, config: Config, listed: bytes, trained: link.Trained | None) -> None:
    """Write what was asked for outside the case."""
    if request.to is not None:
        written(request.to, listed)
    if request.train is not None and trained is not None:
        written(request.train, models.written(trained))
        chart = request.train.with_name(request.train.name + ".html")
        written(chart, models.chart(trained, config.language).encode())
