"""The worked cases about currencies, each with its source; a case without a handler fails."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.currencies import (
    AppliedRate,
    ExchangeRates,
    carrying,
    cash_rounding,
    exchange_provision,
    revaluation,
    revalue,
    settle_part,
)
from receivables.money import ExchangeRate, digits, from_minor, money, to_minor

from .worlds import Item

_ORACLES = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "fx.jsonl"
_DAY = dt.date(2026, 12, 31)

SHARED = ("pcg-usd-ar", "pcg-latent-gain")
"""Cases whose entries are the accounting's part; here their amounts are."""


def _cases():
    if not _ORACLES.exists():
        return [pytest.param(None, id="absent")]
    rows = map(json.loads, _ORACLES.read_text(encoding="utf-8").splitlines())
    return [pytest.param(row, id=row["id"]) for row in rows]


def _eur_usd(value):
    """Dollars per euro."""
    return ExchangeRate(base="EUR", quote="USD", rate=Decimal(value), date=_DAY, source="oracle")


def _eur(amount):
    return money(Decimal(amount), "EUR")


def _usd(amount):
    return money(Decimal(amount), "USD")


def _revalued(amount, *, booked, closing):
    """A revaluation of one invoice in dollars, in euro."""
    carried = carrying(_usd(amount), _eur_usd(booked))
    return revaluation(
        [Item(open_minor=to_minor(_usd(amount)))],
        carrying={"F-1": to_minor(carried)},
        rates=ExchangeRates([_eur_usd(closing)]),
        as_of=_DAY,
        functional="EUR",
    )


def _whole_invoice(inputs, expected):
    assert inputs["quote"] == "USD per EUR"
    invoice = _usd(inputs["invoice_usd"])
    initial = carrying(invoice, _eur_usd(inputs["rate_invoice"]))
    closing = carrying(invoice, _eur_usd(inputs["rate_close"]))
    rate = AppliedRate.of(_eur_usd(inputs["rate_close"]), base="USD")
    unrealized = revalue(to_minor(invoice), to_minor(initial), rate)
    settled = _eur_usd(inputs["rate_settle"])
    tracked = settle_part(invoice, open_amount=invoice, carrying=closing, rate=settled)
    reversed_ = settle_part(invoice, open_amount=invoice, carrying=initial, rate=settled)
    return {
        "initial": initial,
        "closing": closing,
        "unrealised": from_minor(unrealized, "EUR"),
        "settlement": tracked.proceeds,
        "realised_ifrs": tracked.difference,
        "cumulative": reversed_.difference,
    }, {key: _eur(value) for key, value in expected.items()}


def _partial(inputs, expected):
    invoice = _usd(inputs["invoice_usd"])
    part = settle_part(
        _usd(inputs["receipt_usd"]),
        open_amount=invoice,
        carrying=carrying(invoice, _eur_usd(inputs["rate_invoice"])),
        rate=_eur_usd(inputs["rate_settle"]),
    )
    return {
        "bank": part.proceeds,
        "relieved_ar": part.relieved,
        "realised": part.difference,
        "remaining_ar_eur": part.remaining_carrying,
        "remaining_usd": part.remaining,
    }, {
        key: _usd(value) if key == "remaining_usd" else _eur(value)
        for key, value in expected.items()
    }


def _french_loss(inputs, expected):
    case = _rows_by_id()[inputs["same_as"]]["inputs"]
    found = _revalued(case["invoice_usd"], booked=case["rate_invoice"], closing=case["rate_close"])
    invoice = _usd(case["invoice_usd"])
    initial = carrying(invoice, _eur_usd(case["rate_invoice"]))
    settled = settle_part(
        invoice, open_amount=invoice, carrying=initial, rate=_eur_usd(case["rate_settle"])
    )
    provision = exchange_provision(found).amount
    return {
        "latent": -found.difference,
        "provision": provision,
        "bank": settled.proceeds,
        "receivable": settled.relieved,
        "gain": settled.difference,
        "year 1": -provision,
        "year 2": settled.difference + provision,
    }, {
        "latent": _eur(expected["close"][0][1]),
        "provision": _eur(expected["close"][3][2]),
        "bank": _eur(expected["settle"][0][1]),
        "receivable": _eur(expected["settle"][1][2]),
        "gain": _eur(expected["settle"][2][2]),
        "year 1": _eur(expected["pl_year1"]),
        "year 2": _eur(expected["pl_year2"]),
    }


def _french_gain(inputs, expected):
    found = _revalued(
        inputs["invoice_usd"], booked=inputs["rate_invoice"], closing=inputs["rate_close"]
    )
    return {"latent": found.difference, "pl": exchange_provision(found).amount}, {
        "latent": _eur(expected["entry"][0][1]),
        "pl": _eur(expected["pl"]),
    }


def _minor_units(inputs, expected):
    return digits(inputs["code"]), expected["minor_units"]


def _coffee(inputs, expected):
    net = sum(Decimal(item) for item in inputs["items"])
    owed = (net * (100 + Decimal(inputs["tax_pct"])) / 100).quantize(Decimal("0.01"))
    paid = cash_rounding("CAD").rounded(money(owed, "CAD"))
    found = {
        "total_exact": paid.exact,
        "cash": paid.cash,
        "card": paid.exact,
        "rounding": paid.difference,
    }
    return found, {key: money(value, "CAD") for key, value in expected.items()}


def _cash(currency):
    def handle(inputs, expected):
        paid = cash_rounding(currency).rounded(money(inputs["total"], currency))
        return {"cash": paid.cash}, {key: money(value, currency) for key, value in expected.items()}

    return handle


_HANDLERS = {
    "ias21-usd-ar": _whole_invoice,
    "pcg-usd-ar": _french_loss,
    "pcg-latent-gain": _french_gain,
    "partial-settlement": _partial,
    "ca-cash-coffee": _coffee,
}
_FAMILIES = {
    "iso4217-": _minor_units,
    "ca-cash-": _cash("CAD"),
    "qc-cash-": _cash("CAD"),
    "chf-cash-": _cash("CHF"),
}


def _rows_by_id():
    rows = map(json.loads, _ORACLES.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row for row in rows}


def _handler(name):
    if name in _HANDLERS:
        return _HANDLERS[name]
    found = [handle for start, handle in _FAMILIES.items() if name.startswith(start)]
    assert found, f"case {name} must have a handler"
    return found[0]


@pytest.mark.parametrize("row", _cases())
def test_worked_case(row):
    """Each worked case comes out to the cent."""
    if row is None:
        pytest.skip("shared oracles are not beside this checkout")

    found, expected = _handler(row["id"])(row["inputs"], row["expected"])

    assert expected == found, row["source"]["title"]


def test_entries_are_the_accounting_s():
    """The cases that the accounting shares are those that print entries."""
    if not _ORACLES.exists():
        pytest.skip("shared oracles are not beside this checkout")
    with_entries = [
        name
        for name, row in _rows_by_id().items()
        if any(isinstance(value, list) for value in row["expected"].values())
    ]

    assert sorted(SHARED) == sorted(with_entries)
