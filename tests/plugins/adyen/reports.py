"""Settlement details and dispute reports of Adyen, as small as they can be."""

from __future__ import annotations

SETTLEMENT = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,"
    "TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),"
    "Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),"
    "Scheme Fees (NC),Interchange (NC),Payment Method Variant,Modification Merchant Reference,"
    "Batch Number,Reserved4"
)
DISPUTES = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Record Date,"
    "Record Date TimeZone,Dispute Currency,Dispute Amount,Record Type,Dispute PSP Reference,"
    "Dispute Reason,CB Scheme Code,CB Reason Code,Dispute Date,Dispute Date TimeZone,"
    "Dispute End Date,Dispute End Date TimeZone"
)

SETTLED = {
    "Psp Reference": "8815000000000001",
    "Merchant Reference": "F-1001",
    "Payment Method": "visa",
    "Type": "Settled",
    "Modification Reference": "8825000000000001",
    "Gross Credit (GC)": "100.00",
    "Net Credit (NC)": "98.80",
    "Markup (NC)": "0.40",
    "Scheme Fees (NC)": "0.10",
    "Interchange (NC)": "0.70",
    "Payment Method Variant": "visaclassic",
}
CHARGEBACK = {
    "Psp Reference": "8815000000000001",
    "Merchant Reference": "F-1001",
    "Type": "Chargeback",
    "Modification Reference": "8835000000000001",
    "Gross Debit (GC)": "30.00",
    "Net Debit (NC)": "37.50",
    "Commission (NC)": "7.50",
}
FEE = {
    "Type": "Fee",
    "Modification Reference": "Transaction Fees October",
    "Net Debit (NC)": "1.30",
}
DEPOSIT = {"Type": "DepositCorrection", "Net Debit (NC)": "10.00"}
CARRIED = {"Type": "Balancetransfer", "Net Credit (NC)": "5.00"}
PAYOUT = {
    "Type": "MerchantPayout",
    "Modification Reference": "TX1 batch 4 MiraShop",
    "Net Debit (NC)": "55.00",
    "Creation Date": "2026-10-05 04:00:00",
}
BATCH = (SETTLED, CHARGEBACK, FEE, DEPOSIT, CARRIED, PAYOUT)

_ALL = {
    "Company Account": "Mira",
    "Merchant Account": "MiraShop",
    "Creation Date": "2026-10-02 01:30:00",
    "TimeZone": "CEST",
    "Gross Currency": "EUR",
    "Exchange Rate": "1",
    "Net Currency": "EUR",
    "Batch Number": "4",
}


def settlement(*rows, headings=SETTLEMENT):
    """A report of rows that say what is not the same in all."""
    return table(headings, [{**_ALL, **row} for row in rows])


def table(headings, rows):
    """A table of rows by heading."""
    lines = [",".join(row.get(name, "") for name in headings.split(",")) for row in rows]
    return "\n".join([headings, *lines, ""]).encode()


def dispute(record_type, *, recorded="2026-10-02 12:00:00", **more):
    """A row of a dispute report."""
    return {
        "Psp Reference": "8815000000000001",
        "Merchant Reference": "F-1001",
        "Record Date": recorded,
        "Record Date TimeZone": "CEST",
        "Dispute Currency": "EUR",
        "Dispute Amount": "30.00",
        "Record Type": record_type,
        "Dispute PSP Reference": "8835000000000001",
        "Dispute Reason": "Fraud",
        "CB Reason Code": "10.4",
        "Dispute End Date": "2026-10-20 23:00:00",
        "Dispute End Date TimeZone": "CEST",
        **more,
    }
