"""Pages of GoCardless, as small as they can be."""

from __future__ import annotations


def payout(name="PO1", amount=1879, *, day="2026-10-05", fees=121, **more):
    """A payout object."""
    return {
        "id": name,
        "amount": amount,
        "arrival_date": day,
        "created_at": "2026-10-03T10:00:00.000Z",
        "currency": "GBP",
        "deducted_fees": fees,
        "links": {"creditor": "CR1", "creditor_bank_account": "BA1"},
        "reference": f"MIRA-{name}",
        "status": "paid",
        **more,
    }


def item(type_, amount, *, payment="", refund="", payout=""):
    """A payout item; the payout is for the fake, which does not show it."""
    links = {name: value for name, value in (("payment", payment), ("refund", refund)) if value}
    return {"type": type_, "amount": amount, "links": links, "_payout": payout}


def payment(name, amount=1000, **more):
    """A payment object."""
    return {
        "id": name,
        "amount": amount,
        "currency": "GBP",
        "charge_date": "2026-10-01",
        "created_at": "2026-09-28T10:00:00.000Z",
        "description": f"about {name}",
        "reference": f"F-{name}",
        "scheme": "bacs",
        "metadata": {"invoice": f"I-{name}"},
        "links": {"mandate": f"MD-{name}"},
        **more,
    }


def event(name, action, payment, *, at="2026-10-04T09:00:00.000Z", payout=""):
    """An event of a payment."""
    links = {"payment": payment, **({"payout": payout} if payout else {})}
    return {
        "id": name,
        "action": action,
        "created_at": at,
        "resource_type": "payments",
        "details": {"cause": "x", "reason_code": "ARUDD-0", "description": "Refer to payer"},
        "links": links,
    }


ITEMS = [
    item("payment_paid_out", "1000.0", payment="PM1"),
    item("gocardless_fee", "-60.3", payment="PM1"),
    item("payment_paid_out", "1000.0", payment="PM2"),
    item("gocardless_fee", "-60.3", payment="PM2"),
]


def page(name, rows, **more):
    """A page of a list."""
    shown = [{key: row[key] for key in row if key[0] != "_"} for row in rows]
    return {name: shown, "meta": {"cursors": {"before": None, "after": None}, "limit": 50}, **more}
