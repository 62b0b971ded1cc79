"""Period-end revaluation as entries: a closing entry and its mirror, made together.

Under IAS 21.28 and ASC 830-20-35 the difference goes to profit and loss, as unrealized.  The French
chart parks it on the balance sheet (476 a latent loss, 477 a latent gain; PCG art. 420-5) and
provides for latent losses (1515); gains are income when they are realized.  Either way the closing
entry is taken back on the next day, so that a settlement is measured against what was booked first.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from receivables.accounting.manual import reversal
from receivables.accounting.model import (
    Chart,
    EntryId,
    GlAccount,
    JournalEntry,
    JournalLine,
    Role,
)
from receivables.accounting.objects import CarriedItem
from receivables.currencies.model import ExchangeProvision, Revaluation, RevaluationRow
from receivables.currencies.objects import exchange_provision
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.money import to_minor

__all__ = ["RevaluationEntries", "RevaluationScheme", "revaluation_entries"]

_ONE_DAY: Final = dt.timedelta(days=1)


class RevaluationScheme(enum.Enum):
    """What becomes of unrealized differences."""

    PROFIT_AND_LOSS = "profit-and-loss"
    """They are profit or loss of the period: IAS 21, US GAAP, the Spanish chart."""
    TRANSLATION = "translation"
    """They wait on the balance sheet, and latent losses are provided for: the French chart."""


@attrs.frozen(kw_only=True)
class RevaluationEntries:
    """The entries of one revaluation; iterate for those that there are, in the order of their days.

    `closing` and `reversal` are None where nothing differs, `provision` and `release` where nothing
    is provided for.
    """

    closing: JournalEntry | None = None
    provision: JournalEntry | None = None
    reversal: JournalEntry | None = None
    release: JournalEntry | None = None

    def __iter__(self) -> Iterator[JournalEntry]:
        made = (self.closing, self.provision, self.reversal, self.release)
        return iter([entry for entry in made if entry is not None])


def revaluation_entries(
    revaluation: Revaluation,
    *,
    chart: Chart,
    scheme: RevaluationScheme = RevaluationScheme.PROFIT_AND_LOSS,
    carried: Iterable[CarriedItem] = (),
    provision: ExchangeProvision | None = None,
    release_on: dt.date | None = None,
) -> RevaluationEntries:
    """The closing entry of a revaluation, its mirror on the next day, and the French provision.

    `carried` says on which account each item stands (`carried_items`); an item that it does not
    name stands on the receivable.  With `RevaluationScheme.TRANSLATION` the provision is what
    `provision` says, or that of every latent loss by itself; it is released on `release_on`, the
    next day unless said otherwise.  Raises `PolicyError` for an account that the chart lacks.

    Revalue from carrying amounts that hold no earlier revaluation: those of a day on which the
    last one was taken back.
    """
    places = {
        (str(each.item), each.currency): (each.account, each.role)
        for each in carried
        if each.creditor == revaluation.creditor
    }
    in_profit = scheme is RevaluationScheme.PROFIT_AND_LOSS
    lines = list(_lines(revaluation, chart, places, in_profit=in_profit))
    next_day = revaluation.as_of + _ONE_DAY
    name = f"revaluation:{revaluation.creditor}:{revaluation.as_of}"
    closing = _entry(revaluation, name, "revaluation", lines)
    provided = None
    if not in_profit:
        provided = _provision(revaluation, chart, provision or exchange_provision(revaluation))
    if release_on is not None and release_on <= revaluation.as_of:
        msg = f"release_on must be {next_day} or later, got {release_on}"
        raise PolicyError(msg)
    return RevaluationEntries(
        closing=closing,
        provision=provided,
        reversal=closing and reversal(closing, on=next_day, name=f"{name}:reversal"),
        release=provided and _release(provided, chart, release_on or next_day),
    )


def _entry(
    revaluation: Revaluation, name: str, kind: str, lines: list[JournalLine]
) -> JournalEntry | None:
    if not lines:
        return None
    return JournalEntry(
        entry=EntryId(name),
        creditor=revaluation.creditor,
        date=revaluation.as_of,
        kind=kind,
        functional_currency=revaluation.functional,
        lines=lines,
        text=name,
        document=name,
    )


def _lines(
    revaluation: Revaluation,
    chart: Chart,
    places: Mapping[tuple[str, str], tuple[GlAccount, Role]],
    *,
    in_profit: bool,
) -> Iterator[JournalLine]:
    """A line per item on the account where it stands, and one per currency of what that makes."""
    totals: dict[tuple[str, bool], int] = {}
    usual = (chart.account(Role.RECEIVABLE), Role.RECEIVABLE)
    for row in revaluation.rows:
        difference = row.difference_minor
        if difference:
            account, role = places.get((row.item, row.currency), usual)
            yield _item_line(row, account, role, difference)
            key = (row.currency, difference > 0)
            totals[key] = totals.get(key, 0) + difference
    loss, gain = _UNREALIZED if in_profit else _TRANSLATION
    for (currency, is_gain), minor in sorted(totals.items()):
        role = gain if is_gain else loss
        yield JournalLine(
            account=chart.account(role),
            role=role,
            amount_minor=0,
            currency=currency,
            functional_minor=-minor,
        )


_UNREALIZED: Final = (Role.UNREALIZED_LOSS, Role.UNREALIZED_GAIN)
_TRANSLATION: Final = (Role.TRANSLATION_LOSS, Role.TRANSLATION_GAIN)


def _item_line(row: RevaluationRow, account: GlAccount, role: Role, difference: int) -> JournalLine:
    return JournalLine(
        account=account,
        role=role,
        amount_minor=0,
        currency=row.currency,
        functional_minor=difference,
        customer=row.customer,
        item=ItemId(row.item),
    )


def _provision(
    revaluation: Revaluation, chart: Chart, provision: ExchangeProvision
) -> JournalEntry | None:
    minor = to_minor(provision.amount)
    name = f"exchange-provision:{revaluation.creditor}:{revaluation.as_of}"
    pair = ((Role.EXCHANGE_PROVISION_EXPENSE, minor), (Role.EXCHANGE_PROVISION, -minor))
    lines = [_own_line(chart, role, amount, revaluation.functional) for role, amount in pair]
    return _entry(revaluation, name, "exchange-provision", lines if minor else [])


def _own_line(chart: Chart, role: Role, minor: int, functional: str) -> JournalLine:
    return JournalLine(
        account=chart.account(role),
        role=role,
        amount_minor=minor,
        currency=functional,
        functional_minor=minor,
    )


def _release(provision: JournalEntry, chart: Chart, on: dt.date) -> JournalEntry:
    """The provision given back, as income of its own and not as less expense."""
    minor = provision.lines[0].amount_minor
    pair = ((Role.EXCHANGE_PROVISION, minor), (Role.EXCHANGE_PROVISION_RELEASE, -minor))
    return attrs.evolve(
        provision,
        entry=EntryId(f"{provision.entry}:release"),
        kind="exchange-provision-release",
        date=on,
        lines=[
            _own_line(chart, role, amount, provision.functional_currency) for role, amount in pair
        ],
    )
