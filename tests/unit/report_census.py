"""A realistic made-up census, for the report's tests: the shape of the 2021 leak, no cell of anything real."""

from __future__ import annotations

from datetime import UTC, datetime

from etanche.model import (
    Category,
    Census,
    Column,
    Dialect,
    Document,
    HashCount,
    Kind,
    KindCount,
    Ledger,
    Passwords,
    QuarantineReason,
    Reason,
    Reuse,
    Role,
    Severity,
    Share,
    Source,
    Texts,
    TopicCount,
)
from etanche.report import Facts

ROWS = 491_840
PERSONS = 471_206
_P, _D, _S, _N = Role.PATIENT, Role.PRESCRIBER, Role.SPOUSE, Role.NONE

_COLUMNS: tuple[tuple[str, Kind, Role, int, int, int, float], ...] = (
    ("NUM_SS", Kind.NIR, _P, 489_838, 489_102, 468_911, 0.99),
    ("NOM_PAT", Kind.SURNAME, _P, 478_882, 478_882, 121_340, 0.97),
    ("NOM_NAISS", Kind.BIRTH_NAME, _P, 201_377, 201_377, 80_114, 0.9),
    ("PRENOM", Kind.FIRST_NAME, _P, 491_020, 490_881, 9_233, 0.98),
    ("SEXE", Kind.SEX, _P, 464_811, 464_811, 2, 0.99),
    ("CIVILITE", Kind.TITLE, _P, 491_102, 491_102, 6, 0.99),
    ("DT_NAISS", Kind.BIRTH_DATE, _P, 491_640, 491_211, 35_901, 0.98),
    ("ADRESSE_1", Kind.ADDRESS, _P, 470_338, 468_020, 291_338, 0.93),
    ("CP", Kind.POSTCODE, _P, 488_207, 487_919, 1_877, 0.97),
    ("VILLE", Kind.COMMUNE, _P, 488_207, 480_417, 2_310, 0.96),
    ("TEL_DOM", Kind.LANDLINE, _P, 270_569, 270_100, 201_478, 0.95),
    ("TEL_PORT", Kind.MOBILE, _P, 159_591, 159_591, 139_020, 0.97),
    ("MAIL", Kind.EMAIL, _P, 57_912, 57_840, 55_738, 0.99),
    ("GROUPE", Kind.BLOOD_GROUP, _P, 88_412, 88_412, 8, 0.98),
    ("GROSSESSE", Kind.PREGNANCY, _P, 9_120, 9_120, 2, 0.78),
    ("COMMENT_1", Kind.COMMENT, _P, 41_337, 41_337, 18_220, 0.88),
    ("COMMENT_2", Kind.COMMENT, _P, 12_030, 12_030, 8_004, 0.84),
    ("MUTUELLE", Kind.INSURER, _P, 301_338, 301_338, 412, 0.86),
    ("NOM_CONJ", Kind.SURNAME, _S, 30_220, 30_220, 20_110, 0.81),
    ("NOM_PRESC", Kind.SURNAME, _D, 490_337, 490_337, 6_330, 0.94),
    ("PRESC_CP", Kind.POSTCODE, _D, 489_900, 489_811, 610, 0.95),
    ("RPPS", Kind.RPPS, _D, 402_330, 402_330, 6_120, 0.99),
    ("MAIL_PRESC", Kind.EMAIL, _D, 22_110, 22_110, 337, 0.98),
    ("PRELEVEUR", Kind.DOCTOR, Role.SAMPLER, 310_332, 310_332, 402, 0.74),
    ("DT_PRELEV", Kind.SAMPLE_DATE, _P, 491_840, 491_840, 2_102, 0.99),
    ("DERN_VISITE", Kind.VISIT_DATE, _P, 480_330, 480_330, 2_330, 0.97),
    ("LABO", Kind.LABORATORY, Role.LABORATORY, 491_840, 491_840, 28, 0.99),
    ("LOGIN_WEB", Kind.LOGIN, _P, 15_102, 15_102, 15_099, 0.93),
    ("MDP_WEB", Kind.PASSWORD, _P, 14_997, 14_997, 12_004, 0.91),
    ("CLE_INTERNE", Kind.IDENTIFIER, _N, 491_840, 491_840, 491_840, 0.99),
    ("ZONE_LIBRE", Kind.EMPTY, _N, 0, 0, 0, 1.0),
    ("CODE_X", Kind.UNKNOWN, _N, 300_112, 300_112, 44, 0.2),
)


