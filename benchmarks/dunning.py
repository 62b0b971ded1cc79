"""A dunning run over a million open items of a hundred thousand customers, on values and on columns."""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterable
from typing import Any, Final

from benchmarks._data import AS_OF, ITEMS
from benchmarks._harness import Benchmark

_CUSTOMERS: Final = 100_000
_STEPS: Final = ((8, 10), (23, 10), (45, 15))
"""Days past due and days after the step before, of the standard procedure."""

_MINIMUM: Final = 1_000
_KEYS: Final = ["customer", "currency"]


def benchmarks() -> Iterable[Benchmark]:
    """Values beside a plain loop over the same values, columns beside what is usual in pandas."""
    import pandas  # noqa: F401, ICN001, PLC0415  # a peer that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="dunning.propose",
        size=ITEMS,
        ours=ours,
        peer_name="a plain loop: group, compare days",
        peer=by_hand,
        limit=8.0,
        check=_check_values,
        runs=3,
    )
    yield Benchmark(
        name="dunning.columns.notices, Polars",
        size=ITEMS,
        ours=ours_in_columns,
        peer_name="pandas days, merge, groupby",
        peer=usual_pandas,
        limit=1.0,
        check=_check_columns,
        runs=5,
    )


@functools.cache
def _rows() -> list[tuple[str, str, int, dt.date, int, dt.date | None]]:
    """Item, customer, amount, due date, level before and its day; one in eight is a credit."""
    luck = random.Random(20261101)  # noqa: S311  # no secret
    days = [AS_OF - dt.timedelta(days=number) for number in range(-90, 211)]
    rows = []
    for index in range(ITEMS):
        due = luck.choice(days)
        level = luck.randrange(3) if (AS_OF - due).days > 30 else 0
        sent = AS_OF - dt.timedelta(days=luck.randint(1, 30)) if level else None
        minor = luck.randint(-50_000, 350_000) or 1
        customer = f"C-{luck.randrange(_CUSTOMERS):06d}"
        rows.append((f"2026-{index:07d}", customer, minor, due, level, sent))
    return rows


@functools.cache
def _items() -> list[Any]:
    from receivables.documents import ItemKind, OpenItem  # noqa: PLC0415  # only what is measured

    return [
        OpenItem(
            item=item,
            document=item,
            kind=ItemKind.INVOICE if minor > 0 else ItemKind.CREDIT_NOTE,
            creditor="MIRA",
            customer=customer,
            currency="EUR",
            amount_minor=minor,
            document_date=due,
            posting_date=due,
            due_date=due,
        )
        for item, customer, minor, due, _, _ in _rows()
    ]


@functools.cache
def _notices() -> list[Any]:
    """What was sent before: one notice for each item that has a level."""
    from receivables.ledger import NoticedItem, NoticeSent  # noqa: PLC0415  # see above

    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [
        NoticeSent(
            event=f"notice:{item}",
            effective_on=sent,
            recorded_at=moment,
            creditor="MIRA",
            customer=customer,
            currency="EUR",
            procedure="standard",
            procedure_version="1",
            level=level,
            letter="reminder-1",
            items=[
                NoticedItem(
                    item=item, level=level, open_minor=minor, document_date=due, due_date=due
                )
            ],
        )
        for item, customer, minor, due, level, sent in _rows()
        if level and sent
    ]


def ours() -> Any:  # noqa: ANN401  # a run
    """What a user of the library writes."""
    from receivables.dunning import STANDARD, propose  # noqa: PLC0415  # see above

    return propose(
        _items(),
        notices=_notices(),
        procedure=STANDARD,
        as_of=AS_OF,
        recorded_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )


def by_hand() -> dict[tuple[str, str, str], tuple[int, int, list[tuple[str, int, int]]]]:
    """What somebody writes by hand: levels of the past, groups, days; tuples, and no reasons."""
    past: dict[tuple[str, str], tuple[int, dt.date]] = {}
    for notice in _notices():
        for item in notice.items:
            key = (notice.creditor, item.item)
            if key not in past or item.level > past[key][0]:
                past[key] = (item.level, notice.effective_on)
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for item in _items():
        groups.setdefault((item.creditor, item.customer, item.currency), []).append(item)
    found = {}
    for group in sorted(groups):
        notice = _by_hand(groups[group], past)
        if notice is not None:
            found[group] = notice
    return found


