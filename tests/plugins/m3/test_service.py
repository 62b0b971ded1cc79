"""How M3 is asked: routes, pages without a cursor, refusals beside rows, logins, queries."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from receivables.adapters import LedgerQuery
from receivables.casework import CreditLimit, ExternalScore
from receivables.credit import Commitment
from receivables.errors import AdapterError, PolicyError
from receivables.money import money
from receivables.testing.ledger_service import open_minor
from receivables.testing.services import ServiceCase, Serving
from receivables_plugins import m3 as plugin

_HEADS = [
    {
        "IVNO": str(number),
        "EXIN": f"INV{number}",
        "PYNO": "C-017",
        "CUNO": "C-017",
        "YEA4": "2026",
        "IDAT": "20260801",
        "DUDT": "20260831",
        "CUCD": "EUR",
        "RAFC": "10.00",
    }
    for number in range(1, 6)
]


def _service(case: ServiceCase, fake: Any, **settings: Any) -> Any:
    [spec] = plugin.receivables_ledger_services()
    return spec.build({**case.settings, **settings}, runtime=case.runtime(transport=fake))


def _queries(fake: Any) -> list[str]:
    found = [parse_qs(urlsplit(request.url).query) for request in fake.requests]
    return [query["QERY"][0] for query in found if "QERY" in query]


@pytest.mark.parametrize("maxrecs", [1, 2, 5, 0])
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_any_maxrecs_gives_every_row(m3: SimpleNamespace, maxrecs: int, api: str) -> None:
    """A hundred rows come however few are asked for at a time, and each once."""
    rows = [m3.ledger_row(f"{number:04}", "1.00") for number in range(100)]
    fake = m3.cloud(ledger=rows)
    read = _service(m3.cloud_case(), fake, maxrecs=maxrecs, api=api).items(LedgerQuery()).collect()

    assert open_minor(read.rows) == {"EUR": 100_00}
    assert read.report.complete


def test_a_silent_ceiling_is_found_by_counting(m3: SimpleNamespace) -> None:
    """Rows that M3 never gives are missed, because it counts them."""
    fake = m3.cloud(Serving(truncates_at=4))
    read = _service(m3.cloud_case(), fake).items(LedgerQuery()).collect()

    assert [problem.code for problem in read.report.problems] == ["service.incomplete"]
    assert read.rows


def test_rows_that_cannot_be_counted_are_doubted(m3: SimpleNamespace) -> None:
    """Without a count every row still comes, with a warning that nothing proves it."""
    rows = [m3.ledger_row(f"{number:04}", "1.00") for number in range(20)]
    fake = m3.cloud(Serving(page_size=3), ledger=rows)
    read = _service(m3.cloud_case(), fake, count="", maxrecs=3).items(LedgerQuery()).collect()

    assert open_minor(read.rows) == {"EUR": 20_00}
    assert [problem.code for problem in read.report.problems] == ["m3.uncounted"]


def test_a_list_that_cannot_go_on_is_incomplete(m3: SimpleNamespace) -> None:
    """As many invoices of ARS200MI as were asked for are not known to be all of them."""
    fake = m3.cloud()
    read = _service(m3.cloud_case(), fake, route="invoices", maxrecs=2).items(LedgerQuery())
    codes = [problem.code for problem in read.collect().report.problems]

    assert codes == ["service.incomplete", "m3.settled-day"][: len(codes)]
    assert "service.incomplete" in codes


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_rows_beside_a_refusal_are_kept(m3: SimpleNamespace, api: str) -> None:
    """Rows before a refusal are records, and the read is incomplete."""
    rows = [m3.ledger_row(f"{number:04}", "1.00") for number in range(9)]
    fake = m3.cloud(Serving(fails_at=6), ledger=rows)
    read = _service(m3.cloud_case(), fake, api=api).items(LedgerQuery()).collect()

    assert open_minor(read.rows) == {"EUR": 5_00}
    assert [problem.code for problem in read.report.problems] == ["service.incomplete"]


def test_totals_of_invoices_say_what_is_left(m3: SimpleNamespace) -> None:
    """The route by ARS200MI gives what is outstanding, and doubts the day of what was settled."""
    rows = [m3.ledger_row("7", "500.00"), m3.payment_row("7", "-200.00", "20260910")]
    service = _service(m3.site_case(), m3.site(ledger=rows), route="invoices")
    read = service.items(LedgerQuery()).collect()

    assert open_minor(read.rows) == {"EUR": 300_00}
    assert [problem.code for problem in read.report.problems] == ["m3.settled-day"]
    assert read.report.complete


def test_heads_say_what_remains(m3: SimpleNamespace) -> None:
    """The route by OIS350MI goes on by number, and says that it knows only what is left."""
    service = _service(m3.cloud_case(), m3.cloud(heads=_HEADS), route="heads", maxrecs=2)
    read = service.items(LedgerQuery(customers=["C-017"])).collect()

    assert open_minor(read.rows) == {"EUR": 50_00}
    assert [problem.code for problem in read.report.problems] == ["m3.remaining-only"]


@pytest.mark.parametrize("route", ["invoices", "heads"])
def test_a_route_of_today_knows_no_past(m3: SimpleNamespace, route: str) -> None:
    """A past day is refused where the route knows only what is open now."""
    service = _service(m3.cloud_case(), m3.cloud(), route=route)

    with pytest.raises(PolicyError, match="as_of"):
        service.items(LedgerQuery(as_of=dt.date(2026, 9, 1)))


def test_customers_are_named_in_the_query(m3: SimpleNamespace) -> None:
    """Only the customers asked for are read, whatever marks their numbers have."""
    fake = m3.cloud()
    read = _service(m3.cloud_case(), fake).items(LedgerQuery(customers=["D'ARC"])).collect()

    assert open_minor(read.rows) == {"EUR": -90_00}
    assert all("ESPYNO = 'D''ARC'" in query for query in _queries(fake))


def test_a_number_cannot_widen_the_query(m3: SimpleNamespace) -> None:
    """A number that looks like a query is one text in it."""
    read = _service(m3.cloud_case(), m3.cloud()).items(LedgerQuery(customers=["X' or ESPYNO <> '"]))

    assert read.collect().rows == ()


def test_the_credentials_of_a_file_are_used(m3: SimpleNamespace) -> None:
    """The service account of the `.ionapi` file gets a token, and its tenant is in the address."""
    fake = m3.cloud()
    _service(m3.cloud_case(), fake).items(LedgerQuery()).collect()
    token, *others = fake.requests

    assert token.url == "https://sso.example/MIRA_PRD/as/token.oauth2"
    assert all(
        each.url.startswith("https://mingle.example/MIRA_PRD/M3/m3api-rest/v2/") for each in others
    )


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"ti": "MIRA_PRD"}'])
def test_a_file_that_is_none_is_refused_unseen(m3: SimpleNamespace, text: str) -> None:
    """A secret that is no `.ionapi` file is refused, and none of it is in the message."""
    case = ServiceCase(settings=m3.CLOUD, secrets={"m3-ionapi": text}, serve=m3.cloud)

    with pytest.raises(PolicyError, match=r"m3-ionapi must be an \.ionapi file") as caught:
        _service(case, m3.cloud()).items(LedgerQuery()).collect()
    assert "MIRA_PRD" not in str(caught.value)


@pytest.mark.parametrize("csrf", [True, False])
def test_a_token_against_forgery_is_kept_fresh(m3: SimpleNamespace, *, csrf: bool) -> None:
    """A token that was used up is got again; where M3 wants none, none is asked for twice."""
    rows = [m3.ledger_row(f"{number:04}", "1.00") for number in range(20)]
    fake = m3.site(ledger=rows, csrf=csrf)
    read = _service(m3.site_case(), fake, maxrecs=1).items(LedgerQuery()).collect()
    tokens = [request for request in fake.requests if request.url.endswith("/csrf")]

    assert read.report.complete
    assert len(tokens) > 1 if csrf else len(tokens) == 1


def test_a_wrong_password_is_no_empty_ledger(m3: SimpleNamespace) -> None:
    """Who may not ask gets a refusal as a problem, and the password is not in it."""
    case = ServiceCase(settings=m3.SITE, secrets={"m3-password": "wr0ng-one"}, serve=m3.site)
    read = _service(case, m3.site()).items(LedgerQuery()).collect()

    assert [problem.code for problem in read.report.problems] == ["service.refused"]
    assert "wr0ng-one" not in str(read.report)


def test_customers_have_what_the_list_says(m3: SimpleNamespace) -> None:
    """Language, terms, payer and identifiers come by the maps of the settings."""
    maps = {
        "languages": {"FR": "fr"},
        "terms": {"030": "net 30"},
        "identifier_schemes": {"VRNO": "eu.vat"},
    }
    read = _service(m3.cloud_case(), m3.cloud(), **maps).customers(LedgerQuery())
    bakery, dealer, _ = read.collect().rows

    assert (bakery.customer, bakery.locale, bakery.terms, bakery.payer_group) == (
        *("0042", "fr", "net 30"),
        "C-017",
    )
    assert (bakery.address.lines, bakery.address.city) == (("12 rue du Port",), "Nantes")
    assert [(each.scheme, each.value) for each in dealer.identifiers] == [
        ("eu.vat", "FR40303265045")
    ]
    assert dealer.contacts[0].email == "ap@oneil.example"


def test_customers_that_changed(m3: SimpleNamespace) -> None:
    """Only customers changed since a moment come."""
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    read = _service(m3.cloud_case(), m3.cloud()).customers(LedgerQuery(changed_since=since))

    assert [row.customer for row in read.collect().rows] == ["0042"]


def test_credit_is_limits_orders_and_a_stop(m3: SimpleNamespace) -> None:
    """The limit of the settings, the insurer's, what is ordered, and the stop as it stands."""
    service = _service(m3.cloud_case(), m3.cloud(), credit_limit="CRL3")
    rows = service.credit(LedgerQuery(customers=["C-017"])).collect().rows
    limits = [(row.kind.value, row.amount) for row in rows if isinstance(row, CreditLimit)]

    assert limits == [("own", money("8000.00", "EUR")), ("insured", money("2000.00", "EUR"))]
    assert [row.amount for row in rows if isinstance(row, Commitment)] == [money("750.50", "EUR")]
    assert [row.value for row in rows if isinstance(row, ExternalScore)] == ["1"]


