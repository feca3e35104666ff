"""Topics of comments: the rules of stance one by one, offsets, spelling, and what must not ring."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from etanche import lexicon
from etanche.errors import UserError
from etanche.model import Category, Stance
from etanche.recognise.texts import TOPICS, scan, topics
from etanche.recognise.topics.dictionary import Cue, dictionary
from etanche.recognise.topics.pieces import Seams
from etanche.recognise.topics.spelling import fold
from etanche.words import LANGUAGES, Words


def said(text: str) -> set[tuple[str, str]]:
    return {(topic, str(stance)) for topic, stance in topics([text])[0]}


@pytest.mark.parametrize(
    ("text", "topic", "stance"),
    [
        ("VIH+", "hiv", "affirmed"),
        ("VIH-", "hiv", "negated"),
        ("VIH (-)", "hiv", "negated"),
        ("VIH +/-", "hiv", "uncertain"),
        ("VIH+ ?", "hiv", "uncertain"),
        ("recherche VIH négative", "hiv", "negated"),
        ("bilan VIH", "hiv", "uncertain"),
        ("bilan diabète", "diabetes", "affirmed"),
        ("ATCD cancer", "cancer", "past"),
        ("VIH connu 2009", "hiv", "affirmed"),
        ("cancer 2009", "cancer", "past"),
        ("mère non diabétique", "diabetes", "other_person"),
        ("cancer chez la mère", "cancer", "other_person"),
        ("VIH+ ne pas dire au conjoint", "hiv", "affirmed"),
        ("appeler sa fille : diabétique", "diabetes", "affirmed"),
        ("pas à jeun, diabétique", "diabetes", "affirmed"),
        ("enceinte rh neg", "pregnancy", "affirmed"),
        ("séronégatif VIH", "hiv", "negated"),
        ("VIH séronégatif", "hiv", "negated"),
        ("dépistage VIH séronégatif", "hiv", "negated"),
        ("séronégatif VHC", "hepatitis", "negated"),
        ("toxo séronégative enceinte", "pregnancy", "affirmed"),
        ("séronégatif rubéole VIH+", "hiv", "affirmed"),
        ("caryotype anormal", "genetic", "affirmed"),
        ("caryotype normal", "genetic", "negated"),
        ("caryotype à faire", "genetic", "uncertain"),
        ("enceinte, résultats au labo", "pregnancy", "affirmed"),
        ("domicile - frère VIH+", "hiv", "other_person"),
        ("enceinte - VIH +", "pregnancy", "affirmed"),
    ],
)
def test_stance(text: str, topic: str, stance: str) -> None:
    assert (topic, stance) in said(text)


def test_signs_belong_to_their_own_term() -> None:
    assert said("VIH- VHC+") == {("hiv", "negated"), ("hepatitis", "affirmed")}
    assert said("HIV - HCV +") == {("hiv", "negated"), ("hepatitis", "affirmed")}
    assert said("séronégatif VIH, VHC+") == {("hiv", "negated"), ("hepatitis", "affirmed")}
    assert said("séronégatif VIH VHC") == {("hiv", "negated"), ("hepatitis", "negated")}
    assert said("VIH-VHC neg") == {("hiv", "negated"), ("hepatitis", "negated")}


def test_a_clause_ends_a_cue() -> None:
    assert said("pas de grossesse. VIH+") == {("pregnancy", "negated"), ("hiv", "affirmed")}
    assert said("pas de grossesse mais VIH+") == {("pregnancy", "negated"), ("hiv", "affirmed")}
    assert said("conjoint VIH+, patiente VIH-") == {("hiv", "other_person"), ("hiv", "negated")}


def test_a_list_shares_its_cue() -> None:
    assert said("pas de VIH, hépatite ni syphilis") == {
        ("hiv", "negated"),
        ("hepatitis", "negated"),
        ("sexual_health", "negated"),
    }


def test_offsets_lie_on_the_words_of_the_original() -> None:
    text = "Œdème ; sœur ALLÉE : hépatite C, VIH+"
    found = {text[mention.start : mention.end] for mention in scan([text])[0]}
    assert found == {"hépatite C", "VIH"}


def test_ligatures_and_accents_are_read() -> None:
    assert ("disability", "affirmed") in said("SURDITÉ")
    assert ("cancer", "affirmed") in said("K ŒSOPHAGE")
    assert fold("Œuf É ＋ İ") == "euf e + i"


@pytest.mark.parametrize("sign", [" / ", ", "])
def test_what_vetoes_a_term_does_not_reach_another_remark(sign: str) -> None:
    assert ("addiction", "affirmed") in said(f"allergie latex{sign}alcoolique")
    assert ("addiction", "negated") in said(f"pas d'alcool{sign}allergie pénicilline")
    assert ("disability", "affirmed") in said(f"prélèvement difficile{sign}surdité")
    assert said(f"vaccin grippe{sign}hépatite B") == set()
    assert said("allergie à l'alcool") == {("allergy", "affirmed")}


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("mucovicidose", "genetic"),
        ("mucovissidose", "genetic"),
        ("hémochromatoze", "genetic"),
        ("drépanocitoz", "genetic"),
        ("hépathite", "hepatitis"),
        ("bipolair", "psychiatric"),
        ("schyzofrène", "psychiatric"),
        ("toxicomanne", "addiction"),
        ("tuberculoze", "infection"),
        ("hypothiroidie", "thyroid"),
        ("cancr", "cancer"),
        ("LASILX", "treatment"),
        ("enseinte", "pregnancy"),
        ("VIIH", "hiv"),
        ("metphormine", "diabetes"),
    ],
)
def test_sounds_and_one_letter_lead_to_the_term(typed: str, topic: str) -> None:
    assert topic in {name for name, _ in said(typed)}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a jeun. vih", ["a jeun", "vih"]),
        ("domicile - vih ? - urgent", ["domicile", "vih ?", "urgent"]),
        ("hep. c", ["hep. c"]),
        ("dr. cancer", ["dr. cancer"]),
        ("vih - vhc +", ["vih - vhc +"]),
        ("sero - le 12/03", ["sero - le 12/03"]),
        ("vih+. fatigue - urgent", ["vih+", "fatigue - urgent"]),
    ],
)
def test_a_comment_is_cut_between_remarks(text: str, pieces: list[str]) -> None:
    cut = Seams(dictionary()).cut(text)
    assert [piece for _, piece in cut] == pieces
    assert all(text[offset:].startswith(piece) for offset, piece in cut)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("c'est sa belle-mère, qui vit avec eux, qui a la tuberculose", {("infection", "other_person")}),
        ("parle de son fils qui prend de l'insuline", {("diabetes", "other_person"), ("treatment", "other_person")}),
        ("voir avec sa fille qui a son traitement", {("treatment", "affirmed")}),
        ("pas de diabète, c'est sa soeur qui en a", {("diabetes", "negated"), ("diabetes", "other_person")}),
        ("diabète : c'est sa femme", {("diabetes", "other_person")}),
        ("VIH connu, c'est son mari qui vient aux résultats", {("hiv", "affirmed")}),
        ("mère asthmatique mais sous traitement", {("respiratory", "other_person"), ("treatment", "other_person")}),
        ("le cancer de la patiente est considéré comme guéri", {("cancer", "past")}),
    ],
)
def test_whose_it_is_over_clauses(text: str, pairs: set[tuple[str, str]]) -> None:
    assert said(text) == pairs


@pytest.mark.parametrize("typed", ["LEVOTYROX", "levothirox", "epatite B", "grosesse", "shizophrene", "chlamidia"])
def test_misspellings_are_read(typed: str) -> None:
    assert said(typed)


@pytest.mark.parametrize(
    "text",
    [
        "HIVER",
        "positif",
        "KARINE K",
        "K+ 4.5",
        "VITAMINE K",
        "SEROLOGIE RUBEOLE",
        "toxo séronégative",
        "enceinte acoustique",
        "Dr CANCEL",
        "Dr CANCER",
        "M. SIDA",
        "Mme VIE",
        "rue du Sourd",
        "venir le 12 sa mère accompagne",
        "06 12 34 56 78",
        "vaccin hépatite B",
        "CALCIUM",
        "fracture du bras",
        "GROSSES VEINES",
        "a déménagé en 2012",
        "générique accepté",
        "infirmiers à 8h",
        "saignement de nez",
        "arthrite du genou",
        "enceinte de l'hôpital",
        "toxo, séronégative",
        "",
        " \n\t",
    ],
)
def test_false_alarms(text: str) -> None:
    assert scan([text]) == [()]


@pytest.mark.parametrize(
    ("names", "most"),
    [(lexicon.surnames, 0.0006), (lexicon.first_names, 0.0003), (lexicon.commune_names, 0.001)],
)
def test_names_hardly_ring(names: object, most: float) -> None:
    every = sorted(names())  # type: ignore[operator]
    sample = every[:: max(1, len(every) // 30_000)]
    rung = sum(map(bool, scan(sample)))
    assert rung / len(sample) <= most


def test_medicines_of_the_official_list_are_treatments() -> None:
    names = sorted(name for name in lexicon.medicine_names() if name.isalpha() and len(name) > 6)
    said_by = topics(names)
    found = sum(any(topic == "treatment" for topic, _ in pairs) for pairs in said_by)
    assert found / len(names) > 0.97


def test_a_medicine_that_is_a_plain_word_needs_a_word_of_treatment() -> None:
    assert scan(["dosage PROGESTERONE"]) == [()]
    assert ("treatment", "affirmed") in said("sous progesterone")


def test_topics_carry_the_categories_of_the_law() -> None:
    assert TOPICS["hiv"].category is Category.HEALTH
    assert TOPICS["genetic"].category is Category.GENETIC
    assert TOPICS["abortion"].category is TOPICS["sexual_health"].category is Category.SEX_LIFE
    assert TOPICS["custody"].category is Category.OFFENCES
    assert TOPICS["family"].category is TOPICS["social"].category is Category.ORDINARY


def test_every_term_of_the_dictionary_is_found_as_written() -> None:
    """A term that its own text does not reach would be dead weight, or shadowed by another phrase."""
    folder = resources.files("etanche") / "recognise" / "data"
    files = [tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in ("topics.toml", "diseases.toml")]
    missed = []
    for entry in (entry for file in files for entry in file["entry"]):
        for term in entry["terms"]:
            if "{" in term:
                continue
            text = term.replace("#", "12").replace("*", "") + (" +" if entry.get("result") else "")
            text = f"ATCD {text}" if entry.get("cued") else text
            text = f"VIH, {text}" if entry.get("company") else text
            found = {topic for topic, _ in topics([text])[0]}
            if not found & set(entry["topics"]):
                missed.append(text)
    assert missed == []


def test_the_page_names_every_topic_with_its_chapters_and_examples_that_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "topics.md").read_text(encoding="utf-8")
    lines = page.partition("## Stances")[0].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]
    assert [row[0].strip("`") for row in rows] == [*TOPICS]
    for name, _, chapters, examples in rows:
        topic = TOPICS[name.strip("`")]
        assert chapters == (", ".join(topic.chapters) or "–")
        for example in examples.split("; "):
            assert topic.name in {said_topic for said_topic, _ in said(example)}, example


def test_mentions_carry_codes() -> None:
    found = {(mention.topic, mention.code) for mention in scan(["sous metformine, angioplastie, VIH+, Levothyrox"])[0]}
    assert {("treatment", "A10B"), ("cardiac", "I20-I25"), ("hiv", "B20-B24"), ("treatment", "H03A")} <= found


def test_a_medicine_gives_its_disease_away_unless_denied_or_named() -> None:
    assert said("sous Triumeq") == {("hiv", "affirmed"), ("treatment", "affirmed")}
    assert said("pas d'insuline") == {("treatment", "negated")}
    assert said("sous Kardegic") == {("treatment", "affirmed")}
    assert said("diabète de type 2 ?, metformine") == {("diabetes", "uncertain"), ("treatment", "affirmed")}
    assert ("hiv", "affirmed") in said("arrêt Biktarvy")


def test_no_name_of_a_medicine_is_written_twice() -> None:
    folder = resources.files("etanche") / "recognise" / "data"
    classes = tomllib.loads((folder / "medicines.toml").read_text(encoding="utf-8"))["class"]
    names = [name for one in classes for key in ("substances", "brands", "sure") for name in one.get(key, ())]
    assert len(names) == len(set(names))
    files = [tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in ("topics.toml", "diseases.toml")]
    terms = {term for file in files for entry in file["entry"] for term in entry["terms"]}
    assert terms & set(names) == set()


@pytest.mark.parametrize(
    ("text", "topic", "stance"),
    [
        ("antibio avant le prélèvement : non", "treatment", "negated"),
        ("VIH exclu par PCR", "hiv", "negated"),
        ("X fragile recherche", "genetic", "uncertain"),
        ("père hémochromatose, dépistage", "genetic", "uncertain"),
        ("mère VIH+, PCR neg", "hiv", "negated"),
        ("conjoint séropo, elle négative", "hiv", "negated"),
        ("HTA traitée", "cardiac", "affirmed"),
        ("ex toxico VIH +", "hiv", "affirmed"),
        ("K sein 10 ans, rémission complète", "cancer", "past"),
        ("I.V.G. 2010", "abortion", "past"),
        ("parents divorcés", "family", "affirmed"),
        ("pas de K", "cancer", "negated"),
        ("ATCD EP", "cardiac", "past"),
        ("PSA", "cancer", "uncertain"),
    ],
)
def test_stances_of_the_second_set(text: str, topic: str, stance: str) -> None:
    assert (topic, stance) in said(text)


def test_every_list_of_cues_has_a_bit() -> None:
    file = resources.files("etanche") / "recognise" / "data" / "cues.toml"
    lists = tomllib.loads(file.read_text(encoding="utf-8"))
    bits = [getattr(Cue, name.upper()) for name in lists if name != "sets"]
    assert len(set(bits)) == len(bits)
    assert dictionary() is dictionary()


def test_a_user_adds_a_dictionary(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[topic.prion]\ncategory = "health"\n[[entry]]\ntopics = ["prion"]\nterms = ["kuru"]\n',
        encoding="utf-8",
    )
    found = scan(["mère Kuru", "VIH+"], (own,))
    assert [[(mention.topic, mention.stance) for mention in mentions] for mentions in found] == [
        [("prion", Stance.OTHER_PERSON)],
        [("hiv", Stance.AFFIRMED)],
    ]
    assert scan(["Kuru"]) == [()]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "topics_unreadable"),
        (b"[[entry", "topics_unreadable"),
        (b'[[entry]]\ntopics = ["none"]\nterms = ["x"]\n', "topics_malformed"),
        (b'[[entry]]\ntopics = ["hiv"]\n', "topics_malformed"),
        (b'entry = "hiv"\n', "topics_malformed"),
    ],
)
def test_a_bad_dictionary_is_a_users_error(tmp_path: Path, content: bytes, code: str) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(content)
    with pytest.raises(UserError) as caught:
        scan(["VIH"], (own,))
    assert caught.value.code == code
    for language in LANGUAGES:
        assert "own.toml" in Words(language)(f"errors.{code}", **caught.value.params)


def test_distinct_pairs_are_given_once() -> None:
    assert topics(["cancer, cancer du sein"]) == [(("cancer", Stance.AFFIRMED),)]


def test_a_letter_is_read_to_its_end() -> None:
    assert len(scan(["VIH + " * 5_000])[0]) == 5_000
    assert [mention.topic for mention in scan(["bonjour " * 10_000 + "VIH"])[0]] == ["hiv"]
    assert scan(["a" * 99_999]) == [()]
