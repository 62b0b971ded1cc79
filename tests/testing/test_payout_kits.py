"""The kits for payouts, people and messages find what is wrong: each flaw fails a check."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from email.message import EmailMessage

import attrs
import pytest

from receivables.adapters import AdapterSpec, Attachment, Draft, Message
from receivables.cards import holds_card_number, masked
from receivables.contacts import Activity, ActivityKind, DirectoryEntry
from receivables.errors import DocumentError, ReceivablesError
from receivables.parties import Contact
from receivables.reading import Read, ReadNotes
from receivables.receipts.payouts import MovementKind, ProcessorMovement, payout_of
from receivables.testing import (
    ContactDirectoryTests,
    DirectorySample,
    ExpectedPayouts,
    MessageTransportTests,
    PayoutReaderTests,
    PayoutSample,
    PayoutServiceTests,
    ServiceCase,
)
from receivables.testing.payout_reader import _read
from receivables.transports import Request, Response

KEY = "k-4711"
DAY = dt.date(2026, 10, 5)


@attrs.frozen
class Settings:
    flaw: str = ""


def run(kit, name, fixtures):
    """Run one check of a kit by hand."""
    test = getattr(kit, name)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    test(**{each: fixtures[each] for each in wanted})


# Reports.

REPORT = b"""\
id,gross,fee,about
m1,10000,290,order of Ana
m2,-2000,0,what came back
m3,500,15,a small thing
"""


_AMOUNT = re.compile("-?[0-9]{1,9}")


class Reader:
    """Reads a table that is one payout; with a flaw, it does one thing wrong."""

    def __init__(self, settings):
        self.flaw = settings.flaw

    def recognizes(self, head, *, name):
        return head.startswith(b"id,gross") or (self.flaw == "knows everything" and bool(head))

    def read(self, stream, *, name):
        notes = ReadNotes("report" if self.flaw == "forgets the file" else name)
        return Read(self._rows(stream, notes), notes)

    def _rows(self, stream, notes):
        text = stream.read().decode("ascii", "replace").replace("\0", "")
        lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
        if self.flaw == "raises" and lines:
            int(lines[0][1])
        if not lines or lines[0] != ["id", "gross", "fee", "about"]:
            notes.error("file.format", "report must have its headings")
            return
        held = [
            made
            for number, row in enumerate(lines[1:], 2)
            if (made := self._one(row, number, notes))
        ]
        yield from self._given(held, notes)

    def _given(self, held, notes):
        whole = payout_of(
            held,
            payout="po_1",
            processor="fake",
            amount_minor=sum(each.net_minor for each in held) + (self.flaw == "is a cent off"),
            currency="EUR",
            paid_on=DAY,
        )
        if notes.problems and self.flaw != "pays out what is left" and not self._are_masks(notes):
            return
        yield from [whole, *held] if self.flaw == "pays first" else [*held, whole]
        if self.flaw == "gives it twice":
            yield held[0]

    @staticmethod
    def _are_masks(notes):
        return {problem.message for problem in notes.problems} == {"text must hold no card number"}

    def _one(self, row, number, notes):
        amounts = row[1:3]
        if len(row) != 4 or not all(_AMOUNT.fullmatch(each) for each in amounts):
            if self.flaw != "says nothing":
                notes.error("row.length", "row must have four cells", line=number)
            return None
        if holds_card_number(row[0]) and self.flaw != "keeps any identity":
            notes.error("card.number", "id must be no card number", line=number)
            return None
        text = row[3]
        if holds_card_number(text):
            if self.flaw != "masks in silence":
                notes.error("card.number", "text must hold no card number", line=number)
            text = text[:6] if self.flaw == "cuts" else masked(text)
        return ProcessorMovement(
            movement=row[0],
            processor="fake",
            kind=MovementKind.PAYMENT if row[1][0] != "-" else MovementKind.REFUND,
            gross_minor=int(row[1]) - int(row[2]) * (self.flaw == "gives net"),
            fee_minor=0 if self.flaw == "gives net" else int(row[2]),
            currency="EUR",
            occurred_on=DAY,
            payout="po_1",
            text=text,
        )


READER = AdapterSpec(
    name="fake",
    summary="a fake",
    factory=Reader,
    settings=Settings,
    capabilities={"movements", "payouts"},
)
KNOWN = ExpectedPayouts(
    payouts={"po_1": ("EUR", 8195)},
    gross_minor={(MovementKind.PAYMENT, "EUR"): 10500, (MovementKind.REFUND, "EUR"): -2000},
    fees_minor={"EUR": 305},
    identities=["m1", "po_1"],
)
READING = {
    "forgets the file": "test_report_tells_the_truth",
    "gives it twice": "test_identities_are_unique_texts",
    "gives net": "test_records_are_those_of_the_report",
    "is a cent off": "test_payouts_hold_to_the_cent",
    "keeps any identity": "test_no_cell_lets_a_card_number_in",
    "knows everything": "test_its_own_reports_are_recognized",
    "masks in silence": "test_card_numbers_stay_out",
    "pays first": "test_payouts_hold_to_the_cent",
    "pays out what is left": "test_a_damaged_row_makes_no_other_payout",
    "raises": "test_noise_never_raises",
}


def check_reader(name, flaw):
    """Run one check of the kit for readers of payouts."""
    bad = b"m4,x,0,a row that is none\n" if name == "test_report_tells_the_truth" else b""
    expected = KNOWN
    if bad:
        expected = ExpectedPayouts(problems=["row.length"], complete=False)
    sample = PayoutSample(
        name="po.csv",
        content=REPORT + bad,
        expected=expected,
        settings={"flaw": flaw},
        text=b"what came back",
    )
    reads = [(sample, _read(READER, sample))]
    run(PayoutReaderTests(), name, {"spec": READER, "samples": [sample], "reads": reads})


@pytest.mark.parametrize("name", sorted(set(READING.values())))
def test_a_reader_without_a_flaw_passes(name):
    """No check fails what is right."""
    check_reader(name, "")


@pytest.mark.parametrize(("flaw", "name"), READING.items(), ids=READING)
def test_each_flaw_of_a_reader_is_found(flaw, name):
    """A reader with one flaw fails the check that is there for it."""
    with pytest.raises((AssertionError, ValueError, IndexError)):
        check_reader(name, flaw)


# Services.

ROWS = [{"id": f"m{number}", "gross": number * 100, "day": 5} for number in range(1, 10)]
ROWS.append({"id": "m0", "gross": 777, "day": 9})


class Pages:
    """Pages of payments with a count, for whoever has the key."""

    def __init__(self, serving):
        self.serving = serving

    def __call__(self, request):
        if request.header("Key") != KEY:
            return Response(401)
        start = int(request.url.rpartition("=")[2])
        shown = ROWS[: self.serving.truncates_at]
        page = [
            {} if start + place + 1 == self.serving.fails_at else row
            for place, row in enumerate(shown[start : start + self.serving.page_size])
        ]
        end = start + len(page)
        said = {"rows": page, "all": len(ROWS), "next": end if end < len(shown) else None}
        return Response(200, body=json.dumps(said).encode())


class Service:
    """A payout for the payments of each day; with a flaw, it does one thing wrong."""

    def __init__(self, settings, runtime):
        self.flaw = settings.flaw
        self.runtime = runtime
        self.shown = KEY if self.flaw == "keeps its key" else ""

    def payouts(self, *, since, until):
        notes = ReadNotes("fake")
        return Read(self._payouts(since, until, notes), notes)

    def _payouts(self, since, until, notes):
        try:
            rows = list(self._rows(notes))
        except ReceivablesError as error:
            if self.flaw == "raises":
                raise
            if self.flaw != "keeps failures to itself":
                notes.error("service.refused", str(error))
            return
        if notes.problems and self.flaw != "pays out what is left":
            return
        for day in sorted({row["day"] for row in rows}):
            found = [self._movement(row) for row in rows if row["day"] == day]
            paid_on = dt.date(2026, 10, day)
            if since <= paid_on <= until or self.flaw == "does not look at the days":
                yield from found
                yield payout_of(
                    found,
                    payout=f"po_{day}",
                    processor="fake",
                    amount_minor=sum(each.net_minor for each in found),
                    currency="EUR",
                    paid_on=paid_on,
                )

    def _movement(self, row):
        return ProcessorMovement(
            movement=row["id"],
            processor="fake",
            kind=MovementKind.PAYMENT,
            gross_minor=row["gross"],
            currency="EUR",
            occurred_on=DAY,
            payout=f"po_{row['day']}",
        )

    def _rows(self, notes):
        start, count, every = 0, 0, 0
        while start is not None:
            url = f"https://p.example/rows?start={start}"
            answer = self.runtime.transport(Request("GET", url, headers={"Key": KEY}))
            if not answer.is_success:
                msg = f"answer must be 200, got {answer.status}"
                raise ReceivablesError(msg)
            page = answer.json()
            every = page["all"]
            for row in page["rows"]:
                count += 1
                if row:
                    yield row
                elif self.flaw != "passes over bad rows":
                    notes.error("service.refused", "row must be whole")
            start = None if self.flaw == "reads one page" else page["next"]
        if count < every and self.flaw not in {"does not count", "reads one page"}:
            notes.error("service.incomplete", f"rows must be {every}, got {count}")


SERVICE = AdapterSpec(
    name="fake", summary="a fake", factory=Service, settings=Settings, connects=True
)
SERVING = {
    "does not count": "test_what_is_missing_is_missed",
    "does not look at the days": "test_payouts_are_those_of_the_processor",
    "keeps failures to itself": "test_a_processor_that_is_down_paid_nothing_out",
    "keeps its key": "test_secrets_are_never_seen",
    "passes over bad rows": "test_what_is_missing_is_missed",
    "raises": "test_a_processor_that_is_down_paid_nothing_out",
    "reads one page": "test_any_page_size_gives_the_same",
}


def check_service(name, flaw, caplog):
    """Run one check of the kit for services of payouts."""
    case = ServiceCase(settings={"flaw": flaw}, secrets={"key": KEY}, serve=Pages)
    expected = ExpectedPayouts(
        payouts={"po_5": ("EUR", 4500)}, gross_minor={(MovementKind.PAYMENT, "EUR"): 4500}
    )
    if flaw == "does not look at the days":
        # Whoever writes the sample from what the adapter gives is told all the same.
        expected = ExpectedPayouts(
            payouts={"po_5": ("EUR", 4500), "po_9": ("EUR", 777)},
            gross_minor={(MovementKind.PAYMENT, "EUR"): 5277},
        )
    days = (dt.date(2026, 10, 1), dt.date(2026, 10, 7))
    fixtures = {"spec": SERVICE, "case": case, "days": days, "expected": expected, "caplog": caplog}
    run(PayoutServiceTests(), name, fixtures)


@pytest.mark.parametrize("name", sorted(set(SERVING.values())))
def test_a_payout_service_without_a_flaw_passes(name, caplog):
    """No check fails what is right."""
    check_service(name, "", caplog)


@pytest.mark.parametrize(("flaw", "name"), SERVING.items(), ids=SERVING)
def test_each_flaw_of_a_payout_service_is_found(flaw, name, caplog):
    """A service with one flaw fails the check that is there for it."""
    with pytest.raises((AssertionError, ReceivablesError)):
        check_service(name, flaw, caplog)


# People.

PEOPLE = b"""\
id,email,customer,closed,done
p1,ana@example.com,C-017,,called her
p2,max@example.com,C-018,yes,wrote to him
"""


class Directory:
    """Reads people with what was done; with a flaw, it does one thing wrong."""

    def __init__(self, settings):
        self.flaw = settings.flaw

    def read(self, files):
        [(name, stream)] = files.items()
        notes = ReadNotes(name)
        return Read(self._rows(stream.read().decode("ascii", "replace"), notes), notes)

    def _rows(self, text, notes):
        lines = list(csv.reader(io.StringIO(text.replace("\0", ""), newline="")))
        if self.flaw == "raises":
            lines[0][0].index("id")
        if not lines or lines[0][:1] != ["id"]:
            notes.error("file.format", "file must have its headings")
            return
        if self.flaw != "keeps card numbers":
            lines = [[masked(cell) for cell in row] for row in lines]
        for row in lines[1:]:
            yield DirectoryEntry(
                entry="p" if self.flaw == "names nobody" else row[0],
                customer="C-017" if self.flaw == "guesses the customer" else row[2],
                contact=Contact(name=row[0], email=row[1]),
                has_opted_out_of_email=bool(row[3]) and self.flaw != "writes to everybody",
            )
        for row in lines[1 : 2 if self.flaw == "loses an activity" else None]:
            yield Activity(
                activity=f"a-{row[0]}",
                customer=row[2],
                kind=ActivityKind.NOTE,
                subject=row[4],
                at=dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
            )

    def write(self, activities):
        text = io.StringIO()
        rows = csv.writer(text)
        for one in activities:
            is_safe = one.subject[0] not in "=+-@" or self.flaw == "writes formulas"
            subject = one.subject if is_safe else f"'{one.subject}"
            rows.writerow([subject, "" if self.flaw == "writes no body" else one.body])
        yield "activities.csv", text.getvalue().encode()


DIRECTORY = AdapterSpec(
    name="fake",
    summary="a fake",
    factory=Directory,
    settings=Settings,
    capabilities={"activities", "contacts", "write"},
)
DIRECTING = {
    "keeps card numbers": "test_no_cell_lets_a_card_number_in",
    "guesses the customer": "test_contacts_belong_to_their_customers",
    "loses an activity": "test_activities_are_those_of_the_files",
    "names nobody": "test_contacts_belong_to_their_customers",
    "raises": "test_noise_never_raises",
    "writes formulas": "test_what_is_written_says_everything_once",
    "writes no body": "test_what_is_written_says_everything_once",
    "writes to everybody": "test_contacts_belong_to_their_customers",
}


def check_directory(name, flaw):
    """Run one check of the kit for directories."""
    sample = DirectorySample(
        files={"people.csv": PEOPLE},
        contacts={"ana@example.com": "C-017", "max@example.com": "C-018"},
        activities=2,
        opted_out=["max@example.com"],
        settings={"flaw": flaw},
    )
    run(ContactDirectoryTests(), name, {"spec": DIRECTORY, "sample": sample})


@pytest.mark.parametrize("name", sorted({*DIRECTING.values(), "test_report_tells_the_truth"}))
def test_a_directory_without_a_flaw_passes(name):
    """No check fails what is right."""
    check_directory(name, "")


@pytest.mark.parametrize(("flaw", "name"), DIRECTING.items(), ids=DIRECTING)
def test_each_flaw_of_a_directory_is_found(flaw, name):
    """A directory with one flaw fails the check that is there for it."""
    with pytest.raises((AssertionError, ValueError, IndexError)):
        check_directory(name, flaw)


# Messages.


class Mailbox:
    """A mailbox that knows a draft by its key."""

    def __init__(self, _serving):
        self.drafts = {}

    def __call__(self, request):
        key = request.url.rpartition("/")[2]
        if request.method == "POST":
            self.drafts.setdefault(f"{key}-{len(self.drafts)}", request.body)
        found = [name for name in self.drafts if name.startswith(key)]
        return Response(200 if found else 404, body=(found or [""])[0].encode())


class Mail:
    """Drafts into a mailbox, or into a file; with a flaw, it does one thing wrong."""

    def __init__(self, settings, runtime=None):
        self.flaw = settings.flaw
        self.runtime = runtime
        self.count = 0

    def draft(self, message):
        is_bad = "\n" in message.subject or any("\n" in one for one in message.to)
        if is_bad and self.flaw != "believes every header":
            msg = "subject must be one line"
            raise DocumentError(msg)
        mail = self._file(message)
        if self.runtime is None:
            return Draft(key=message.key, name="a.eml", content=mail)
        url = f"https://m.example/{message.key}"
        found = self.runtime.transport(Request("GET", url))
        if not found.is_success or self.flaw == "does not look first":
            found = self.runtime.transport(Request("POST", url, body=mail))
        key = "?" if self.flaw == "forgets the key" else message.key
        return Draft(key=key, name="a", reference=found.body.decode())

    def _file(self, message):
        if self.flaw == "believes every header":
            return f"Subject: {message.subject}\nTo: {message.to[0]}\n".encode()
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["To"] = "me@example.com" if self.flaw == "writes to itself" else message.to[0]
        if self.flaw == "says when":
            mail["X-Number"] = str(id(mail)) + str(id(self))
        mail.set_content(message.text)
        if self.flaw != "drops attachments":
            for each in message.attachments:
                mail.add_attachment(
                    each.content, maintype="application", subtype="pdf", filename=each.name
                )
        return bytes(mail).replace(mail.get_boundary("x").encode(), b"part")


def transport(*, connects):
    """The descriptor of a transport."""
    return AdapterSpec(
        name="fake",
        summary="a fake",
        factory=Mail,
        settings=Settings,
        connects=connects,
        capabilities={"attachments", "mailbox" if connects else "files"},
    )


MAILING = {
    "believes every header": ("test_no_header_is_smuggled_in", False),
    "does not look first": ("test_a_draft_lies_in_the_mailbox_once", True),
    "drops attachments": ("test_what_goes_along_is_there", True),
    "forgets the key": ("test_a_draft_has_the_key_of_its_message", True),
    "says when": ("test_a_draft_is_a_file", False),
    "writes to itself": ("test_what_goes_along_is_there", False),
}


def check_mail(name, flaw, *, connects):
    """Run one check of the kit for transports of messages."""
    case = ServiceCase(settings={"flaw": flaw}, serve=Mailbox)
    paper = Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF-1.7 x")
    message = Message(
        key="notice-0042",
        to=["compta@example.com"],
        subject="Relevé",
        text="Bonjour\n",
        attachments=[paper],
    )
    fixtures = {
        "spec": transport(connects=connects),
        "case": case,
        "message": message,
        "drafts": lambda fake: len(fake.drafts),
    }
    run(MessageTransportTests(), name, fixtures)


@pytest.mark.parametrize(("name", "connects"), sorted(set(MAILING.values())))
def test_a_transport_without_a_flaw_passes(name, connects):
    """No check fails what is right."""
    check_mail(name, "", connects=connects)


@pytest.mark.parametrize(("flaw", "found"), MAILING.items(), ids=MAILING)
def test_each_flaw_of_a_transport_is_found(flaw, found):
    """A transport with one flaw fails the check that is there for it."""
    name, connects = found
    with pytest.raises(AssertionError):
        check_mail(name, flaw, connects=connects)
