"""Reports and objects of Stripe, as small as they can be."""

from __future__ import annotations

import datetime as dt

ITEMIZED = (
    "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,"
    "available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id,"
    "customer_name,card_brand,card_last4,invoice_number,description\n"
)


def itemized(*rows):
    """An itemized payout report of rows that leave out what is the same in all."""
    lines = [
        f"{payout},2026-10-03 00:00:00,{name},2026-10-01 22:30:00,2026-10-03 00:00:00,"
        f"{currency},{gross},{fee},{net},{category},{source},{charge},ACME Ltd,visa,4242,"
        f"{reference},Order {name}"
        for payout, name, currency, gross, fee, net, category, source, charge, reference in rows
    ]
    return (ITEMIZED + "\n".join(lines) + "\n").encode()


CHARGE = ("po_1", "txn_1", "eur", "100.00", "2.90", "97.10", "charge", "ch_1", "ch_1", "F-1")
REFUND = ("po_1", "txn_2", "eur", "-20.00", "0.00", "-20.00", "refund", "re_1", "ch_1", "F-1")


def epoch(day, hour=12):
    """Noon of a day in UTC, in seconds since 1970."""
    return int(dt.datetime(2026, 10, day, hour, tzinfo=dt.UTC).timestamp())


def transaction(name, amount, fee=0, *, category="charge", day=1, payout="", **more):
    """A balance transaction object."""
    return {
        "id": name,
        "object": "balance_transaction",
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "currency": "eur",
        "created": epoch(day),
        "available_on": epoch(day + 1, 0),
        "reporting_category": category,
        "type": category,
        "source": f"src_{name}",
        "description": f"about {name}",
        "_payout": payout,
        **more,
    }


def payout(name, amount, *, day=3, **more):
    """A payout object."""
    return {
        "id": name,
        "object": "payout",
        "amount": amount,
        "currency": "eur",
        "arrival_date": epoch(day, 0),
        "created": epoch(day - 1),
        "automatic": True,
        "destination": "ba_1",
        "statement_descriptor": f"STRIPE {name}",
        "status": "paid",
        **more,
    }


def dispute(name, *, status="needs_response", day=2):
    """A dispute object."""
    return {
        "id": name,
        "object": "dispute",
        "amount": 5000,
        "currency": "eur",
        "charge": "ch_1",
        "created": epoch(day),
        "evidence_details": {"due_by": epoch(20, 23)},
        "reason": "fraudulent",
        "status": status,
        "payment_method_details": {"card": {"network_reason_code": "10.4"}},
    }


def page(rows, url="/v1/balance_transactions", *, has_more=False):
    """A page of a list."""
    shown = [{key: row[key] for key in row if key[0] != "_"} for row in rows]
    return {"object": "list", "url": url, "has_more": has_more, "data": shown}
