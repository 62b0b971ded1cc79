"""Strategies for the events of what is sent to other systems."""

from __future__ import annotations

from hypothesis import strategies as st

from receivables import casework as cw
from receivables.ledger import postings as ev

from .case_events import creditors, days, moments, names
from .case_events import texts as _texts

_opened = {"event": names, "effective_on": days, "recorded_at": moments, "creditor": creditors}
_notices = st.builds(
    cw.PostingNotice,
    posting=names,
    target=_texts,
    lines=st.lists(names, min_size=1, max_size=3).map(tuple),
    digest=_texts,
    by=_texts,
)
_answers = st.builds(
    cw.LineAnswer,
    line=names,
    outcome=st.sampled_from(cw.LineOutcome),
    reference=_texts,
    code=_texts,
    message=_texts,
)

POSTING_EVENTS = {
    ev.PostingSent: st.builds(ev.PostingSent, **_opened, posting=_notices),
    ev.PostingAnswered: st.builds(
        ev.PostingAnswered,
        **_opened,
        posting=names,
        answers=st.lists(_answers, max_size=3).map(tuple),
        by=_texts,
    ),
}
