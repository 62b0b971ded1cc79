"""A processor that is a list in memory, as a plug-in: its reports by file name, its service by days."""

from __future__ import annotations

import datetime as dt

import attrs

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables.reading import Read, ReadNotes
from receivables.receipts.payouts import MovementKind, Payout, ProcessorMovement, payout_of

K = MovementKind


def movement(name, gross, fee=0, kind=K.PAYMENT, day=1, **fields):
    """A movement of the payout po_1 in October 2026, unless it says otherwise."""
    base = {"payout": "po_1", "currency": "EUR", "processor": "acme-pay"}
    facts = {"occurred_on": dt.date(2026, 10, day), **base, **fields}
    return ProcessorMovement(movement=name, kind=kind, gross_minor=gross, fee_minor=fee, **facts)


def payout(movements, name="po_1", day=3, **fields):
    """The payout of movements, which holds."""
    net = sum(one.net_minor for one in movements)
    base = {"amount_minor": net, "currency": "EUR", "processor": "acme-pay"}
    facts = {"paid_on": dt.date(2026, 10, day), **base, **fields}
    return payout_of(movements, payout=name, **facts)


@attrs.define
class Processor:
    """What it has to report: by the names of files, and over its interface."""

    files: dict = attrs.field(factory=dict)
    told: list = attrs.field(factory=list)
    asked: list = attrs.field(factory=list)

    def recognizes(self, head, *, name):
        """It recognizes nothing."""
        return False

    def read(self, stream, *, name):
        """Read the report of a name."""
        stream.read()
        return Read(iter(self.files.get(name, [])), ReadNotes(name))

    def payouts(self, *, since, until):
        """What was told of some days."""
        self.asked.append((since, until))
        rows = [
            each
            for each in self.told
            if since <= (each.paid_on if isinstance(each, Payout) else each.occurred_on) <= until
        ]
        return Read(iter(rows), ReadNotes("acme-pay"))

    @hookimpl
    def receivables_payout_readers(self):
        """Register the reader."""
        return [AdapterSpec(name="acme-pay", summary="reports", factory=lambda _settings: self)]

    @hookimpl
    def receivables_payout_services(self):
        """Register the service."""
        return [
            AdapterSpec(
                name="acme-pay",
                summary="interface",
                factory=lambda _settings, _runtime: self,
                connects=True,
            )
        ]
