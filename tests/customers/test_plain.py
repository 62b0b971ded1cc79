"""The plain form of a register, and what is none."""

import copy

import attrs
import pytest

from receivables.customers import from_plain, to_plain
from receivables.customers.plain import record_from_plain, record_to_plain
from receivables.errors import DocumentError, EventError


def test_a_record_goes_there_and_back(norte):
    """Address, contacts and identifiers are what they were."""
    assert record_from_plain(record_to_plain(norte)) == norte


def _changed(plain, path, value):
    plain = copy.deepcopy(plain)
    place = plain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return plain


_DAMAGED = {
    "version": (["format"], 2),
    "entries": (["entries"], {}),
    "kind": (["entries", 0, "kind"], "guessed"),
    "unknown field": (["entries", 0, "shoe"], 1),
    "wrong type": (["entries", 0, "by"], 3),
    "no moment": (["entries", 0, "at"], "yesterday"),
    "no list": (["entries", 0, "customer", "ibans"], "ES91"),
    "no object": (["entries", 0, "customer"], []),
    "no channel": (["entries", 0, "customer", "contacts", 0, "channel"], "pigeon"),
    "field of a change": (["entries", 1, "proposal", "changes", 0, "field"], "shoe"),
    "policy": (["policy"], None),
}


@pytest.mark.parametrize(("path", "value"), _DAMAGED.values(), ids=_DAMAGED)
def test_what_is_damaged_is_refused(register, norte, propose, path, value):
    """Each wrong part is refused with an error that says so."""
    plain = to_plain(propose(register, attrs.evolve(norte, terms="")))
    with pytest.raises(DocumentError):
        from_plain(_changed(plain, path, value))


def test_a_forged_approval_is_refused(register, norte, propose, at):
    """Rules are checked again: nobody writes themselves in as the second pair of eyes."""
    register = propose(register, attrs.evolve(norte, terms="")).approve(
        "P-1", by="L. Roy", at=at(2)
    )
    forged = _changed(to_plain(register), ["entries", 2, "by"], "M. Diaz")
    with pytest.raises(EventError, match="another person"):
        from_plain(forged)


def test_what_is_no_object_is_refused():
    """A plain register is a mapping with a version."""
    with pytest.raises(DocumentError):
        from_plain([])
