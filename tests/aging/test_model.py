"""Aging schemes: what they accept, what they refuse, and what their buckets are called."""

from __future__ import annotations

import pytest

from receivables.aging import AgeBasis, AgingScheme
from receivables.errors import PolicyError

LABELS = [
    ((30, 60, 90), AgeBasis.DUE_DATE, ("not yet due", "1-30", "31-60", "61-90", "over 90")),
    ((), AgeBasis.DUE_DATE, ("not yet due", "over 0")),
    ((0, 1), AgeBasis.DUE_DATE, ("not yet due", "1", "over 1")),
    ((-7, 30), AgeBasis.DUE_DATE, ("due in 7 or more", "due in 0-6", "1-30", "over 30")),
    ((-1, 0), AgeBasis.DUE_DATE, ("due in 1 or more", "due in 0", "over 0")),
    ((30, 60), AgeBasis.DOCUMENT_DATE, ("0-30", "31-60", "over 60")),
    ((0, 5), AgeBasis.POSTING_DATE, ("0", "1-5", "over 5")),
]

REFUSED = [
    ((30, 30), AgeBasis.DUE_DATE, "rise"),
    ((60, 30), AgeBasis.DUE_DATE, "rise"),
    ((True, 30), AgeBasis.DUE_DATE, "whole days"),
    (("30",), AgeBasis.DOCUMENT_DATE, "whole days"),
    ((), AgeBasis.DOCUMENT_DATE, "1 to 63"),
    (tuple(range(1, 65)), AgeBasis.DUE_DATE, "1 to 63"),
    ((-5, 30), AgeBasis.DOCUMENT_DATE, "0 or more by document-date"),
    ((10**7,), AgeBasis.DUE_DATE, "at most 3652059 days"),
]


@pytest.mark.parametrize(("bounds", "basis", "labels"), LABELS)
def test_labels_say_the_days_of_each_bucket(bounds, basis, labels):
    """Each bucket is called by its first and last day, or by what it is."""
    assert labels == AgingScheme(*bounds, basis=basis).labels


@pytest.mark.parametrize(("bounds", "basis", "reason"), REFUSED)
def test_impossible_bounds_are_refused(bounds, basis, reason):
    """Bounds that do not rise, are no days, or are too many raise with the reason."""
    with pytest.raises(PolicyError, match=reason):
        AgingScheme(*bounds, basis=basis)


def test_no_bucket_mixes_what_is_past_due_with_what_is_not():
    """The edge at 0 days past due is put in where bounds below it leave it out."""
    assert (-30, 0, 30) == AgingScheme(-30, 30).upper_bounds


def test_schemes_are_compared_by_value():
    """Two schemes that say the same are one policy."""
    assert AgingScheme(0, 30) == AgingScheme(30)
    assert hash(AgingScheme(0, 30)) == hash(AgingScheme(30))
