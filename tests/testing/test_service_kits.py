"""The kits for services find what is wrong: each flaw fails the check that is there for it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from receivables.adapters import AdapterSpec, LedgerQuery
from receivables.casework import LineAnswer
from receivables.documents import CreditNote, Invoice
from receivables.errors import ReceivablesError, ServiceError
from receivables.money import from_minor, money
from receivables.outbox import Payload, PostingBatch, PostingProposal, PostingResult, ReceiptPosting
from receivables.reading import Read, ReadNotes
from receivables.testing import (
    ExpectedService,
    Fault,
    LedgerServiceTests,
    PostingTargetTests,
    Recorder,
    Replay,
    ServiceCase,
)
from receivables.transports import Request, Response, Secret

KEY = "k-9f31"
ROWS = [{"n": f"{number:04}", "m": number * 100 * (-1) ** number} for number in range(1, 12)]


class Fake:
    """Pages of rows with a count, for whoever has the key."""

    def __init__(self, serving):
        self.serving = serving

    def __call__(self, request):
        if request.header("X-Key") != KEY:
            return Response(401)
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        start = int(query["start"])
        shown = ROWS[: self.serving.truncates_at]
        page = [
            {} if start + place + 1 == self.serving.fails_at else row
            for place, row in enumerate(shown[start : start + self.serving.page_size])
        ]
        end = start + len(page)
        said = {"rows": page, "count": len(ROWS), "next": end if end < len(shown) else None}
        return Response(200, body=json.dumps(said).encode())


@attrs.frozen
class Settings:
    flaw: str = ""


class Service:
    """Reads the fake; with a flaw, it does one thing wrong."""

    def __init__(self, settings, runtime):
        self.flaw = settings.flaw
        self.runtime = runtime

    def __repr__(self):
        return f"Service({KEY if self.flaw == 'shows its key' else '***'})"

    def items(self, query: LedgerQuery):
        notes = ReadNotes("fake")
        return Read(self._items(notes), notes)

    def _items(self, notes):
        try:
            for row in self._rows(notes):
                if made := self._document(row, notes):
                    yield made
        except ReceivablesError as error:
            if self.flaw == "raises":
                raise
            if self.flaw != "keeps failures to itself":
                notes.error("service.refused", str(error))

    def _rows(self, notes):
        start = 0
        while start is not None:
            key = self.runtime.secret("key").reveal()
            if self.flaw == "logs its key":
                logging.getLogger("fake").debug("asking with %s", key)
            url = f"https://erp.example/items?start={start}"
            answer = self.runtime.transport(Request("GET", url, headers={"X-Key": key}))
            if not answer.is_success:
                msg = f"answer must be 200, got {answer.status}"
                raise ServiceError(msg, status=answer.status)
            page = answer.json()
            if self.flaw != "does not count":
                notes.declared_total = page["count"]
            yield from page["rows"]
            start = None if self.flaw == "reads one page" else page["next"]

    def _document(self, row, notes):
        if "n" not in row:
            if self.flaw != "passes over bad rows":
                notes.error("service.refused", "row must be whole")
            return None
        number = str(int(row["n"])) if self.flaw == "drops zeros" else row["n"]
        kind = Invoice if row["m"] > 0 or self.flaw == "forgets signs" else CreditNote
        return kind(
            number=number,
            creditor="MIRA",
            customer="C-1",
            document_date=dt.date(2026, 9, 30),
            due_date=dt.date(2026, 10, 30),
            total=from_minor(abs(row["m"]), "EUR"),
        )


class Kit(LedgerServiceTests):
    """The kit, to be called by hand."""


SPEC = AdapterSpec(name="fake", summary="a fake", factory=Service, settings=Settings, connects=True)
EXPECTED = ExpectedService(
    open_minor={"EUR": sum(row["m"] for row in ROWS)}, identities=["0001", "0011"]
)
CHECKS = {
    "does not count": "test_rows_left_out_in_silence_are_missed",
    "drops zeros": "test_identities_are_texts_and_unique",
    "forgets signs": "test_items_are_those_of_the_system",
    "keeps failures to itself": "test_a_system_that_is_down_is_no_empty_ledger",
    "logs its key": "test_secrets_are_never_seen",
    "passes over bad rows": "test_rows_beside_an_error_are_kept",
    "raises": "test_a_system_that_is_down_is_no_empty_ledger",
    "reads one page": "test_any_page_size_gives_the_same",
    "shows its key": "test_secrets_are_never_seen",
}


def case_of(flaw):
    """A service with a flaw."""
    return ServiceCase(settings={"flaw": flaw}, secrets={"key": KEY}, serve=Fake)


def check(name, flaw, caplog):
    """Run one check of the kit."""
    fixtures = {"spec": SPEC, "case": case_of(flaw), "expected": EXPECTED, "caplog": caplog}
    test = getattr(Kit(), name)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    test(**{each: fixtures[each] for each in wanted})


@pytest.mark.parametrize("name", sorted(set(CHECKS.values())))
def test_a_service_without_a_flaw_passes(name, caplog):
    """No check fails what is right."""
    check(name, "", caplog)


@pytest.mark.parametrize(("flaw", "name"), CHECKS.items(), ids=CHECKS)
def test_each_flaw_is_found(flaw, name, caplog):
    """A service with one flaw fails the check that is there for it."""
    with pytest.raises((AssertionError, ReceivablesError)):
        check(name, flaw, caplog)


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.TIME_OUT])
def test_faults_on_the_way_are_survived(fault):
    """The kit's network tries again as an application's does."""
    Kit().test_a_fault_on_the_way_changes_nothing(SPEC, case_of(""), fault, 1)


# Posting.

BATCH = PostingBatch.of(
    [
        ReceiptPosting(
            receipt=f"R-{number}",
            customer="C-1",
            amount=money("1.00", "EUR"),
            booking_date=dt.date(2026, 10, 1),
        )
        for number in range(3)
    ],
    creditor="MIRA",
    target="books",
)


class Books:
    """A system that books a line per request, and knows the keys that it has booked."""

    def __init__(self, _serving):
        self.booked = []
        self.keys = set()

    def __call__(self, request):
        if request.method == "GET":
            key = request.url.rpartition("/")[2]
            return Response(200 if key in self.keys else 404)
        key = request.header("Key")
        if not key or key not in self.keys:
            self.booked.append(key)
            self.keys.add(key)
        return Response(201, body=b"7")


class Target:
    """Books line by line; with a flaw, it does one thing wrong."""

    def __init__(self, settings, runtime):
        self.flaw = settings.flaw
        self.send = runtime.transport

    def propose(self, batch):
        if self.flaw == "sends while proposing":
            self.post(batch)
        payload = Payload(name="a", media_type="text/plain", content=b"a")
        return PostingProposal(batch=batch, payloads=[payload])

    def post(self, batch):
        return PostingResult(
            posting=batch.posting, answers=[self._posted(line.line) for line in batch.lines]
        )

    def _posted(self, line):
        key = "" if self.flaw == "sends no key" else line
        request = Request("POST", "https://b.example/", headers={"Key": key}, is_repeatable=True)
        try:
            answer = self.send(request)
        except ReceivablesError:
            sure = self.flaw == "takes silence for a refusal"
            return LineAnswer(line=line, outcome="refused" if sure else "unknown", message="down")
        if not answer.is_success:
            return LineAnswer(line=line, outcome="unknown")
        return LineAnswer(line=line, outcome="posted", reference=answer.body.decode())

    def status(self, batch):
        answers = []
        for line in batch.lines:
            found = self.send(Request("GET", f"https://b.example/{line.line}")).is_success
            blind = self.flaw == "finds nothing again"
            outcome = "posted" if found and not blind else "refused"
            answers.append(LineAnswer(line=line.line, outcome=outcome))
        return PostingResult(posting=batch.posting, answers=answers)


TARGET = AdapterSpec(
    name="books",
    summary="books",
    factory=Target,
    settings=Settings,
    connects=True,
    capabilities={"receipts", "send", "status"},
)


class PostingKit(PostingTargetTests):
    """The kit, to be called by hand."""


POSTING = {
    "finds nothing again": "test_a_lost_answer_is_found_again",
    "sends no key": "test_the_same_batch_twice_is_booked_once",
    "sends while proposing": "test_proposing_reaches_nobody",
    "takes silence for a refusal": "test_a_lost_answer_is_found_again",
}


def check_posting(name, flaw):
    """Run one check of the kit for posting targets."""
    case = ServiceCase(settings={"flaw": flaw}, serve=Books)
    fixtures = {
        "spec": TARGET,
        "case": case,
        "batch": BATCH,
        "booked": lambda fake: len(fake.booked),
        "place": 1,
        "fault": Fault.ACCEPTED_THEN_TIME_OUT,
        "lasting": 40,
    }
    test = getattr(PostingKit(), name)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    test(**{each: fixtures[each] for each in wanted})


@pytest.mark.parametrize("name", sorted(set(POSTING.values())))
def test_a_target_without_a_flaw_passes(name):
    """No check fails what is right."""
    check_posting(name, "")


@pytest.mark.parametrize(("flaw", "name"), POSTING.items(), ids=POSTING)
def test_each_flaw_of_a_target_is_found(flaw, name):
    """A target with one flaw fails the check that is there for it."""
    with pytest.raises(AssertionError):
        check_posting(name, flaw)


# Recordings.


def test_a_recording_replays_without_its_secrets():
    """What was recorded answers the same questions again, and holds no secret in any form."""

    def serve(request):
        body = {"access_token": "t0k3n", "url": request.url, "who": KEY}
        headers = {"Set-Cookie": KEY, "Content-Type": "application/json"}
        return Response(200, headers=headers, body=json.dumps(body).encode())

    way = Recorder(serve, secrets=[Secret(KEY), Secret("a b/c")])
    basic = base64.b64encode(b"a b/c").decode()
    url = f"https://erp.example/items?key={KEY}&q=a%20b%2Fc&page=1"
    way(Request("POST", url, headers={"Authorization": basic}, body=KEY.encode()))
    way(Request("GET", "https://erp.example/items?page=2"))
    kept = way.to_text()

    assert [text for text in (KEY, "t0k3n", "a b/c", "a%20b%2Fc", basic) if text in kept] == []
    again = Replay(kept)
    assert again(Request("GET", "https://erp.example/items?page=2")).status == 200
    first = again(Request("POST", "https://erp.example/items?key=x&q=y&page=1"))
    assert first.header("content-type") == "application/json"
    with pytest.raises(ReceivablesError):
        again(Request("GET", "https://erp.example/items?page=2"))
    for bad in ("", "[]", "{}"):
        with pytest.raises(ReceivablesError):
            Replay(bad)


def test_amounts_of_a_replay_stay_exact():
    """A replayed body is parsed as any other."""
    way = Recorder(lambda _request: Response(200, body=b'{"a": 0.10}'))
    way(Request("GET", "https://e.example/"))

    assert Replay(way.to_text())(Request("GET", "https://e.example/")).json() == {
        "a": Decimal("0.10")
    }
