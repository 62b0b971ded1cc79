"""A file as others read it: plain values for machines, tables for people, one archive for both."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from receivables.archives import archive, csv_table, digest, in_units, named_parts, with_sums
from receivables.parties import Address, Creditor, Customer, Identifier
from receivables.referral.model import FileItem, ReferralFile

__all__ = ["FORMAT", "bundle", "plain_file", "tables"]

FORMAT: Final = "receivables.referral/1"
"""The name and version of the plain form; fields may be added to a version, never taken away."""

_ITEMS: Final = (
    *("item", "document", "kind", "category", "document_date", "due_date", "days_past_due"),
    *("currency", "amount", "paid", "open", "referred", "disputed"),
    *("interest", "compensation", "level"),
)
_INTEREST: Final = (
    *("item", "first", "last", "days", "rate_percent", "balance", "interest", "currency"),
    *("derivation", "status"),
)
_PAYMENTS: Final = ("item", "date", "amount", "currency", "allocation", "receipts")
_LOG: Final = (
    *("date", "kind", "channel", "direction", "outcome", "person", "by", "reason", "said"),
    *("next_action", "next_on", "items"),
)
_TOTALS: Final = (
    *("currency", "principal", "charges", "interest", "compensation", "claim", "disputed"),
)


def plain_file(file: ReferralFile) -> dict[str, Any]:
    """The file as dictionaries, lists and texts; amounts are decimal texts beside their currency."""
    referral = file.referral
    return {
        "format": FORMAT,
        "referral": referral.referral,
        "kind": referral.kind.value,
        "to": referral.to,
        "mandate": referral.mandate,
        "as_of": file.as_of.isoformat(),
        "creditor": _creditor(file.creditor),
        "customer": _customer(file.customer),
        "items": [_item(item) for item in file.items],
        "totals": [_named(_TOTALS, row) for row in _total_rows(file)],
        "log": [_named(_LOG, row) for row in _log_rows(file)],
        "deadlines": [
            {"day": one.day.isoformat(), "item": one.item, "article": one.article}
            for one in file.deadlines
        ],
        "evidence": [
            {
                "kind": one.kind.value,
                "name": one.name,
                "item": one.item,
                "day": _text(one.day),
                "sha256": digest(one.content) if one.content else "",
            }
            for one in file.evidence
        ],
        "doubts": [
            {
                "kind": one.kind.value,
                "item": one.item,
                "detail": one.detail,
                "evidence": one.evidence.value if one.evidence else "",
            }
            for one in file.doubts
        ],
    }


def tables(file: ReferralFile) -> dict[str, bytes]:
    """The file as tables by name, in English headings: items, interest, payments, totals, log."""
    return {
        "items.csv": csv_table(_ITEMS, map(_item_row, file.items)),
        "interest.csv": csv_table(_INTEREST, _interest_rows(file)),
        "payments.csv": csv_table(_PAYMENTS, _payment_rows(file)),
        "totals.csv": csv_table(_TOTALS, _total_rows(file)),
        "log.csv": csv_table(_LOG, _log_rows(file)),
    }


def bundle(file: ReferralFile, papers: Mapping[str, bytes] | None = None) -> bytes:
    """One zip archive: ``referral.json``, the tables, the evidence that has contents, and papers.

    `papers` are files of your own by name, the letters among them.  The evidence lies below
    ``evidence/``.  The archive proves its parts (``SHA256SUMS``), and the same file gives the same
    bytes.  Raises `PolicyError` for a name that is taken or no plain path.
    """
    plain = json.dumps(plain_file(file), ensure_ascii=False, indent=2, sort_keys=True)
    files = {"referral.json": f"{plain}\n".encode(), **tables(file)}
    proofs = {f"evidence/{one.name}": one.content for one in file.evidence if one.content}
    return archive(with_sums(named_parts(named_parts(files, proofs), papers or {})))


def _creditor(creditor: Creditor) -> dict[str, Any]:
    return {
        "identifier": creditor.creditor,
        "name": creditor.name,
        "legal_form": creditor.legal_form,
        "address": _address(creditor.address, creditor.country),
        "identifiers": _identifiers(creditor.identifiers),
        "iban": creditor.iban,
        "email": creditor.email,
        "phone": creditor.phone,
    }


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "identifier": customer.customer,
        "name": customer.name,
        "locale": customer.locale,
        "is_consumer": customer.is_consumer,
        "address": _address(customer.address, customer.country),
        "identifiers": _identifiers(customer.identifiers),
        "contacts": [
            {"name": one.name, "role": one.role.value, "email": one.email, "phone": one.phone}
            for one in customer.contacts
        ],
    }


def _address(address: Address, country: str) -> dict[str, Any]:
    return {
        "lines": list(address.lines),
        "postal_code": address.postal_code,
        "city": address.city,
        "region": address.region,
        "country": address.country or country,
    }


def _identifiers(identifiers: tuple[Identifier, ...]) -> list[dict[str, str]]:
    return [{"scheme": one.scheme, "value": one.value} for one in identifiers]


def _item(item: FileItem) -> dict[str, Any]:
    segments = item.interest.segments if item.interest else ()
    return {
        **_named(_ITEMS, _item_row(item)),
        "references": list(item.references),
        "segments": [
            {
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "days": one.days,
                "rate_percent": f"{one.rate:f}",
                "balance": f"{in_units(one.balance_minor, item.currency):f}",
                "derivation": one.derivation,
                "status": one.status.value,
            }
            for one in segments
        ],
        "payments": [
            {
                "date": one.day.isoformat(),
                "amount": f"{in_units(one.amount_minor, item.currency):f}",
                "receipts": list(one.receipts),
            }
            for one in item.payments
        ],
    }


def _named(names: tuple[str, ...], row: tuple[object, ...]) -> dict[str, Any]:
    return {
        name: cell if isinstance(cell, int) else _text(cell)
        for name, cell in zip(names, row, strict=True)
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _item_row(item: FileItem) -> tuple[object, ...]:
    amounts = [
        in_units(minor, item.currency)
        for minor in (
            item.amount_minor,
            item.amount_minor - item.open_minor,
            item.open_minor,
            item.referred_minor,
            item.disputed_minor,
            item.interest_minor,
            item.compensation_minor,
        )
    ]
    return (
        *(item.item, item.document, item.kind, item.category, item.document_date, item.due_date),
        item.days_past_due,
        item.currency,
        *amounts,
        item.level,
    )


def _interest_rows(file: ReferralFile) -> Iterator[tuple[object, ...]]:
    for item in file.items:
        for one in item.interest.segments if item.interest else ():
            # Two decimals more than the currency has: enough to see what was rounded.
            minor = Decimal(round(one.amount_minor * 100)).scaleb(-2)
            yield (
                *(item.item, one.first, one.last, one.days, one.rate),
                in_units(one.balance_minor, item.currency),
                in_units(1, item.currency) * minor,
                *(item.currency, one.derivation, one.status.value),
            )


def _payment_rows(file: ReferralFile) -> Iterator[tuple[object, ...]]:
    for item in file.items:
        for one in item.payments:
            amount = in_units(one.amount_minor, item.currency)
            receipts = " ".join(one.receipts)
            yield (item.item, one.day, amount, item.currency, one.allocation, receipts)


def _total_rows(file: ReferralFile) -> Iterator[tuple[object, ...]]:
    for one in file.totals:
        amounts = (
            *(one.principal_minor, one.charges_minor, one.interest_minor, one.compensation_minor),
            *(one.claim_minor, one.disputed_minor),
        )
        yield (one.currency, *(in_units(minor, one.currency) for minor in amounts))


def _log_rows(file: ReferralFile) -> Iterator[tuple[object, ...]]:
    for one in file.log:
        yield (
            *(one.on, one.kind.value, one.channel.value if one.channel else ""),
            *(one.direction.value, one.outcome.value, one.person, one.by),
            *(one.reason.value if one.reason else "", one.said),
            *(one.next_action, one.next_on, " ".join(one.items)),
        )
