"""The 28 controllers of the replica, with every column that the response may ask for.

Rules:

1. All are made up; names, telephones and addresses can be nobody's.  The days are those of February 2021.
2. What real files hold is there: moments to the minute, to the day, between two, unknown; some things filed, some late,
   most not; cells that nobody has filled.
3. What only a court or an investigator should know (`published_at`) is never filled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from etanche.replica.places import Laboratory, laboratories, laboratory_rows
from etanche.replica.vocabulary import vocabulary

_FIRST_NAMES = ("ANNE", "PAUL", "LUCIE", "MARC", "CLAIRE", "HUGO", "NADIA")
_PROCESSOR = 0
"""The vendor that all have in common."""
_PACKS = ("nis2_warning", "nis2_notification", "nis2_report", "cra_warning", "cra_notification")
_AWARE = ("2021-02-24 10:{minute:02d}", "2021-02-24", "2021-02-23 18:00 .. 2021-02-24 09:{minute:02d}", "unknown")
_REASONS = (
    "un extrait communiqué par la presse porte des dossiers du laboratoire",
    "l'éditeur a confirmé que le fichier vient de son logiciel",
    "des patients ont reconnu leurs données",
    "",
)
_DESCRIPTION = (
    "Un fichier de dossiers administratifs et médicaux de patients circule sur internet. Il paraît venir d'exports "
    "du logiciel de gestion du laboratoire."
)
_CONSEQUENCES = (
    "Perte de contrôle des données, hameçonnage et usurpation d'identité facilités, révélation d'informations "
    "couvertes par le secret professionnel."
)
_AFTER = "Mots de passe révoqués, exports suspendus, accès de télémaintenance fermés, recherche des copies en cours."


def controllers(rng: np.random.Generator, rows: int) -> dict[str, pa.StringArray]:
    """Return the 28 controllers, a column each of what a controllers file may hold."""
    own, lists = laboratories(), vocabulary()
    streets = rng.integers(0, len(lists["street_names"]), len(own)).tolist()
    staff = [str(number) for number in rng.integers(12, 240, len(own)).tolist()]
    counts = [str(number) for number in laboratory_rows(rows)]
    vendor = lists["vendors"][_PROCESSOR]
    insurers = [each for each in lists["cover"] if each.startswith("Assureur")]

    def officer(i: int) -> str:
        return f"{_FIRST_NAMES[i % 7]} {lists['stems'][-1 - i]}"

    def filed(i: int, every: int, text: str) -> str:
        """Return what one in `every` has filed."""
        return text if i % every == 0 else ""

    cells: dict[str, Callable[[int, Laboratory], str]] = {
        "code": lambda _, lab: lab.code,
        "name": lambda _, lab: lab.name,
        "siren": lambda _, lab: lab.siren,
        "finess": lambda _, lab: lab.finess,
        "address": lambda i, _: f"{2 * i + 1} RUE {lists['street_names'][streets[i]]}",
        "postcode": lambda _, lab: lab.postcode,
        "commune": lambda _, lab: lab.town,
        "departement": lambda _, lab: lab.departement,
        "time_zone": lambda _, __: "Europe/Paris",
        "jurisdiction": lambda _, __: "france",
        "sector": lambda _, __: "private",
        "activity": lambda _, __: "8690B",
        "staff": lambda i, _: staff[i],
        "phone": lambda i, _: f"019900{9_900 + i:04d}",
        "email": lambda _, lab: f"contact@{lab.code.lower()}.example.org",
        "representative": lambda i, _: f"{_FIRST_NAMES[(i + 3) % 7]} {lists['stems'][-2 - i]}",
        "representative_title": lambda i, _: ("présidente", "directeur général", "biologiste responsable")[i % 3],
        "dpo_name": lambda i, _: officer(i),
        "dpo_email": lambda _, lab: f"dpo@{lab.code.lower()}.example.org",
        "dpo_phone": lambda i, _: f"019900{9_950 + i:04d}",
        "reporter": lambda i, _: officer(i),
        "reporter_contact": lambda i, lab: f"dpo@{lab.code.lower()}.example.org, 019900{9_950 + i:04d}",
        "help_line": lambda i, _: f"019900{9_900 + i:04d}",
        "website": lambda _, lab: f"https://{lab.code.lower()}.example.org/information",
        "insurer": lambda i, _: "" if i % 7 == 3 else insurers[i % len(insurers)],
        "policy": lambda i, _: "" if i % 7 == 3 else f"CYB-2020-{100 + i:05d}",
        "processor": lambda _, __: vendor,
        "processor_contact": lambda _, __: "securite@editeur.example.org, 0199009999",
        "mandate": lambda i, _: f"MANDAT-2021-{i + 1:03d}",
        "registry": lambda _, lab: f"registries/{lab.code}.csv",
        "laboratory_codes": lambda _, lab: lab.code,
        "rows": lambda i, _: counts[i],
        "aware": lambda i, _: _AWARE[i % 4].format(minute=2 * i),
        "aware_reason": lambda i, _: _REASONS[i % 4],
        "attack_known": lambda i, _: "unknown" if i % 4 == 3 else f"2021-02-23 16:{2 * i:02d}",
        "processor_aware": lambda _, __: "2021-02-23 15:00",
        "breach_start": lambda i, _: "unknown" if i % 3 else "2019-10-01 .. 2020-10-31",
        "breach_end": lambda _, __: "unknown",
        "found_how": lambda _, __: "article de presse du 23 février 2021",
        "found_by": lambda i, _: ("press", "processor", "person")[i % 3],
        "origin": lambda i, _: "" if i % 4 == 3 else "exfiltration",
        "cause": lambda i, _: "external_malicious" if i % 2 else "unknown",
        "description": lambda _, __: _DESCRIPTION,
        "systems": lambda _, __: f"Logiciel de gestion de laboratoire de {vendor} et ses exports",
        "place": lambda _, lab: lab.town,
        "published_at": lambda _, __: "",
        "ransom": lambda i, _: "" if i % 3 else "no",
        "measures_before": lambda i, _: "Accès nominatifs, sauvegardes chiffrées" if i % 2 else "",
        "consequences": lambda _, __: _CONSEQUENCES,
        "gravity": lambda i, _: "maximal" if i % 3 == 0 else "",
        "damage": lambda _, __: "",
        "measures_after": lambda _, __: _AFTER,
        "cross_border": lambda _, __: "no",
        "prosecutor": lambda _, __: "Paris",
        "delay_reason": lambda i, _: "la liste des patients concernés est arrivée le 2 mars" if i % 10 == 5 else "",
        "cnil_filed": lambda i, _: "2021-03-02 11:00" if i % 10 == 5 else filed(i, 5, "2021-02-26 17:30"),
        "cnil_receipt": lambda i, _: filed(i, 5, f"FICTIF-{i + 1:04d}"),
        "persons_filed": lambda i, _: filed(i, 10, "2021-03-05"),
        "persons_receipt": lambda i, _: filed(i, 10, f"bordereau {i + 1}"),
        "register_filed": lambda i, _: filed(i, 2, "2021-02-25"),
        "register_receipt": lambda i, _: filed(i, 2, f"2021-{i + 1:02d}"),
        "health_agency_filed": lambda i, _: filed(i, 6, "2021-02-25 09:30"),
        "health_agency_receipt": lambda i, _: filed(i, 12, f"S-{i + 1:04d}"),
        "complaint_filed": lambda i, _: filed(i, 4, "2021-02-25 14:00"),
        "complaint_receipt": lambda i, _: filed(i, 4, f"PV 2021/{i + 1:05d}"),
        "insurer_filed": lambda i, _: filed(i, 4, "2021-02-25 18:00"),
        "insurer_receipt": lambda i, _: filed(i, 8, f"SIN-{i + 1:04d}"),
        "processor_filed": lambda i, _: "2021-02-24 08:30" if i % 2 == 0 else "",
        "processor_receipt": lambda i, _: f"AVIS-{i + 1:03d}" if i % 2 == 0 else "",
    }
    cells |= dict.fromkeys([f"{duty}_{part}" for duty in _PACKS for part in ("filed", "receipt")], lambda _, __: "")
    return {name: pa.array([cell(i, lab) for i, lab in enumerate(own)], pa.string()) for name, cell in cells.items()}
