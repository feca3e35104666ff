"""Splink 5 and recordlinkage on the sets of `bench/persons.py`: the settings of their own demos and guides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from etanche.link.within_clusters import groups

Ints = Any


def recordlinkage_of(frame: Any, first: int | None) -> tuple[Ints, Ints]:
    """Return clusters (of one file) or pairs (of two) as recordlinkage's guide makes them."""
    import recordlinkage

    index = recordlinkage.Index()
    for field in ("given_name", "surname", "date_of_birth", "soc_sec_id", "postcode"):
        index.block(field)
    one, other = (frame, None) if first is None else (frame.iloc[:first], frame.iloc[first:])
    pairs = index.index(one) if other is None else index.index(one, other)
    compare = recordlinkage.Compare()
    for field in ("given_name", "surname", "address_1", "suburb"):
        compare.string(field, field, method="jarowinkler", threshold=0.85)
    for field in ("date_of_birth", "soc_sec_id", "postcode", "state", "street_number"):
        compare.exact(field, field)
    found = compare.compute(pairs, one) if other is None else compare.compute(pairs, one, other)
    matches = recordlinkage.ECMClassifier().fit_predict(found)
    left, right = (matches.get_level_values(place).to_numpy().astype(np.int64) for place in (0, 1))
    return (groups(len(frame), left, right), right) if first is None else (left, right)


def splink_febrl(frame: Any, first: int | None) -> tuple[Ints, Ints]:
    """Return clusters or pairs with the settings of Splink's FEBRL demos."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    frame = frame.assign(unique_id=range(len(frame)))
    frame["date_of_birth"] = (
        frame["date_of_birth"].astype("string").str.replace(r"(\d{4})(\d{2})(\d{2})", r"\1-\2-\3", regex=True)
    )
    rules = [
        block_on("soc_sec_id"), block_on("given_name", "surname"), block_on("date_of_birth"),
        block_on("given_name", "postcode"), block_on("surname", "postcode"), block_on("address_1"),
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only" if first is None else "link_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=False,
    )
    tables = frame if first is None else [frame.iloc[:first], frame.iloc[first:]]
    return splink_run(tables, settings, (block_on("date_of_birth"), block_on("postcode")),
                      [block_on("given_name", "surname"), block_on("soc_sec_id")], first, len(frame))  # fmt: skip


def splink_run(tables: Any, settings: Any, trained: Sequence[Any], certain: Sequence[Any],
               first: int | None, count: int, least: float = 0.5) -> tuple[Ints, Ints]:  # fmt: skip
    """Train, predict, cluster: what Splink's tutorials do, without their charts."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI()
    given = api.register(tables) if first is None else [api.register(table) for table in tables]
    linker = Linker(given, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in trained:
        # Its own default looks at one row in a hundred, too few of such small tables.
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    found = linker.inference.predict(threshold_match_probability=0.001 if first is None else least)
    if first is None:
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(found, least).as_pandas_dataframe()
        label = np.empty(count, np.int64)
        label[made["unique_id"].to_numpy().astype(np.int64)] = made["cluster_id"].astype("category").cat.codes
        return label, label
    pairs = found.as_pandas_dataframe().sort_values("match_weight", ascending=False)
    pairs = pairs.drop_duplicates("unique_id_l").drop_duplicates("unique_id_r")
    left, right = (pairs[f"unique_id_{side}"].to_numpy().astype(np.int64) for side in "lr")
    return np.minimum(left, right), np.maximum(left, right)


def recordlinkage_historical(table: pa.Table) -> Ints:
    """Return clusters by the same guide."""
    import recordlinkage

    frame = table.to_pandas()
    index = recordlinkage.Index()
    for fields in (["surname", "dob"], ["first_name", "dob"], ["surname", "postcode_fake"],
                   ["first_name", "postcode_fake"], ["first_name", "surname"]):  # fmt: skip
        index.block(fields)
    pairs = index.index(frame)
    compare = recordlinkage.Compare()
    for field in ("first_name", "surname", "birth_place"):
        compare.string(field, field, method="jarowinkler", threshold=0.85)
    for field in ("dob", "postcode_fake", "occupation"):
        compare.exact(field, field)
    matches = recordlinkage.ECMClassifier().fit_predict(compare.compute(pairs, frame))
    left, right = (matches.get_level_values(place).to_numpy().astype(np.int64) for place in (0, 1))
    return groups(len(frame), left, right)


def splink_historical(table: pa.Table) -> Ints:
    """Return clusters with the settings of Splink's demo of this set."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    frame = table.to_pandas().assign(unique_id=range(table.num_rows))
    rules = [
        block_on("substr(first_name,1,3)", "substr(surname,1,4)"), block_on("surname", "dob"),
        block_on("first_name", "dob"), block_on("postcode_fake", "first_name"), block_on("postcode_fake", "surname"),
        block_on("dob", "birth_place"), block_on("substr(postcode_fake,1,3)", "dob"),
        block_on("substr(postcode_fake,1,3)", "first_name"), block_on("substr(postcode_fake,1,3)", "surname"),
        block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
    ]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=False,
    )
    trained = (block_on("first_name", "surname"), block_on("dob"))
    certain = [
        block_on("first_name", "surname", "dob"),
        block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
        block_on("dob", "postcode_fake"),
    ]
    return splink_run(frame, settings, trained, certain, None, len(frame), 0.95)[0]
