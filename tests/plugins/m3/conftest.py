"""Rows of an M3 that is not there, the fakes that serve them, and the shared field list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from receivables.testing.fakes.m3 import FakeM3
from receivables.testing.services import ServiceCase, Serving

IONAPI: Mapping[str, str] = {
    "ti": "MIRA_PRD",
    "ci": "MIRA_PRD~client",
    "cs": "cl1ent-s3cret",
    "iu": "https://mingle.example",
    "pu": "https://sso.example/MIRA_PRD/as/",
    "oa": "authorization.oauth2",
    "ot": "token.oauth2",
    "saak": "MIRA_PRD#access",
    "sask": "s3rvice-account-s3cret",
}


def ledger_row(invoice: str, amount: str, **more: str) -> dict[str, str]:
    """A row of FSLEDG; a journal line of its own for each invoice and amount."""
    usual = {
        "CONO": "1",
        "DIVI": "AAA",
        "PYNO": "C-017",
        "CUNO": "C-017",
        "CINO": invoice,
        "INYR": "2026",
        "TRCD": "10",
        "RECO": "0",
        "REDE": "0",
        "IVDT": "20260801",
        "DUDT": "20260831",
        "ACDT": "20260801",
        "CUCD": "EUR",
        "CUAM": amount,
        "TEPY": "030",
        "YEA4": "2026",
        "JRNO": str(1 + sum(map(ord, invoice))),
        "JSNO": str(sum(map(ord, amount + more.get("ACDT", "") + more.get("TRCD", "10")))),
    }
    return {**usual, **more}


def payment_row(invoice: str, amount: str, day: str, **more: str) -> dict[str, str]:
    """A row of FSLEDG for a payment."""
    return ledger_row(invoice, amount, TRCD="20", ACDT=day, **more)


CUSTOMERS = [
    {
        "CONO": "1",
        "CUNO": "0042",
        "CUNM": "Boulangerie Tremblay",
        "CUA1": "12 rue du Port",
        "PONO": "44000",
        "TOWN": "Nantes",
        "CSCD": "FR",
        "LNCD": "FR",
        "PYNO": "C-017",
        "CUCD": "EUR",
        "CRL2": "15000",
        "INLI": "0",
        "BLCD": "0",
        "TEPY": "030",
        "LMTS": "1793443200000",
    },
    {
        "CONO": "1",
        "CUNO": "C-017",
        "CUNM": "Quincaillerie O'Neil",
        "CSCD": "CA",
        "LNCD": "GB",
        "MAIL": "ap@oneil.example",
        "VRNO": "FR40303265045",
        "CUCD": "EUR",
        "CRL2": "5000",
        "CRL3": "8000",
        "INLI": "2000",
        "INSN": "P-1",
        "INCO": "COFACE",
        "TBLG": "750.50",
        "BLCD": "1",
        "LMTS": "1700000000000",
    },
    {"CONO": "1", "CUNO": "D'ARC", "CUNM": "D'Arc SA", "CUCD": "EUR", "CRL2": "0", "LMTS": "1"},
]

LEDGER = [
    ledger_row("000100", "1200.00"),
    ledger_row("000101", "500.00"),
    payment_row("000101", "-200.00", "20260910"),
    payment_row("000101", "-50.00", "20261005"),
    ledger_row("000102", "-80.00", IVDT="20260815", ACDT="20260815"),
    ledger_row("000103", "300.00", RECO="9", REDE="20260920"),
    payment_row("000103", "-300.00", "20260920", RECO="9", REDE="20260920"),
    payment_row("PA-77", "-90.00", "20261001", PYNO="D'ARC", CUNO="D'ARC"),
    ledger_row("000104", "100.00", DUDT="20260831", JSNO="900"),
    ledger_row("000104", "100.00", DUDT="20260930", JSNO="901"),
    payment_row("000104", "-100.00", "20260901", DUDT="20260831"),
    ledger_row("000105", "12000", CUCD="JPY", PYNO="0042", CUNO="0042"),
]

OPEN_NOW = {"EUR": 1200_00 + 250_00 - 80_00 - 90_00 + 100_00, "JPY": 12000}

CLOUD = {"creditor": "MIRA", "currency": "EUR", "ionapi": "m3-ionapi", "company": "1"}
SITE = {
    "creditor": "MIRA",
    "currency": "EUR",
    "api": "v1",
    "url": "https://m3.example",
    "user": "MIRA",
    "password": "m3-password",
    "company": "1",
    "division": "AAA",
}
CLOUD_SECRETS = {
    "m3-ionapi": json.dumps(IONAPI),
}
SITE_SECRETS = {"m3-password": "p4ssw0rd-of-m3"}


def cloud(serving: Serving = Serving(), **more: Any) -> FakeM3:  # noqa: B008  # a frozen value
    """M3 in the cloud, with the rows above."""
    given = {"customers": CUSTOMERS, "ledger": LEDGER, **more}
    return FakeM3(**given, ionapi=IONAPI, serving=serving)


def site(serving: Serving = Serving(), **more: Any) -> FakeM3:  # noqa: B008  # a frozen value
    """M3 on premises, with the rows above."""
    given = {"customers": CUSTOMERS, "ledger": LEDGER, **more}
    return FakeM3(
        **given, api_user="MIRA", api_password=SITE_SECRETS["m3-password"], serving=serving
    )


def cloud_case(**settings: Any) -> ServiceCase:
    """The service in the cloud."""
    return ServiceCase(settings={**CLOUD, **settings}, secrets=CLOUD_SECRETS, serve=cloud)


def site_case(**settings: Any) -> ServiceCase:
    """The service on premises."""
    return ServiceCase(settings={**SITE, **settings}, secrets=SITE_SECRETS, serve=site)


@pytest.fixture
def m3() -> SimpleNamespace:
    """The rows, the fakes and the cases by their names."""
    return SimpleNamespace(
        CLOUD=CLOUD,
        CLOUD_SECRETS=CLOUD_SECRETS,
        CUSTOMERS=CUSTOMERS,
        IONAPI=IONAPI,
        LEDGER=LEDGER,
        OPEN_NOW=OPEN_NOW,
        SITE=SITE,
        SITE_SECRETS=SITE_SECRETS,
        cloud=cloud,
        cloud_case=cloud_case,
        ledger_row=ledger_row,
        payment_row=payment_row,
        site=site,
        site_case=site_case,
    )


@pytest.fixture
def field_list_text() -> str:
    """The field list of one installation, where the shared corpora are beside this checkout."""
    root = Path(__file__).resolve().parents[3]
    path = root.parent / "shared" / "corpora" / "erp" / "m3" / "m3_mi_ar_fields.tsv"
    if not path.is_file():
        pytest.skip("shared corpora are not beside this checkout")
    return path.read_text(encoding="utf-8")
