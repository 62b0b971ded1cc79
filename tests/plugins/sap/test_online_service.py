"""The service: what it asks, how it follows pages, masters, dunning data, credit."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from receivables.adapters import LedgerQuery
from receivables.casework import CreditLimit, ExternalScore
from receivables.errors import AdapterError, PolicyError
from receivables.testing.services import Clock, Serving
from receivables.transports import Request, Response, Runtime, Secret
from receivables_plugins.sap import SapSettings
from receivables_plugins.sap.odata import Forgery, message_of
from receivables_plugins.sap.service import SapService

NOW = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def service(oauth_case):
    """The service over the invented system, and the fake behind it."""

    def built(**settings):
        fake = oauth_case.serve(Serving())
        runtime = oauth_case.runtime(transport=fake)
        return SapService(SapSettings(**{**oauth_case.settings, **settings}), runtime), fake

    return built


@pytest.fixture
def answering():
    """A service whose answers are given one after another; the last one stays."""

    def built(*answers, **settings):
        asked = []

        def transport(request):
            asked.append(request)
            return answers[min(len(asked), len(answers)) - 1]

        runtime = Runtime(transport=transport, secret=lambda name: Secret("p"), now=Clock(NOW).now)
        known = {"url": "https://sap.example", "user": "u", "password": "p"}
        return SapService(SapSettings(**known, **settings), runtime), asked

    return built


def codes(read):
    return [problem.code for problem in read.report.problems]


def said_by(request):
    return {key: value[0] for key, value in parse_qs(urlsplit(request.url).query).items()}


def page(as_json, rows, **said):
    return Response(200, body=as_json({"d": {"results": rows, **said}}))


@pytest.fixture
def row():
    """A row as version 2 writes it."""
    return {
        "CompanyCode": "1710",
        "AccountingDocument": "1",
        "AccountingDocumentItem": "001",
        "Customer": "K",
        "PostingDate": "/Date(1757548800000)/",
        "AmountInTransactionCurrency": "1.000",
        "TransactionCurrency": "EUR",
    }


def test_a_past_day_asks_for_what_was_cleared_since(service):
    """What was open on a day is what is open, and what was cleared after it."""
    reader, fake = service(company_codes=["1710", "O'N"], sap_client="100")
    query = LedgerQuery(as_of=dt.date(2026, 10, 19), customers=["0000000042"])
    found = reader.items(query).collect()
    said = said_by(fake.requests[-1])

    assert said["$filter"] == (
        "FinancialAccountType eq 'D' and (CompanyCode eq '1710' or CompanyCode eq 'O''N') and "
        "(Customer eq '0000000042') and PostingDate le datetime'2026-10-19T00:00:00' and "
        "(IsCleared eq false or ClearingDate ge datetime'2026-10-20T00:00:00')"
    )
    assert (said["$inlinecount"], said["sap-client"]) == ("allpages", "100")
    assert [row.number for row in found.rows] == ["0100000003-2026-001"]


def test_a_service_that_caps_pages_in_silence_is_made_to_go_on(answering, as_json, row):
    """Where a page is not the last and links to none, the rest is asked for by its place."""
    others = [{**row, "AccountingDocument": number} for number in ("2", "3")]
    reader, asked = answering(page(as_json, [row], __count="3"), page(as_json, others, __count="3"))
    found = reader.items(LedgerQuery()).collect()

    assert [each.number for each in found.rows] == ["1-001", "2-001", "3-001"]
    assert found.report.complete
    assert said_by(asked[1])["$skip"] == "1"


def test_links_are_followed_at_the_host_that_was_asked(answering, as_json, row):
    """A link is followed as it stands, but credentials never go to another host."""
    link = "https://internal.example:44300/x?$skiptoken=a%20b"
    other = {**row, "AccountingDocument": "2"}
    reader, asked = answering(
        page(as_json, [row], __next=link, __count="2"), page(as_json, [other])
    )
    found = reader.items(LedgerQuery()).collect()

    assert asked[1].url == "https://sap.example/x?$skiptoken=a%20b"
    assert codes(found) == ["sap.next-link-host", "sap.kind-unsaid"]
    assert found.report.complete


def test_links_in_a_circle_end(answering, as_json, row):
    """A link that comes again ends the read as incomplete."""
    again = page(as_json, [row], __next="x?$skiptoken=1")
    reader, asked = answering(again)
    found = reader.items(LedgerQuery()).collect()

    assert len(asked) == 2
    assert "service.incomplete" in codes(found)


def test_a_service_that_counts_nothing_is_named(answering, as_json, row):
    """Without a count nothing proves that all rows came, which a warning says."""
    reader, _ = answering(page(as_json, [row]))
    found = reader.items(LedgerQuery()).collect()

    assert "sap.uncounted" in codes(found)
    assert found.report.complete


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, body=b"<html>log on</html>"),
        Response(200, body=b'{"nothing": 1}'),
        Response(200, body=b"[1"),
        Response(404, body=b"not here"),
        Response(302, headers={"Location": "https://elsewhere.example"}),
    ],
)
def test_what_is_no_answer_is_refused(answering, answer):
    """A page of logging on, a redirect or an error is a problem, and no empty ledger."""
    reader, _ = answering(answer)
    found = reader.items(LedgerQuery()).collect()

    assert (found.rows, codes(found)) == ((), ["service.refused"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"code": "X/1", "message": {"lang": "en", "value": "no"}}}', ("X/1", "no")),
        (b'{"error": {"code": "X/1", "message": "no"}}', ("X/1", "no")),
        (b'{"error": "no"}', ("", "")),
        (b"[]", ("", "[]")),
        (b"<error><code>X</code><message>no</message></error>", ("", "X no")),
        (b"", ("", "")),
    ],
)
def test_errors_are_said_as_the_service_says_them(body, said):
    """Errors of both versions are read, and any other text is shown."""
    assert message_of(Response(400, body=body)) == said


def test_the_errors_of_an_emulator_are_read(shared):
    """Errors that an emulator answered with have their code and their sentence."""
    code, message = message_of(
        Response(
            400,
            body=(shared / "mock_sap/error_bad_filter.json").read_bytes().partition(b"\n400")[0],
        )
    )

    assert code == "/IWBEP/CX_MGW_BUSI_EXCEPTION"
    assert "Bogus" in message


def test_a_token_against_forgery_is_fetched_once(service):
    """What is refused for the lack of a token is sent again with one, and then always."""
    _, fake = service()
    way = Forgery(lambda request: fake(request.with_headers({"Authorization": "Bearer token-0"})))
    path = next(iter(fake._sets))
    first = way(Request("POST", f"https://sap.example{path}", body=b"{}"))
    asked = len(fake.requests)
    second = way(Request("POST", f"https://sap.example{path}", body=b"{}"))

    assert (first.status, second.status) == (201, 201)
    assert (asked, len(fake.requests)) == (3, 4)


def test_customers_have_what_their_partners_say(service):
    """Names, language, address, mail, tax numbers, banks, head office and terms come together."""
    reader, _ = service(payment_terms={"NT30": "net 30"})
    tremblay, roy = reader.customers(LedgerQuery()).collect().rows

    assert (tremblay.name, tremblay.locale, tremblay.country) == (
        "Quincaillerie Tremblay",
        "fr",
        "CA",
    )
    assert tremblay.contacts[0].email == "comptes@tremblay.example"
    assert (tremblay.payer_group, tremblay.terms) == ("0000000042", "net 30")
    assert [(each.scheme, each.value) for each in roy.identifiers] == [("eu.vat", "FR40303265045")]
    assert (roy.is_consumer, roy.ibans) == (True, ("FR7630006000011234567890189",))


def test_some_customers_can_be_asked_for(service):
    """Only the customers that are named, or that changed since a day, are read."""
    reader, _ = service()
    named = reader.customers(LedgerQuery(customers=["0000000042"])).collect()
    changed = reader.customers(LedgerQuery(changed_since=NOW)).collect()

    assert [row.customer for row in named.rows] == ["0000000042"]
    assert (changed.rows, changed.report.complete) == ((), True)


def test_sets_that_a_system_lacks_are_said_or_left_out(service):
    """A set that is not there makes the read incomplete, unless the settings leave it out."""
    reader, fake = service()
    path = next(path for path in fake._sets if path.endswith("A_BusinessPartnerBank"))
    del fake._sets[path]
    found = reader.customers(LedgerQuery()).collect()
    other, fake = service(masters={"bank": ""})
    del fake._sets[path]

    assert (len(found.rows), codes(found)) == (2, ["service.refused"])
    assert other.customers(LedgerQuery()).collect().report.complete


def test_dunning_data_say_blocks_and_levels(service):
    """How SAP duns a customer can be read: the block, the level, the day."""
    reader, _ = service()
    data = reader.dunning(LedgerQuery()).collect().rows[0]

    assert (data.customer, data.block, data.level) == ("0000000017", "R", 2)
    assert data.last_on == dt.date(2026, 10, 5)


def test_credit_management_gives_limits_scores_and_blocks(service):
    """A risk class and a score are scores, a limit is one where it is set, a block is said."""
    reader, _ = service()
    rows = reader.credit(LedgerQuery()).collect().rows
    limits = [row for row in rows if isinstance(row, CreditLimit)]
    scores = {row.source: row for row in rows if isinstance(row, ExternalScore)}

    assert [(row.customer, str(row.amount.amount)) for row in limits] == [("0000000017", "5000.00")]
    assert scores["sap-risk-class"].value == "B"
    assert scores["sap-score"].points == 72
    assert scores["sap-credit-block"].note == "01"


def test_a_wrong_credit_account_is_a_problem(service):
    """A credit account that cannot be taken is an error, and the others are taken."""
    reader, fake = service()
    path = next(path for path in fake._sets if path.endswith("CreditManagementAccount"))
    fake._sets[path][0] = {**fake._sets[path][0], "CreditSegmentCurrency": "EURO"}
    found = reader.credit(LedgerQuery()).collect()

    assert codes(found) == ["credit.invalid"]


def test_totals_of_accounts_are_not_made_up(service):
    """There is no total where no service gives one."""
    reader, _ = service()

    with pytest.raises(AdapterError):
        reader.control_totals()


@pytest.mark.parametrize(
    "said",
    [
        {"url": "sap.example"},
        {"user": ""},
        {"auth": "kerberos"},
        {"auth": "oauth"},
        {"odata": "v3"},
        {"odata": "v4"},
        {"page_size": 0},
        {"masters": {"vendor": "A_Supplier"}},
    ],
)
def test_settings_of_the_service_are_checked(said):
    """Settings that cannot reach anything are refused before anything is asked."""
    good = {"url": "https://sap.example", "user": "u", "password": "p"}

    with pytest.raises(PolicyError):
        SapSettings(**{**good, **said})
