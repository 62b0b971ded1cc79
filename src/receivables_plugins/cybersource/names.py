"""What the reports call things: headings and elements of every report, applications, events.

A heading is compared without blanks, underscores and the case of its letters, so that
``merchant_ref_number``, ``MerchantRefNumber`` and ``Merchant Ref Number`` are one.  Columns of the
batch report and elements of the request reports are those of public files and schemas; those of the
funding reports are taken from the fields of the service, and are not verified against a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["APPLICATIONS", "EVENTS", "FIELDS", "IDENTITIES", "SUCCESS", "heading", "places"]

_NOISE: Final = re.compile(r"[\s_\-.#/()]+")


def heading(text: str) -> str:
    """A heading as it is compared.

    >>> heading(" merchant_data_2"), heading("TransactionReferenceNumber")
    ('merchantdata2', 'transactionreferencenumber')
    """
    return _NOISE.sub("", text).casefold()


FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "account-suffix": ("accountsuffix", "cardaccountsuffix", "cardsuffix"),
        "action": ("cbaction", "action", "transactiontype", "casetype"),
        "action-text": ("cbactiondescription", "actiondescription"),
        "amount": ("amount", "merchantamount", "cbamount", "chargebackamount", "paymentamount"),
        "applications": (
            "icsapplications",
            "applications",
            "application",
            "transactiontype",
            "type",
        ),
        "batch": ("batchid", "cybersourcebatchid"),
        "batch-day": ("batchdate", "cybersourcebatchtime"),
        "case": ("trackingnumber", "casenumber", "caseidentifier"),
        "currency": (
            "currency",
            "currencycode",
            "merchantcurrencycode",
            "chargebackcurrency",
            "paymentcurrencycode",
        ),
        "day": (
            "transactiondate",
            "requestdate",
            "eventdate",
            "submissiontime",
            "submissiondate",
            "cbdate",
            "chargebacktime",
            "chargebackdate",
            "casetime",
            "time",
        ),
        "due": ("responseduedate", "responseduetime", "respondbydate", "responddate"),
        "event": ("event", "eventtype"),
        "fee": ("feeamount", "totalfee", "fee"),
        "fee-currency": ("feecurrencycode", "feecurrency"),
        "first-name": ("firstname", "billtofirstname"),
        "funded-amount": ("fundedamount",),
        "funding-amount": ("fundingamount",),
        "funding-currency": ("fundingcurrency", "fundingcurrencycode"),
        "funding-day": ("fundingdate", "fundingtime", "settlementdate", "settlementtime"),
        "impact": ("financialimpact",),
        "impact-type": ("financialimpacttype",),
        "last-name": ("lastname", "billtolastname"),
        "merchant": ("merchantid", "cybersourcemerchantid", "cybersourceid", "organizationid"),
        "message": ("processormessage", "chargebackmessage"),
        "method": ("paymenttype", "paymentmethod", "cardtype"),
        "original": ("paymentrequestid", "linktorequest", "originalrequestid"),
        "reason": ("cbreasoncode", "chargebackreasoncode", "reasoncode"),
        "reason-text": ("chargebackreasoncodedescription", "natureofdispute"),
        "reference": ("merchantreferencenumber", "merchantrefnumber", "merchantreferenceno"),
        "request": ("requestid",),
        "resolved": ("resolvedtoindicator",),
        "reply": ("rcode", "icsrcode"),
        "sign": ("cbsign", "sign"),
        "status": ("status", "settlementstatus", "batchstatus"),
        "transaction": ("transactionreferencenumber", "transrefno", "transrefnumber"),
        "type": ("type", "fundingtype"),
    }
)
"""Our fields, and what reports call each, the likeliest first."""

IDENTITIES: Final = frozenset({"case", "merchant", "original", "request"})
"""Fields whose texts name something, and cannot be masked without naming something else."""

APPLICATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ics_bill": "payment",
        "ics_ecp_debit": "payment",
        "ics_direct_debit": "payment",
        "ics_pin_debit_purchase": "payment",
        "ics_ap_sale": "payment",
        "ics_ap_capture": "payment",
        "ics_credit": "refund",
        "ics_ecp_credit": "refund",
        "ics_direct_debit_refund": "refund",
        "ics_pin_debit_credit": "refund",
        "ics_ap_refund": "refund",
        "ics_void": "failed",
        "capture": "payment",
        "debit": "payment",
        "purchase": "payment",
        "purchases": "payment",
        "sale": "payment",
        "sales": "payment",
        "credit": "refund",
        "credits": "refund",
        "refund": "refund",
        "refunds": "refund",
        "ics_auth": "none",
        "ics_auth_reversal": "none",
        "ics_ap_auth": "none",
        "ics_dav": "none",
        "ics_decision": "none",
        "ics_export": "none",
        "ics_ifs_update": "none",
        "ics_pa_enroll": "none",
        "ics_pa_setup": "none",
        "ics_pa_validate": "none",
        "ics_pay_subscription_create": "none",
        "ics_pay_subscription_delete": "none",
        "ics_pay_subscription_retrieve": "none",
        "ics_pay_subscription_update": "none",
        "ics_risk_update": "none",
        "ics_score": "none",
        "ics_tax": "none",
    }
)
"""The kind of movement that each application is; ``none`` moves no money."""

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "payment": "payment",
        "refund": "refund",
        "chargeback": "chargeback",
        "failed": "failed",
        "nsf": "failed",
        "final nsf": "failed",
        "stop payment": "failed",
        "void": "failed",
        "fee": "fee",
        "completed": "none",
        "correction": "none",
    }
)
"""The kind of movement that each payment event is; ``none`` tells something and moves nothing."""

SUCCESS: Final = frozenset({"", "1", "100"})
"""The reply codes of what was done: 1 of an application, 100 of a whole request."""


def places(headings: Iterable[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where each of our fields stands in a row of headings; a column of the settings comes first.

    >>> places(["request_id", "amount"], {})
    {'amount': 1, 'request': 0}
    """
    found: dict[str, int] = {}
    for index, text in enumerate(headings):
        found.setdefault(heading(text), index)
    result: dict[str, int] = {}
    for field, names in FIELDS.items():
        wanted = (heading(columns[field]),) if field in columns else names
        place = next((found[name] for name in wanted if name in found), None)
        if place is not None:
            result[field] = place
    return result
