"""Settlement reports and pages of PayPal, as small as they can be."""

from __future__ import annotations

COLUMNS = (
    '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type",'
    '"Transaction Event Code","Transaction Initiation Date","Transaction Completion Date",'
    '"Transaction  Debit or Credit","Gross Transaction Amount","Gross Transaction Currency",'
    '"Fee Debit or Credit","Fee Amount","Fee Currency","Custom Field","Consumer ID",'
    '"Payment Tracking ID","Store ID","Bank Reference ID"'
)


def body(name, code, gross, fee=0, *, currency="EUR", reference="", original="", bank=""):
    """A body row of signed minor units; the fee is what it costs."""
    side = "CR" if gross >= 0 else "DR"
    fee_side, fee_currency = ("", "") if not fee else ("DR" if fee > 0 else "CR", currency)
    kind = "TXN" if original else ""
    return (
        f'"SB","{name}","{reference}","{original}","{kind}","{code}",2026/10/01 16:30:00 -0700,'
        f'2026/10/01 16:30:05 -0700,"{side}",{abs(gross)},"{currency}","{fee_side}",{abs(fee)},'
        f'"{fee_currency}","","","","","{bank}"'
    )


def footer(type_, currency, totals, opening, closing):
    """A footer: four sums, then the balance and what of it is available, from and to."""
    pair = f'"{_side(opening)}",{abs(opening)},"{_side(closing)}",{abs(closing)}'
    return f'"{type_}","{currency}",{",".join(map(str, totals))},{pair},{pair},"CR",0,"CR",0'


def _side(amount):
    return "CR" if amount >= 0 else "DR"


def report(bodies, footers, *, count=None, report_footers=None):
    """A report of one section."""
    own = report_footers if report_footers is not None else footers
    lines = [
        '"RH",2026/10/02 02:44:19 -0700,"A","MIRA1234",009,',
        '"FH",01',
        '"SH",2026/10/01 00:00:00 -0700,2026/10/01 23:59:59 -0700,"MIRA1234",""',
        COLUMNS,
        *bodies,
        *footers,
        f'"SC",{len(bodies) if count is None else count}',
        *(line.replace('"SF"', '"RF"') for line in own),
        f'"RC",{len(bodies)}',
        '"FF",1',
    ]
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


BODIES = [
    body("TXN1", "T0006", 100_00, 3_20, reference="F-1"),
    body("TXN2", "T1107", -20_00, -60, original="TXN1"),
    body("TXN3", "T0400", -90_00, bank="PP-BANK-1"),
    body("TXN4", "T1201", -5_00, original="TXN1"),
]
FOOTERS = [footer("SF", "EUR", (100_00, 115_00, 60, 3_20), 30_00, 12_40)]
"""There were 30.00 before, 77.40 came, 90.00 went to the bank, 5.00 were taken after it."""


def transaction(name, code, value, fee=None, **more):
    """A transaction of Transaction Search."""
    info = {
        "transaction_id": name,
        "transaction_event_code": code,
        "transaction_initiation_date": "2026-10-01T23:30:00+0000",
        "transaction_updated_date": "2026-10-01T23:30:00+0000",
        "transaction_amount": {"currency_code": "EUR", "value": value},
        "transaction_status": "S",
        **more,
    }
    if fee is not None:
        info["fee_amount"] = {"currency_code": "EUR", "value": fee}
    payer = {"payer_name": {"given_name": "Anna", "surname": "Roy"}}
    return {"transaction_info": info, "payer_info": payer}


def page(*transactions, number=1, pages=1):
    """A page of Transaction Search."""
    return {
        "transaction_details": list(transactions),
        "account_number": "MIRA1234",
        "start_date": "2026-10-01T00:00:00+0000",
        "end_date": "2026-10-31T00:00:00+0000",
        "page": number,
        "total_items": len(transactions),
        "total_pages": pages,
    }


def dispute(name="PP-D-1", *, status="WAITING_FOR_SELLER_RESPONSE", **more):
    """A dispute."""
    return {
        "dispute_id": name,
        "create_time": "2026-10-02T10:00:00.000Z",
        "status": status,
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "dispute_amount": {"currency_code": "EUR", "value": "50.00"},
        "dispute_life_cycle_stage": "CHARGEBACK",
        "seller_response_due_date": "2026-10-12T10:00:00.000Z",
        "disputed_transactions": [{"seller_transaction_id": "TXN1", "invoice_number": "F-1"}],
        **more,
    }
