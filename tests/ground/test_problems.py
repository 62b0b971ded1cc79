"""Problems as values: a stable code, a sentence, a place."""

from __future__ import annotations

import pytest

from receivables.problems import CODES, Place, Problem, Severity

PLACES = [
    (Place("items.csv"), "items.csv"),
    (Place("items.csv", line=7), "items.csv:7"),
    (Place("items.csv", line=7, field="due"), "items.csv:7: due"),
    (Place("items.csv", field="due"), "items.csv: due"),
]


@pytest.mark.parametrize(("place", "text"), PLACES)
def test_a_place_reads_like_a_compiler_s(place, text):
    """An editor can jump to file and line."""
    assert text == str(place)


def test_a_problem_says_where_how_bad_and_what():
    """One line holds everything."""
    problem = Problem(
        "amount.invalid",
        "'1,2,3' is no amount",
        place=Place("a.csv", line=2),
        severity=Severity.WARNING,
    )

    assert "a.csv:2: warning amount.invalid: '1,2,3' is no amount" == str(problem)
    assert not problem.is_error


@pytest.mark.parametrize("code", ["amount", "Amount.invalid", "amount.", ".invalid", "a b.c", ""])
def test_a_code_has_two_words_at_least(code):
    """Codes are lower-case words with a dot between them."""
    with pytest.raises(ValueError, match="must match regex"):
        Problem(code, "…", place=Place("x"))


def test_every_code_can_be_used_and_is_explained():
    """The table of codes is sorted and without gaps."""
    assert sorted(CODES) == list(CODES)
    for code, meaning in CODES.items():
        assert meaning
        assert code == Problem(code, meaning, place=Place("x")).code


def test_the_table_of_codes_cannot_be_changed():
    """Plug-ins bring their own codes and leave these alone."""
    with pytest.raises(TypeError):
        CODES["mine.own"] = "…"