def columns() -> tuple[Column, ...]:
    """Return the columns' verdicts."""
    return tuple(
        Column(
            index,
            name,
            kind,
            role,
            confidence,
            Reason("header", (("header", kind.value), ("percent", round(100 * valid / filled) if filled else 0))),
            "%d/%m/%Y" if kind.value.endswith("_date") else "",
            filled,
            valid,
            distinct,
        )
        for index, (name, kind, role, filled, valid, distinct, confidence) in enumerate(_COLUMNS)
    )


def _months() -> dict[str, int]:
    shape = {2015: 0.03, 2016: 0.06, 2017: 0.12, 2018: 0.31, 2019: 0.38, 2020: 0.1}
    found = {}
    for year, share in shape.items():
        for month in range(1, 11 if year == 2020 else 13):
            found[f"{year}-{month:02}"] = round(
                ROWS * 0.95 * share / 12 * (0.55 if month == 8 else 1 + (month % 4) / 14)
            )
    return found


def _departements(scale: float) -> dict[str, int]:
    shares = {"56": 0.36, "45": 0.22, "27": 0.203, "22": 0.06, "35": 0.059, "41": 0.031, "28": 0.02, "76": 0.012}
    few = {"75": 904, "29": 702, "44": 688, "78": 401, "37": 300, "18": 140, "974": 22, "2A": 9, "13": 61, "59": 3}
    return {code: round(share * scale) for code, share in shares.items()} | few


def _counts() -> tuple[dict[Kind, KindCount], dict[Role, dict[Kind, KindCount]]]:
    totals: dict[Kind, KindCount] = {}
    roles: dict[Role, dict[Kind, KindCount]] = {}
    for _, kind, role, filled, valid, distinct, _ in _COLUMNS:
        for table in (totals, roles.setdefault(role, {})):
            held = table.get(kind, KindCount(0, 0, 0))
            table[kind] = KindCount(max(held.rows, filled), max(held.valid, valid), max(held.distinct, distinct))
    return totals, roles


