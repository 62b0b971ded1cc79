"""The Unified API: windows, cursors, what is captured, refusals without secrets."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage
from receivables.testing.fakes.moneris import FakeMoneris, moneris_payment
from receivables.testing.services import Clock, Serving
from receivables.transports import Request, Response
from receivables_plugins import moneris

(SERVICE,) = moneris.receivables_payout_services()
DAY = dt.date(2026, 10, 5)
NOON = "2026-10-05T16:00:00.000Z"
_PLAIN = Serving()
_AUTH = {"X-Api-Key": "key", "X-Merchant-Id": "0123456789101", "Api-Version": "2025-08-14"}
_BASE = "https://api.sb.moneris.io"
CARD = "4111111111111111"


def _read(case, *, serving=_PLAIN, fake=None, days=(DAY, DAY), clock=None):
    runtime = case.runtime(serving, transport=fake, clock=clock)
    service = SERVICE.build(case.settings, runtime=runtime)
    return service.payouts(since=days[0], until=days[1]).collect()


def _codes(read):
    return [one.code for one in read.report.problems]


def _asked(fake, path="/payments"):
    queries = [urlsplit(request.url) for request in fake.requests]
    return [parse_qs(query.query) for query in queries if query.path == path]


def test_movements_are_in_no_payout_and_know_the_day_of_their_batch(make_case):
    """What happens after the close of the batch is settled with the next day."""
    late = moneris_payment("pi01", minor=100, created="2026-10-06T03:30:00.000Z")
    [row] = _read(make_case(fake={"payments": [late], "refunds": []})).rows

    assert (row.payout, row.occurred_on) == ("", DAY)
    assert row.available_on == dt.date(2026, 10, 6)


def test_windows_are_shorter_than_a_day_and_lap_over(make_case):
    """Each window begins a second before the one before it ends, and none is refused."""
    case = make_case(lookback_days=0, window_hours=12)
    fake = case.serve(_PLAIN)
    read = _read(case, fake=fake)
    spans = [
        (
            dt.datetime.fromisoformat(each["created_from"][0]),
            dt.datetime.fromisoformat(each["created_to"][0]),
        )
        for each in _asked(fake)
        if "created_from" in each
    ]

    assert read.report.complete
    assert spans[0][0] == dt.datetime(2026, 10, 5, 3, 59, 59, tzinfo=dt.UTC)
    assert max(end for _start, end in spans) == dt.datetime(2026, 10, 6, 4, 0, 1, tzinfo=dt.UTC)
    assert all(end - start <= dt.timedelta(days=1) for start, end in spans)


def test_nothing_is_asked_of_the_future(make_case):
    """The last window ends with the clock of the runtime."""
    case = make_case(lookback_days=0)
    fake = case.serve(_PLAIN)
    clock = Clock(dt.datetime(2026, 10, 5, 15, 30, tzinfo=dt.UTC))
    _read(case, fake=fake, clock=clock)

    assert _asked(fake)[-1]["created_to"] <= ["2026-10-05T15:30:01.000Z"]


def test_pages_have_twenty_rows_at_most_and_follow_the_cursor(make_case):
    """The limit is that of the service, and each page but the first comes by a cursor."""
    rows = [
        moneris_payment(
            f"pi{n:03}", minor=n, created=f"2026-10-05T14:{n // 60:02}:{n % 60:02}.000Z"
        )
        for n in range(1, 46)
    ]
    case = make_case(lookback_days=0, fake={"payments": rows, "refunds": []})
    fake = case.serve(_PLAIN)
    read = _read(case, fake=fake)

    assert sum(row.gross_minor for row in read.rows) == sum(range(46))
    assert {each["limit"][0] for each in _asked(fake)} == {"20"}
    assert sum("cursor" in each for each in _asked(fake)) == 2


def test_a_payment_completed_later_is_found_by_looking_back(make_case):
    """It was made days before, and its money moved on the day that is asked for."""
    made = moneris_payment(
        "pi01",
        minor=9000,
        created="2026-10-01T16:00:00.000Z",
        transactionDateTime=NOON,
        modifiedAt=NOON,
    )
    fake = {"payments": [made], "refunds": []}

    assert [row.gross_minor for row in _read(make_case(fake=fake)).rows] == [9000]
    assert _read(make_case(fake=fake, lookback_days=0)).rows == ()


def test_each_completion_is_a_movement(make_case):
    """A payment that is completed in parts moves money with each."""
    parts = [
        {
            "amount": {"amount": 4000, "currency": "CAD"},
            "processedAt": NOON,
            "finalCompletion": False,
        },
        {
            "amount": {"amount": 2500, "currency": "CAD"},
            "processedAt": NOON,
            "finalCompletion": True,
        },
    ]
    paid = moneris_payment(
        "pi01", minor=9000, created=NOON, status="PARTIALLY_COMPLETED", multipleCompletions=parts
    )
    rows = _read(make_case(fake={"payments": [paid], "refunds": []})).rows

    assert [(row.movement, row.gross_minor) for row in rows] == [("pi01:1", 4000), ("pi01:2", 2500)]


def test_a_surcharge_is_added_and_told(make_case):
    """The amount is without it, the payer paid it; the settings can leave it out."""
    details = {"surchargeAmount": {"amount": 240, "currency": "CAD"}}
    paid = moneris_payment("pi01", minor=10000, created=NOON, amountDetails=details)
    fake = {"payments": [paid], "refunds": []}
    read = _read(make_case(fake=fake))

    assert [row.gross_minor for row in read.rows] == [10240]
    assert _codes(read) == ["moneris.surcharge"]
    assert _read(make_case(fake=fake, adds_surcharge=False)).rows[0].gross_minor == 10000


def test_what_is_settled_in_another_currency_is_of_that_currency(make_case):
    """With a price in another currency, the amount that is settled counts."""
    pricing = {
        "cardholderAmount": {"amount": 7300, "currency": "USD"},
        "merchantSettlementAmount": {"amount": 10000, "currency": "CAD"},
    }
    paid = moneris_payment(
        "pi01", minor=7300, currency="USD", created=NOON, multiCurrencyPricingDetails=pricing
    )
    [row] = _read(make_case(fake={"payments": [paid], "refunds": []})).rows

    assert (row.gross_minor, row.currency) == (10000, "CAD")


_STATUSES = [
    ("CANCELED", []),
    ("DECLINED", []),
    ("DECLINED_RETRY", []),
    ("AUTHORIZED", []),
    ("INCREMENTED", []),
    ("PROCESSING", ["moneris.under-way"]),
    ("PARTIALLY_COMPLETED", ["moneris.completion-missing"]),
    ("SOMETHING_NEW", ["moneris.status-unknown"]),
]


@pytest.mark.parametrize(("status", "codes"), _STATUSES)
def test_only_what_was_captured_moves_money(make_case, status, codes):
    """Every other status gives no movement, and one that is not known is an error."""
    paid = moneris_payment("pi01", minor=100, created=NOON, status=status)
    read = _read(make_case(fake={"payments": [paid], "refunds": []}))

    assert (read.rows, _codes(read)) == ((), codes)


_BROKEN = [
    ({"amount": {"amount": 1.5, "currency": "CAD"}}, "amount.invalid"),
    ({"amount": {"amount": True, "currency": "CAD"}}, "amount.invalid"),
    ({"amount": {"amount": -1, "currency": "CAD"}}, "amount.invalid"),
    ({"amount": {"amount": 10**16, "currency": "CAD"}}, "amount.limit"),
    ({"amount": None}, "amount.invalid"),
    ({"amount": {"amount": 1, "currency": "XXX"}}, "currency.unknown"),
    ({"transactionDateTime": "yesterday"}, "date.invalid"),
    ({"transactionDateTime": "2026-10-05T16:00:00"}, "date.invalid"),
    ({"paymentId": ""}, "service.refused"),
    ({"paymentId": CARD}, "card.number"),
]


@pytest.mark.parametrize(("change", "code"), _BROKEN)
def test_an_object_that_breaks_a_rule_is_left_out_and_told(make_case, change, code):
    """The others are kept, and the read is not complete."""
    paid = {**moneris_payment("pi01", minor=100, created=NOON), **change}
    good = moneris_payment("pi02", minor=100, created=NOON)
    read = _read(make_case(fake={"payments": [paid, good], "refunds": []}))

    assert code in _codes(read)
    assert [row.movement for row in read.rows] == ["pi02"]
    assert not read.report.complete


def test_card_numbers_in_texts_are_masked(make_case):
    """An invoice number that is a card number stays out, and so do expiry and the first figures."""
    paid = moneris_payment("pi01", minor=100, created=NOON, invoice=CARD, holder="Ana")
    read = _read(make_case(fake={"payments": [paid], "refunds": []}))

    assert _codes(read) == ["card.number"]
    assert read.rows[0].last4 == "1111"
    assert all(text not in repr(read) for text in (CARD, "411111", "2029"))


def test_a_key_takes_the_place_of_a_token(make_case):
    """With the name of a key, no token is asked for, and the key is sent and never shown."""
    case = make_case(api_key="moneris-key", secrets={"moneris-key": "k3y"}, fake={"api_key": "k3y"})
    fake = case.serve(_PLAIN)
    read = _read(case, fake=fake)

    assert read.report.complete
    assert {request.header("X-Api-Key") for request in fake.requests} == {"k3y"}
    assert all("oauth2" not in request.url for request in fake.requests)


def test_wrong_credentials_are_refused_without_being_shown(make_case):
    """A token that is not given ends the read, with the word of the service."""
    case = make_case(fake={"client_secret": "another"})
    read = _read(case)

    assert _codes(read) == ["service.refused"]
    assert "oauth2/token must be answered with 200, got 401 UNAUTHORIZED_REQUEST" in str(
        read.report.problems[0]
    )


def test_another_merchant_is_refused(make_case):
    """The service knows its merchants."""
    read = _read(make_case(merchant="9999999999999"))

    assert "403 FORBIDDEN_REQUEST" in str(read.report.problems[0])


def test_the_next_page_is_never_another_host(make_case):
    """A link that leads elsewhere is an error, and nothing is sent there."""
    seen = []

    def transport(request):
        seen.append(urlsplit(request.url).hostname)
        if "oauth2" in request.url:
            return Response(200, body=b'{"access_token": "t"}')
        return Response(200, body=b'{"data": [], "next": "https://evil.example/payments"}')

    read = _read(make_case(), fake=transport)

    assert set(seen) == {"api.sb.moneris.io"}
    assert _codes(read) == ["service.refused"]


def test_a_list_that_goes_round_ends(make_case):
    """A cursor that comes again is a problem, and no endless loop."""

    def transport(request):
        if "oauth2" in request.url:
            return Response(200, body=b'{"access_token": "t"}')
        return Response(200, body=b'{"data": [], "next": "/payments?cursor=again"}')

    assert "service.incomplete" in _codes(_read(make_case(), fake=transport))


def test_a_dispute_that_is_closed_has_no_deadline(make_case):
    """Whether it was won is not said, so that a warning tells to look."""
    fake = {"disputes": {"121719004438/1": {"imageUploadAllowed": False, "documents": []}}}
    case = make_case(fake=fake)
    service = SERVICE.build(case.settings, runtime=case.runtime())
    read = service.disputes(since=DAY, until=DAY).collect()
    [row] = read.rows

    assert (row.respond_by, row.stage) == (None, DisputeStage.CHARGEBACK)
    assert _codes(read) == ["moneris.dispute-closed"]


def test_a_dispute_has_what_its_notice_says(make_case):
    """Amount, deadline and reference are those of the settings; one that is not there is refused."""
    case = make_case()
    service = SERVICE.build(case.settings, runtime=case.runtime())
    [row] = service.disputes(since=DAY, until=DAY).collect().rows

    assert (row.amount_minor, row.currency, row.reference) == (3500, "CAD", "F-0042")
    assert row.respond_by == dt.date(2026, 10, 25)
    other = make_case(fake={"disputes": {}})
    service = SERVICE.build(other.settings, runtime=other.runtime())
    assert _codes(service.disputes(since=DAY, until=DAY).collect()) == ["service.refused"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"merchant": " "},
        {"page_size": 21},
        {"page_size": 0},
        {"window_hours": 24},
        {"lookback_days": 91},
        {"time_zone": "Mars"},
        {"closes_at": "11 pm"},
        {"cases": [{"case": "short", "amount": "1", "opened_on": "2026-10-05"}]},
        {"cases": [{"case": "121719004438", "amount": 1.5, "opened_on": "2026-10-05"}]},
        {"cases": [{"case": "121719004438", "amount": "x", "opened_on": "2026-10-05"}]},
        {
            "cases": [
                {"case": "121719004438", "amount": "1", "opened_on": "2026-10-05", "record": 100}
            ]
        },
    ],
)
def test_settings_that_make_no_sense_are_refused(make_case, wrong):
    """A setting that is not possible is a policy error."""
    case = make_case()
    with pytest.raises(PolicyError):
        SERVICE.build({**case.settings, **wrong}, runtime=case.runtime())


_REFUSALS = [
    ("payments?created_from=2026-10-05T00:00:00Z&created_to=2026-10-06T00:00:01Z", {}, 400),
    ("payments?created_from=2026-10-06T00:00:00Z&created_to=2026-10-05T00:00:00Z", {}, 400),
    ("payments", {}, 400),
    (
        "payments?created_from=2026-10-05T00:00:00Z&created_to=2026-10-05T01:00:00Z&limit=21",
        {},
        400,
    ),
    ("payments?cursor=made-up", {}, 400),
    ("payments?cursor=bWFkZSB1cCBieSBtZQ==", {}, 400),
    ("nothing", {}, 404),
    ("payments", {"Api-Version": ""}, 400),
    ("payments", {"X-Merchant-Id": "other"}, 403),
    ("payments", {"X-Api-Key": "other"}, 401),
]


@pytest.mark.parametrize(("path", "headers", "status"), _REFUSALS)
def test_the_fake_refuses_what_the_service_refuses(path, headers, status):
    """Windows beyond a day, limits beyond twenty, cursors that are made up: a problem each."""
    fake = FakeMoneris(api_key="key")
    answer = fake(Request("GET", f"{_BASE}/{path}", headers={**_AUTH, **headers}))

    assert answer.status == status
    assert answer.header("Content-Type") == "application/problem+json"


def test_the_fake_has_a_limit_to_its_rate():
    """After so many requests one is refused with the time to wait, and the next is answered."""
    fake = FakeMoneris(api_key="key", rate=2)
    request = Request("GET", f"{_BASE}/disputes/1/1", headers=_AUTH)
    answers = [fake(request) for _ in range(4)]

    assert [answer.status for answer in answers] == [404, 404, 429, 404]
    assert answers[2].header("Retry-After") == "1"
