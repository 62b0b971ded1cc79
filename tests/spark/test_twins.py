"""Every column function says on a cluster what it says on one machine."""

from __future__ import annotations

import pytest

from .questions import QUESTIONS
from .worlds import assert_same


@pytest.mark.parametrize("name", QUESTIONS)
def test_spark_and_polars_agree(spark, name):
    """Names, types and rows are the same, to the last unit, and what comes back is Spark's."""
    tables, question = QUESTIONS[name]

    assert_same(spark, question, *tables)
