"""What gives the outcome away is said, with its figure, its threshold and its columns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from receivables.fitting import WARNING_CODES, Gravity, examine

from .worlds import customers, dated, leaking


def _found(frame, code, **given):
    return [one for one in examine(frame, target="failed", **given) if one.code == code]


def test_clean_data_have_no_grave_warning():
    """Made-up customers whose columns are honest."""
    grave = [one for one in examine(customers(), target="failed") if one.gravity is Gravity.GRAVE]

    assert [] == grave


def test_gaps_that_tell_the_outcome_are_found():
    """One by one, and all together out of fold, without a look at any value."""
    (alone,) = _found(leaking(), "missing.tells-outcome")
    (pattern,) = _found(leaking(), "missing.pattern-tells-outcome")

    assert ("rating",) == alone.columns
    assert alone.figure > 0.75
    assert pattern.figure > 0.75
    assert "rating is missing" in str(alone)


def test_gaps_by_chance_are_not():
    """A third of the values missing at random is no leak."""
    frame = customers()
    frame["margin"] = frame["margin"].where(np.random.default_rng(3).random(len(frame)) > 0.3)

    assert [] == _found(frame, "missing.tells-outcome")
    assert [] == _found(frame, "missing.pattern-tells-outcome")


def test_incomplete_rows_may_be_another_population():
    """The share of bad ones differs between complete and incomplete rows."""
    (one,) = _found(leaking(), "population.incomplete-differs")

    assert Gravity.GRAVE is one.gravity


def test_a_column_that_is_the_outcome_is_found():
    """An AUC above 0.95 of a single column."""
    frame = customers()
    frame["days_late"] = frame["failed"] * 90 + np.arange(len(frame)) % 30

    (one,) = _found(frame, "column.predicts-too-well")

    assert ("days_late",) == one.columns
    assert one.figure > one.threshold == 0.95


def test_columns_that_nearly_repeat_each_other_are_found():
    """A figure that two sources give to different digits, one source for the failed."""
    frame = customers()
    failed = frame["failed"] == 1
    frame["turnover"] = np.where(failed, frame["sales"] * 1.01, frame["sales"])

    (one,) = _found(frame, "columns.repeat-each-other")

    assert ("sales", "turnover") == one.columns


def test_columns_that_repeat_each_other_for_all_are_not():
    """The same figure in other units tells nothing."""
    frame = customers()
    frame["thousands"] = frame["sales"] / 1_000

    assert [] == _found(frame, "columns.repeat-each-other")


def test_days_after_the_observation_were_not_known():
    """A column of dates that lies later in some rows."""
    frame = dated()
    frame["written_off_on"] = [
        day + dt.timedelta(days=60) if failed else None
        for day, failed in zip(frame["observed"], frame["failed"], strict=True)
    ]

    (one,) = _found(frame, "column.known-later", date="observed")

    assert ("written_off_on",) == one.columns


def test_periods_may_differ():
    """In the share of bad rows, in a column, and in all together."""
    frame = dated()
    late = frame["observed"] > dt.date(2025, 1, 1)
    frame.loc[late, "margin"] += 15
    frame.loc[late & (np.arange(len(frame)) % 3 == 0), "failed"] = 1

    assert _found(frame, "outcome.by-period", date="observed")
    found = _found(frame, "population.periods-differ", date="observed")
    assert {"margin"} <= {name for one in found for name in one.columns}
    assert Gravity.GRAVE is found[0].gravity


def test_the_same_population_over_time_is_quiet():
    """No period differs where nothing changed."""
    codes = {one.code for one in examine(dated(), target="failed", date="observed")}

    assert not codes & {"outcome.by-period", "population.periods-differ"}


def test_a_reference_may_be_another_population():
    """The rows of fitting against the rows of today."""
    reference = customers(seed=2)
    reference["margin"] += 20

    shifted = _found(customers(), "population.reference-differs", reference=reference)
    same = _found(customers(), "population.reference-differs", reference=customers(seed=2))

    assert shifted
    assert [] == same


def test_rows_may_be_there_twice():
    """Equal rows, and equal rows with other outcomes."""
    frame = customers()
    other = frame.head(5).assign(failed=1 - frame.head(5)["failed"])
    frame = pd.concat([frame, frame.head(10), other], ignore_index=True)

    (twice,) = _found(frame, "rows.duplicate")
    (torn,) = _found(frame, "rows.duplicate-other-outcome")

    assert 15 == twice.figure
    assert 15 == torn.figure


NOTICES = [
    ("column.constant", {"x": 1}),
    ("column.constant", {"x": None}),
    ("column.identifier", {"x": range(1_200)}),
    ("column.identifier", {"x": [f"C-{n}" for n in range(1_200)]}),
    ("value.not-finite", {"x": [np.inf, 1.0, 2.0, 3.0] * 300}),
    ("value.placeholder", {"x": [-999.0, *np.linspace(1, 9, 19)] * 60}),
    ("value.placeholder", {"x": [999999.0, *np.linspace(1, 9, 19)] * 60}),
    ("column.text-numbers", {"x": ["1.5", "2", "3", None] * 300}),
]


@pytest.mark.parametrize(("code", "column"), NOTICES)
def test_odd_columns_are_noticed(code, column):
    """Constants, names of rows, infinities, placeholders, numbers as text."""
    (one,) = _found(customers().assign(**column), code)

    assert ("x",) == one.columns
    assert Gravity.NOTICE is one.gravity


@pytest.mark.parametrize("values", [[-1.0, -2.0, 3.0, 0.5] * 300, [999.0, 998.0, 997.0, 1.0] * 300])
def test_plain_figures_are_no_placeholders(values):
    """Minus one among negative numbers, nines among their like."""
    assert [] == _found(customers().assign(x=values), "value.placeholder")


def test_few_bad_rows_are_noticed():
    """Below a hundred."""
    assert _found(customers(800, bad_share=0.05), "outcome.few-bad")


def test_every_code_is_known_and_plain():
    """A warning is data: its code is in the list, and it is written as JSON would have it."""
    for one in examine(leaking(), target="failed"):
        assert one.code in WARNING_CODES
        assert {"code", "gravity", "figure", "threshold", "columns", "sentence"} == set(
            one.to_dict()
        )


def test_the_leak_of_the_polish_set_is_found(polish_raw):
    """Gaps alone tell failures with an AUC of 0.76, and complete rows are another population."""
    found = {one.code: one for one in examine(polish_raw, target="failed")}

    assert 0.74 < found["missing.pattern-tells-outcome"].figure < 0.78
    assert Gravity.GRAVE is found["population.incomplete-differs"].gravity
    gaps = {
        name
        for one in examine(polish_raw, target="failed")
        if one.code == "missing.tells-outcome"
        for name in one.columns
    }
    assert {"X21", "X27"} <= gaps


def test_a_second_leak_is_found_where_the_first_was_removed(polish):
    """Sales and total sales, short-term and current liabilities: one figure but for the failed."""
    found = examine(polish, target="failed")

    assert not [one for one in found if one.code.startswith("missing.")]
    pairs = {one.columns for one in found if one.code == "columns.repeat-each-other"}
    assert {("X9", "X36"), ("X32", "X52")} <= pairs