def test_control_totals_are_not_known(m3: SimpleNamespace) -> None:
    """What the general ledger says is not asked for, and says so."""
    with pytest.raises(AdapterError, match="general ledger"):
        _service(m3.cloud_case(), m3.cloud()).control_totals()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"api": "v3"}, "api must be among"),
        ({"route": "rumour"}, "route must be among"),
        ({"maxrecs": -1}, "maxrecs must be"),
        ({"bulk": 0}, "bulk must be"),
        ({"separator": "#"}, "separator must be"),
        ({"count": "sum(*)"}, "count must be among"),
        ({"years": 0}, "years must be"),
        ({"credit_limit": "CRL9"}, "credit_limit must be among"),
        ({"account": "bank"}, "account must be among"),
        ({"document_number": ["INYR"]}, "must have CINO"),
        ({"transaction_codes": {"10": "rumour"}}, "transaction_codes must be among"),
        ({"creditor": ""}, "creditor must be given"),
        ({"user": "MIRA", "password": "m3-password"}, "neither or both"),
        ({"ionapi": ""}, "neither or both"),
        ({"ionapi": "", "user": "MIRA", "password": "m3-password"}, "url must be given"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    m3: SimpleNamespace, more: dict[str, Any], said: str
) -> None:
    """A setting that makes no sense is refused where the adapter is built."""
    [spec] = plugin.receivables_ledger_services()

    with pytest.raises(PolicyError, match=said):
        spec.build({**m3.CLOUD, **more}, runtime=m3.cloud_case().runtime())


def test_the_fake_has_the_habits_of_m3(m3: SimpleNamespace) -> None:
    """It pads, gives a hundred rows where nobody says how many, and refuses with status 200."""
    rows = [{"CUNO": f"{number:04}", "CUNM": "A"} for number in range(150)]
    fake = m3.site(customers=rows, csrf=False)
    case = m3.site_case()
    [spec] = plugin.receivables_ledger_services()
    service = spec.build({**case.settings, "csrf": False}, runtime=case.runtime(transport=fake))
    service.customers(LedgerQuery()).collect()
    [first, *_] = fake.requests
    bare = first.url.partition(";")[0]
    answer = fake(type(first)("GET", bare, headers=first.headers)).json()
    refused = fake(
        type(first)("GET", bare.replace("LstByNumber", "GetBasicData"), headers=first.headers)
    )

    assert len(answer["MIRecord"]) == 100
    assert {"Name": "CUNO", "Value": "0000      "} in answer["MIRecord"][0]["NameValue"]
    assert refused.status == 200
    assert json.loads(refused.body)["@type"] == "MandatoryInputFieldNotFound"
