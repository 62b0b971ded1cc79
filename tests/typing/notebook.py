"""User code of a notebook that must type-check: a folder opened, and the verbs of the department."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import assert_type

import receivables as ar
from receivables.dunning import DunningRun
from receivables.ledger import NoticeSent
from receivables.letters import Letter
from receivables.matching import MatchProposal, Proposals
from receivables.problems import Problem


def cycle(folder: str, *, day: dt.date, moment: dt.datetime) -> tuple[Letter, ...]:
    """Read, match, age and remind."""
    book = ar.open_folder(folder, recorded_at=moment)
    assert_type(book, ar.Book)
    assert_type(book.problems, tuple[Problem, ...])
    assert_type(book.names, Mapping[str, str])
    proposals = book.match(as_of=day, policy=ar.MatchingPolicy(apply_partial=False))
    assert_type(proposals, Proposals)
    assert_type(proposals.certain, tuple[MatchProposal, ...])
    book = book.apply(proposals.certain, recorded_at=moment)
    aging = book.aging(as_of=day, scheme=ar.AgingScheme(30, credits=ar.Credits.NETTED))
    assert_type(aging, ar.Aging)
    run = book.dun(as_of=day, recorded_at=moment, procedure=house_procedure())
    assert_type(run, DunningRun)
    assert_type(run.notices, tuple[NoticeSent, ...])
    return tuple(book.letter(notice) for notice in run.notices)


def house_procedure() -> ar.DunningProcedure:
    """A procedure of one's own, with plain lists and mappings."""
    return ar.DunningProcedure(
        name="house",
        version="1",
        levels=[ar.DunningLevel(days_past_due=8, letter="reminder-1")],
        minimums_minor={"EUR": 1000},
    )
