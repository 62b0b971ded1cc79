"""Draw the pages that the code knows better than a writer: ``python docs/draw.py`` writes them.

The life cycles come from their transition tables, the limits from the module that sets them, the
evidence from its weights.
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from receivables import limits
from receivables.explaining import SENTENCES
from receivables.ledger.model import LIFE_CYCLES, LifeCycle, State
from receivables.letters.kinds import KINDS
from receivables.letters.objects import known_letters
from receivables.matching.weights import FIGURE_WEIGHT, WEIGHTS

_LIFE_CYCLES: Final = """\
# Life cycles

Which event leads from which state to which.
What is not drawn is illegal: such an event raises `EventError` and changes nothing.
This page is drawn from `receivables.ledger.model.LIFE_CYCLES` by `docs/draw.py`.
The reasons behind the events are in [money and time](../explanation/money-and-time.md).
"""

_LIMITS: Final = """\
# Limits

Every bound that the library sets, with its reason.
They stand in `receivables.limits`, and how they relate is asserted there.
A value beyond a bound is refused by `LimitError`, or noted as a [problem](problems.md) where it is data that came in.
This page is drawn from that module by `docs/draw.py`.

| limit | value | what it bounds, and why |
| --- | ---: | --- |
"""


_EVIDENCE: Final = """\
# Evidence

What speaks for or against a match, what it weighs, and what a reader is told.

A weight is in hundredths of a ban: 100 make a claim ten times as likely against its being wrong, and -100 ten times less.
Some amounts weigh more the more significant figures they have, because chance hits them less often; a round amount counts as three figures.
The number of candidates among which an amount was found takes away its logarithm.
The claims on one receipt share certainty with each other and with "none of these", whose weight is 0.
What has no weight in the table says something and counts for nothing.
The weights were fitted on invented receipts whose truth is known, and rounded; a policy may change each of them (`weights` of [matching](settings.md)).
This page is drawn from `receivables.matching.weights` by `docs/draw.py`.

| evidence | weight | for each figure | what is said |
| --- | ---: | ---: | --- |
"""

_LETTERS: Final = """\
# Letters

Every packaged kind of letter: what it is for, what its text may say and what it must say.
A kind that ends in `-consumer` has the placeholders of its other half, and is taken for customers who are consumers.
How they are composed and replaced is in [Write letters](../how-to/write-letters.md).
This page is drawn from `receivables.letters.kinds` by `docs/draw.py`.
"""


def evidence_table() -> str:
    """The page ``reference/evidence.md``."""
    rows = [
        f"| `{kind.value}` | {WEIGHTS.get(kind, 0)} | {FIGURE_WEIGHT.get(kind, 0)} | {SENTENCES[kind]} |\n"
        for kind in sorted(SENTENCES, key=lambda kind: kind.value)
    ]
    return "".join([_EVIDENCE, *rows])


def life_cycles() -> str:
    """The page ``reference/life-cycles.md``."""
    sections = [
        f"## {subject}\n\n{_diagram(cycle)}\n\n{_table(cycle)}\n"
        for subject, cycle in LIFE_CYCLES.items()
    ]
    return "\n".join([_LIFE_CYCLES, *sections])


def _node(state: State) -> str:
    return "[*]" if state is State.NONE else state.value


def _diagram(cycle: LifeCycle) -> str:
    arrows = [
        f"    {_node(before)} --> {_node(after)}: {trigger}"
        for (before, trigger), after in cycle.transitions.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def _table(cycle: LifeCycle) -> str:
    rows = [
        f"| {before.value} | `{trigger}` | {after.value} |"
        for (before, trigger), after in cycle.transitions.items()
    ]
    return "\n".join(["| from | event | to |", "| --- | --- | --- |", *rows])


def limit_table() -> str:
    """The page ``reference/limits.md``."""
    rows = [f"| `{name}` | {value:,} | {reason} |\n" for name, value, reason in _bounds()]
    return "".join([_LIMITS, *rows])


def _bounds() -> Iterator[tuple[str, int, str]]:
    """Each bound with its value and the text below it, which only the source has."""
    body = ast.parse(inspect.getsource(limits)).body
    for node, below in itertools.pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            assert isinstance(below, ast.Expr), f"{name} must have its reason below it"
            yield name, getattr(limits, name), " ".join(str(ast.literal_eval(below.value)).split())


def letter_kinds() -> str:
    """The page ``reference/letters.md``."""
    known = known_letters()
    rows = "".join(
        f"| `{kind}` | {one.summary}{' (spoken)' if one.is_spoken else ''} "
        f"| {', '.join(f'`{name}`' for name in sorted(one.required))} "
        f"| {' '.join(known.get(kind, ()))} | {' '.join(known.get(f'{kind}-consumer', ()))} |\n"
        for kind, one in KINDS.items()
    )
    table = "| kind | what it is | must say | locales | to consumers |\n| --- | --- | --- | --- | --- |\n"
    sections = "".join(
        f"\n## {kind}\n\n| placeholder | what is put there |\n| --- | --- |\n"
        + "".join(f"| `{name}` | {meaning} |\n" for name, meaning in one.placeholders.items())
        for kind, one in KINDS.items()
    )
    return f"{_LETTERS}\n{table}{rows}{sections}"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "reference/letters.md": letter_kinds,
    "reference/evidence.md": evidence_table,
    "reference/life-cycles.md": life_cycles,
    "reference/limits.md": limit_table,
}
"""Each page that is drawn, and what draws it."""


if __name__ == "__main__":
    for page, draw in PAGES.items():
        (Path(__file__).resolve().parent / page).write_text(draw(), encoding="utf-8")