def _by_hand(
    items: list[Any], past: dict[tuple[str, str], tuple[int, dt.date]]
) -> tuple[int, int, list[tuple[str, int, int]]] | None:
    lines, highest, credit = [], 0, 0
    for item in items:
        if item.open_minor <= 0:
            credit += item.open_minor
            continue
        days = (AS_OF - item.due_date).days
        if days <= 0:
            continue
        level, sent = past.get((item.creditor, item.item), (0, None))
        if level < len(_STEPS):
            from_days, after = _STEPS[level]
            if days >= from_days and (sent is None or (AS_OF - sent).days >= after):
                level += 1
                highest = max(highest, level)
        if level:
            lines.append((item.item, level, item.open_minor))
    total = sum(minor for _, _, minor in lines) + credit
    return (highest, total, lines) if highest and total >= _MINIMUM else None


def _check_values(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # a run
    found = {
        (notice.creditor, notice.customer, notice.currency): (notice.level, notice.total_minor)
        for notice in mine.notices
    }
    assert found == {key: value[:2] for key, value in theirs.items()}, "the notices differ"


@functools.cache
def _frame() -> Any:  # noqa: ANN401  # a Polars frame
    import polars as pl  # noqa: PLC0415  # a peer that may be missing

    _, customers, amounts, dues, levels, days = zip(*_rows(), strict=True)
    return pl.DataFrame(
        {
            "customer": customers,
            "currency": ["EUR"] * ITEMS,
            "open_minor": amounts,
            "due_date": dues,
            "level": levels,
            "noticed_on": days,
        },
        schema_overrides={"noticed_on": pl.Date},
    )


def ours_in_columns() -> Any:  # noqa: ANN401  # a Polars frame
    """What a user of the library writes."""
    from receivables.dunning import STANDARD  # noqa: PLC0415  # see above
    from receivables.dunning.columns import notices  # noqa: PLC0415  # see above

    return notices(_frame(), procedure=STANDARD, as_of=AS_OF)


@functools.cache
def _pandas_items() -> Any:  # noqa: ANN401  # a pandas frame
    return _frame().to_pandas()


def usual_pandas() -> Any:  # noqa: ANN401  # a pandas frame
    """What is usual in notebooks: days, the ladder as a table to merge with, groupby."""
    import pandas as pd  # noqa: PLC0415  # a peer

    items = _pandas_items()
    today = pd.Timestamp(AS_OF)
    ladder = pd.DataFrame(_STEPS, columns=["from_days", "after"]).assign(level=range(len(_STEPS)))
    rows = items.merge(ladder, on="level", how="left")
    days = (today - rows["due_date"]).dt.days
    since = (today - rows["noticed_on"]).dt.days.fillna(10**6)
    debit = rows["open_minor"].clip(lower=0)
    climbs = (days >= rows["from_days"]) & (since >= rows["after"]) & (debit > 0)
    after = rows["level"] + climbs
    listed = (after > 0) & (days > 0)
    totals = (
        rows.assign(
            level=after.where(climbs, 0),
            asked_minor=debit.where(listed, 0),
            credit_minor=rows["open_minor"].clip(upper=0),
        )
        .groupby(_KEYS)
        .agg(
            level=("level", "max"),
            asked_minor=("asked_minor", "sum"),
            credit_minor=("credit_minor", "sum"),
        )
    )
    total = totals["asked_minor"] + totals["credit_minor"]
    return totals.assign(total_minor=total)[(totals["level"] > 0) & (total >= _MINIMUM)]


def _check_columns(mine: Any, theirs: Any) -> None:  # noqa: ANN401  # frames
    columns = ["level", "total_minor"]
    rows = theirs.sort_index()[columns].to_numpy().tolist()
    assert [list(row) for row in mine.select(columns).rows()] == rows, "the tables differ"
