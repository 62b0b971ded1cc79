"""Life cycles are tables: every event kind has its rows, and what is not in a table is illegal."""

from __future__ import annotations

import pytest

from receivables.errors import EventError
from receivables.ledger import CaseEvent, Event, LifeCycle, State
from receivables.ledger._books import _APPLY
from receivables.ledger.model import LIFE_CYCLES


def test_every_event_has_a_life_cycle() -> None:
    """Each kind of event can be applied, and is a trigger in the table of its subject."""
    for kind in {*Event.__subclasses__(), *CaseEvent.__subclasses__()} - {CaseEvent}:
        triggers = {name.split()[0] for _, name in LIFE_CYCLES[kind.subject].transitions}

        assert kind in _APPLY
        assert kind.__name__ in triggers


def test_every_state_is_reached_from_none() -> None:
    """No table has a state that no event leads to."""
    for cycle in LIFE_CYCLES.values():
        reached = {State.NONE}
        for _ in cycle.transitions:
            reached |= {
                after for (before, _), after in cycle.transitions.items() if before in reached
            }

        assert {before for before, _ in cycle.transitions} <= reached


@pytest.mark.parametrize("cycle", LIFE_CYCLES.values(), ids=lambda cycle: cycle.subject)
def test_everything_else_is_illegal(cycle: LifeCycle) -> None:
    """Every pair of state and trigger outside the table raises."""
    triggers = {name for _, name in cycle.transitions}
    for state in State:
        for trigger in triggers:
            if (state, trigger) not in cycle.transitions:
                with pytest.raises(EventError):
                    cycle.next_state(state, trigger)
