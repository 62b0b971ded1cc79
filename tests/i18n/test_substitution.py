"""Placeholders are names between braces, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import limits
from receivables.errors import PolicyError
from receivables.i18n import placeholders, substitute

_REFUSED = {
    "attribute": "{total.__class__}",
    "index": "{total[0]}",
    "conversion": "{total!r}",
    "format": "{total:>1000000000}",
    "number": "{0}",
    "nothing": "{}",
    "capital": "{Total}",
    "open": "{total",
    "closed": "total}",
    "doubled": "{{total}}",
    "blank": "{ total }",
}


@pytest.mark.parametrize("text", _REFUSED.values(), ids=_REFUSED)
def test_other_uses_of_braces_are_refused(text):
    """There is no logic, and no way to look inside a value."""
    with pytest.raises(PolicyError, match="braces must hold a placeholder"):
        placeholders(text)


def test_unknown_placeholder_is_refused():
    """A name without a value is an error, and never an empty text."""
    with pytest.raises(PolicyError, match="must be among total, got sum"):
        substitute("{sum}", {"total": "1"})


def test_long_result_is_refused():
    """A text is bounded after its values are put in."""
    with pytest.raises(PolicyError, match="at most 10000 characters"):
        substitute("{name}{name}", {"name": "x" * limits.TEXT_MAX})


@given(value=st.text(max_size=50))
def test_values_are_not_read_again(value):
    """A value stays as it is, even where it looks like a placeholder."""
    assert f"a {value} b" == substitute("a {name} b", {"name": value, "other": "no"})