def census() -> Census:
    """Return the whole census."""
    reasons = {QuarantineReason.TOO_FEW_CELLS: 211, QuarantineReason.NUL_BYTE: 12, QuarantineReason.CUT: 1}
    totals, by_role = _counts()
    labs = {"LABORATOIRE DES EMBRUNS": 121_669} | {
        f"LABO DE {name}": count
        for name, count in zip(
            ("LA RADE", "L'EURE", "LA LOIRE", "L'ODET", "LA FORET", "VANNES SUD", "DREUX", "TEST"),
            (88_410, 71_020, 64_331, 51_208, 40_112, 33_090, 21_997, 3),
            strict=True,
        )
    }
    ages = {
        "0-14": 24_110, "15-17": 9_020, "18-29": 61_300, "30-44": 98_044, "45-59": 104_201,
        "60-74": 108_220, "75-89": 57_001, "90+": 8_910, "unknown": 400,
    }  # fmt: skip
    return Census(
        ledger=Ledger(ROWS + 1 + 224 + 7, 1, ROWS, 7, ROWS, 224, reasons),
        persons=PERSONS,
        columns=columns(),
        counts=totals,
        counts_by_role=by_role,
        sexes={"F": 268_983, "M": 195_828},
        titles={"MME": 250_110, "M": 226_820, "ENFANT": 13_478, "BEBE": 425, "SOEUR": 265, "DR": 4},
        dates={
            Kind.BIRTH_DATE: ("1911-02-03", "2020-09-30"),
            Kind.SAMPLE_DATE: ("2015-01-02", "2020-10-30"),
            Kind.VISIT_DATE: ("2015-01-02", "2020-10-31"),
        },
        departements={_P: _departements(488_207), _D: _departements(489_900)},
        sample_months=_months(),
        laboratories=labs,
        age_bands=ages,
        minors=33_130,
        roles={_P: PERSONS, _S: 20_110, _D: 6_330, Role.SAMPLER: 402, Role.INSURED: 33_004},
        categories={
            Category.ORDINARY: PERSONS, Category.NIR: 468_911, Category.HEALTH: 122_030, Category.GENETIC: 31,
            Category.SEX_LIFE: 2, Category.CREDENTIALS: 14_998, Category.FINANCIAL: 0,
        },
        topics={
            "pregnancy": TopicCount(9_044, 1_202), "treatment": TopicCount(14_201, 330),
            "cancer": TopicCount(2_120, 88),
            "diabetes": TopicCount(3_402, 402), "hiv": TopicCount(611, 1_930), "hepatitis": TopicCount(402, 702),
            "genetic": TopicCount(31, 4), "disability": TopicCount(120, 0), "psychiatric": TopicCount(233, 12),
            "addiction": TopicCount(3, 0),
        },
        topic_rows={"hiv": TopicCount(622, 2_004), "cancer": TopicCount(2_230, 90)},
        combinations={
            "nir_birth_date_address": Share(449_120, PERSONS, "persons"),
            "identity_full": Share(452_008, PERSONS, "persons"),
            "health_contact": Share(98_120, PERSONS, "persons"),
            "hiv_name": Share(598, PERSONS, "persons"),
            "password_email": Share(13_902, PERSONS, "persons"),
            "password_reused": Share(2_993, 14_997, "rows"),
            "password_weak": Share(9_120, PERSONS, "persons"),
            "nir_name": Share(449_120, PERSONS, "persons"),
            "health_name": Share(120_030, PERSONS, "persons"),
            "name_contact": Share(320_030, PERSONS, "persons"),
        },
        plausibility={
            "nir_sex": Share(461_220, 462_003, "rows"),
            "nir_birth_date": Share(480_101, 488_730, "rows"),
            "postcode_commune": Share(470_012, 488_207, "rows"),
        },
        severity=Severity(
            4, 1.0, 1.0, 5.0, "very_high",
            (
                Reason("dpc_sensitive", (("points", 4), ("kinds", "blood_group, comment, pregnancy"))),
                Reason("ei_full_identity", (("points", 1.0), ("kinds", "nir, surname, birth_date"))),
                Reason("cb_confidentiality_unknown_recipients", (("points", 0.5),)),
                Reason("cb_malicious", (("points", 0.5),)),
            ),
            ("over_100_persons",),
        ),
        passwords=Passwords(
            accounts=14_997, persons=14_990, distinct=12_004, weak_accounts=9_130, weak_patients=9_120,
            weak={"short": 7_001, "one_class": 6_120, "common": 902, "login": 3, "name": 310, "birth_date": 51},
            reused=Reuse(221, 2_995, 2_993, 2_993, 61),
            hashes={"md5": HashCount(1_203, 1_190, 22, False, "none"), "bcrypt": HashCount(3, 3, 0, True, "slow")},
        ),
        categories_by_role={
            _D: {Category.ORDINARY: 6_330}, _S: {Category.ORDINARY: 20_110}, Role.STAFF: {Category.CREDENTIALS: 3},
        },
        combinations_by_role={_D: {"name_contact": Share(402, 6_330, "persons")}},
        texts=Texts(
            rows=53_367,
            distinct=26_224,
            found={
                Kind.FULL_NAME: KindCount(3_120, 3_120, 2_940), Kind.MOBILE: KindCount(1_330, 1_329, 1_201),
                Kind.NIR: KindCount(6, 2, 6), Kind.PASSWORD: KindCount(3, 3, 3),
            },
            documents=(Document(0, 12, {"hiv": TopicCount(1, 0)}, {Kind.FULL_NAME: 3, Kind.NIR: 1}),),
        ),
    )  # fmt: skip


def facts() -> Facts:
    """Return the frame of the report."""
    source = Source(
        "leaks/export_2020.zip", "patients/export_final.txt", "delimited", 98_442_110, "9f" * 32, "cp1252",
        Dialect(";"), True,
    )  # fmt: skip
    return Facts(
        case_id="2021-02-23-a41c",
        version="0.1.0",
        made_at=datetime(2021, 2, 23, 16, 4, 11, tzinfo=UTC),
        sources=(source,),
        custody_head="c3" * 32,
        acquisition={"from_whom": "CERT", "when": "2021-02-23", "ground": "controller's own data"},
        key_statement="keyring",
    )
