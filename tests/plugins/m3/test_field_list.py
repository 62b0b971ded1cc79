"""Everything that is asked of M3 is in the field list of a real installation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from receivables.adapters import LedgerQuery
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.receipts import ReceiptMethod
from receivables.testing.fakes.m3 import FakeM3, FieldList
from receivables.transports import Request
from receivables_plugins import m3 as plugin

_HEAD = {
    "IVNO": "100",
    "EXIN": "100",
    "PYNO": "C-017",
    "CUNO": "C-017",
    "YEA4": "2026",
    "IDAT": "20260801",
    "DUDT": "20260831",
    "CUCD": "EUR",
    "RAFC": "75.00",
}


def _asked(requests: list[Request]) -> Iterator[tuple[str, str, set[str], set[str]]]:
    """Program, transaction, fields in and columns out of each request of v1."""
    for request in requests:
        parts = urlsplit(request.url)
        if "/execute/" not in parts.path:
            continue
        path, *context = parts.path.partition("/execute/")[2].split(";")
        program, _, transaction = path.partition("/")
        said = dict(unquote(part).split("=", 1) for part in context)
        columns = {name for name in said.get("returncols", "").split(",") if name}
        yield program, transaction, {name for name, _ in parse_qsl(parts.query)}, columns


def _reads(fake: FakeM3, m3: SimpleNamespace) -> None:
    [spec] = plugin.receivables_ledger_services()
    for route in ("ledger", "invoices", "heads"):
        case = m3.site_case(route=route, detect=True)
        service = spec.build(case.settings, runtime=case.runtime(transport=fake))
        assert service.items(LedgerQuery()).collect().report.complete
        assert (
            service.customers(LedgerQuery(changed_since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
            .collect()
            .rows
        )
        assert service.credit(LedgerQuery(customers=["C-017"])).collect().rows


def _posts(fake: FakeM3, m3: SimpleNamespace) -> None:
    [spec] = plugin.receivables_posting_targets()
    settings: dict[str, Any] = {
        name: value for name, value in m3.SITE.items() if name not in {"creditor", "currency"}
    }
    settings |= {
        "payment_type": "10",
        "on_account_type": "CU",
        "discount_field": "ACDA",
        "bank_accounts": {"FR76": "BNP"},
    }
    part = AppliedPart(document="000100-2026", amount_minor=10000, discount_minor=200)
    paid = ReceiptPosting(
        receipt="R-1",
        customer="C-017",
        amount=money("120.00", "EUR"),
        booking_date=dt.date(2026, 10, 5),
        applications=[part],
        account="FR76",
        method=ReceiptMethod.CHEQUE,
        reference="0071",
    )
    case = m3.site_case()
    target = spec.build(settings, runtime=case.runtime(transport=fake))
    result = target.post(PostingBatch.of([paid], creditor="MIRA", target="m3"))
    assert [answer.outcome.value for answer in result.answers] == ["posted"]


def test_every_field_is_in_the_list(field_list_text: str, m3: SimpleNamespace) -> None:
    """Each transaction that is called is there, and so is each field that goes in or comes out."""
    fields = FieldList.from_tsv(field_list_text)
    fake = m3.site(heads=[_HEAD], fields=fields)
    _reads(fake, m3)
    _posts(fake, m3)
    seen = set()
    for program, transaction, given, columns in _asked(fake.requests):
        key = (program, transaction)
        seen.add(f"{program}.{transaction}")
        assert fields.knows(*key)
        assert given <= set(fields.inputs.get(key, {}))
        assert columns <= set(fields.outputs.get(key, {}))
    assert {
        "ARS040MI.AddBatchLine",
        "ARS200MI.GetInvTotInfo",
        "ARS200MI.LstInvByDivi",
        "CRS610MI.GetFinancial",
        "CRS610MI.LstByNumber",
        "EXPORTMI.Select",
        "MRS001MI.LstAdtFieldInf",
        "OIS350MI.LstInvHeadByPay",
    } <= seen


def test_journal_calls_are_in_the_list(field_list_text: str) -> None:
    """Transactions of GLS840MI take the fields that are sent, and want no others."""
    fields = FieldList.from_tsv(field_list_text)
    sent = {
        "AddBatchHead": {"CONO", "DIVI", "KEY1", "INTN", "DESC"},
        "AddBatchLine": {"CONO", "DIVI", "KEY1", "LINE", "PARM"},
        "CtrlBatch": {"CONO", "DIVI", "KEY1"},
        "UpdBatch": {"CONO", "DIVI", "KEY1"},
    }
    for transaction, names in sent.items():
        assert names <= set(fields.inputs["GLS840MI", transaction])
        assert fields.required("GLS840MI", transaction) <= names


def test_own_list_agrees_with_the_list(field_list_text: str) -> None:
    """The short list of the fake says of each field what the long one says."""
    whole, own = FieldList.from_tsv(field_list_text), FieldList.usual()
    for key, given in own.inputs.items():
        assert own.required(*key) == whole.required(*key), key
        assert set(given) <= set(whole.inputs.get(key, {})), key
    for key, lengths in own.outputs.items():
        theirs = whole.outputs.get(key, {})
        wrong = {name: size for name, size in lengths.items() if theirs.get(name) != size}
        assert wrong == {}, key
