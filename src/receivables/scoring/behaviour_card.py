"""A scorecard of payment behaviour by judgement, for a book on which nothing can be fitted yet.

>>> card = behaviour_card()
>>> card.source.value, card.notes[0]
('expert', 'expert judgement: not fitted on anything')
"""

from __future__ import annotations

import functools
from importlib import resources

from receivables.scoring.scorecards import Scorecard, load_scorecard

__all__ = ["behaviour_card"]


@functools.cache
def behaviour_card() -> Scorecard:
    """The card that comes with the library: ten characteristics, at most 100 points.

    It scores `PaymentBehaviour.characteristics`.  No data stands behind its bins, its points and its
    odds: it ranks customers until a fitted card takes its place.
    """
    file = resources.files("receivables.scoring") / "packs" / "behaviour.toml"
    return load_scorecard(file.read_text(encoding="utf-8"), name="behaviour.toml")
