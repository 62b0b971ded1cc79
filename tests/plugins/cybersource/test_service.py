"""The service: reports that are not ready, pages, control totals, refusals without secrets."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from receivables.errors import PolicyError
from receivables.testing.fakes.cybersource import FakeCybersource
from receivables.testing.services import Clock, Serving
from receivables.transports import Request
from receivables_plugins import cybersource

(SERVICE,) = cybersource.receivables_payout_services()
DAY = dt.date(2026, 10, 5)
_PLAIN = Serving()
NOW = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)


def _read(case, *, serving=_PLAIN, clock=None, fake=None, days=(DAY, DAY)):
    runtime = case.runtime(serving, transport=fake, clock=clock)
    service = SERVICE.build(case.settings, runtime=runtime)
    return service.payouts(since=days[0], until=days[1]).collect()


def _codes(read):
    return [one.code for one in read.report.problems]


def _paths(fake):
    return [urlsplit(request.url).path.rpartition("/")[2] for request in fake.requests]


def test_a_report_that_is_not_ready_is_waited_for(make_case):
    """It comes back as often as it must, as far apart as the settings say."""
    clock = Clock(NOW)
    case = make_case(fake={"pending": {DAY: 2}}, wait_seconds=40)
    read = _read(case, clock=clock)

    assert len(read.rows) == 3
    assert clock.waited == [40, 40]


def test_a_report_that_is_never_ready_is_missing(make_case):
    """After so many waits the read is incomplete, and nothing is raised."""
    read = _read(make_case(fake={"pending": {DAY: 99}}, waits=3))

    assert read.rows == ()
    assert _codes(read) == ["service.incomplete"]


def test_a_report_that_does_not_exist_is_missing_or_asked_for(make_case):
    """It is asked for where the settings allow it, once, and then waited for."""
    case = make_case(fake={"missing": [DAY]}, creates=True)
    fake = case.serve(Serving())

    assert _codes(_read(make_case(fake={"missing": [DAY]}))) == ["service.incomplete"]
    assert len(_read(case, fake=fake).rows) == 3
    assert [each["reportFrequency"] for each in fake.created] == ["ADHOC"]


def test_a_day_without_transactions_is_whole(make_case):
    """Nothing comes, and nothing is missing."""
    day = dt.date(2026, 9, 1)
    read = _read(make_case(), days=(day, day))

    assert (read.rows, read.report.complete) == ((), True)


def test_details_are_asked_for_by_offset(make_case):
    """Pages go on where the last one ended, whatever the service makes of the limit."""
    case = make_case(route="details", page_size=2)
    fake = case.serve(Serving(page_size=1))
    _read(case, fake=fake)
    offsets = [
        parse_qs(urlsplit(request.url).query)["offset"]
        for request in fake.requests
        if "purchase" in request.url
    ]

    assert offsets == [["0"], ["1"], ["2"], ["3"]]


def test_what_is_left_out_is_found_by_the_summaries(make_case):
    """A report cut short without a word makes the read incomplete; without control it is not seen."""
    cut = Serving(truncates_at=1)

    assert _codes(_read(make_case(), serving=cut)) == ["service.incomplete"] * 2
    assert _read(make_case(controlled=False), serving=cut).report.complete


def test_a_payout_that_does_not_hold_brings_nothing(make_case):
    """Where the details of a day lack a row, neither payout nor movements of it come."""
    read = _read(make_case(route="details", funded=True), serving=Serving(truncates_at=1))

    assert read.rows == ()
    assert "payout.unbalanced" in _codes(read)


def test_disputes_that_are_missing_are_counted(make_case):
    """Fewer chargebacks than their summaries count make the read incomplete."""
    case = make_case()
    service = SERVICE.build(case.settings, runtime=case.runtime(Serving(truncates_at=1)))
    read = service.disputes(since=DAY, until=DAY + dt.timedelta(days=1)).collect()

    assert [row.dispute for row in read.rows] == ["CB-00017"]
    assert _codes(read) == ["service.incomplete"]


def test_a_wrong_key_is_refused_without_being_shown(make_case):
    """The refusal has the status and the service's word for it."""
    case = make_case(fake={"key_id": "another"})
    read = _read(case)

    assert _codes(read) == ["service.refused"]
    assert "401 UNKNOWN_KEY" in str(read.report.problems[0])
    assert "key-1234567890" not in repr(read)


@pytest.mark.parametrize(
    "settings", [{}, {"date_header": "v-c-date"}, {"target_label": "request-target"}]
)
def test_signatures_hold_in_every_spelling(make_case, settings):
    """The service's own arithmetic comes to the same, with the date of the runtime's clock."""
    case = make_case(fake={"now": NOW}, **settings)

    assert _read(case).report.complete


_FORGERIES = [
    lambda request: Request("GET", request.url + "&x=1", headers=request.headers),
    lambda request: Request("GET", request.url),
    lambda request: request.with_headers({"date": "Mon, 05 Oct 2026 09:00:01 GMT"}),
    lambda request: request.with_headers({"host": "elsewhere.example"}),
    lambda request: request.with_headers(
        {"signature": request.header("signature").replace("host ", "")}
    ),
]


@pytest.mark.parametrize("forge", _FORGERIES)
def test_the_fake_accepts_no_forgery(make_case, forge):
    """A request that was changed after it was signed is refused."""
    case = make_case()
    fake = case.serve(Serving())
    _read(case, fake=fake)
    first = fake.requests[0]

    assert fake(first).status == 200
    assert fake(forge(first)).status == 401


def test_the_fake_knows_how_late_it_is():
    """A signature older than five minutes is refused."""
    fake = FakeCybersource(now=NOW)

    assert fake(Request("GET", "https://x.example/reporting/v3/reports")).status == 401


def test_the_fake_refuses_what_the_service_refuses(make_case):
    """A limit beyond 2,000, another organization and a path that is none are errors."""
    case = make_case(organization="other", fake={"organization": "mira"})

    assert "INVALID_ORGANIZATION" in str(_read(case).report.problems[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"route": "ftp"},
        {"page_size": 2001},
        {"waits": -1},
        {"wait_seconds": 0},
        {"report_format": "pdf"},
    ],
)
def test_settings_that_make_no_sense_are_refused(make_case, wrong):
    """A setting that is not possible is a policy error."""
    case = make_case()
    with pytest.raises(PolicyError):
        SERVICE.build({**case.settings, **wrong}, runtime=case.runtime())


def test_settings_of_reading_come_as_a_table(make_case):
    """How reports are read can stand in a table of its own."""
    case = make_case(reading={"time-zone": "America/Toronto"})

    assert _read(case).report.complete
