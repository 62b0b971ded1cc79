"""The fake behaves as the interface is documented to behave, bad habits included."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from receivables.testing.services import Serving
from receivables.transports import Request

from .conftest import CLIENT, SECRETS, company, sale


@pytest.fixture
def ask(make_fake):
    """Ask a fake something, with a token that is good: the status and the body."""

    def build(serving=None, **more):
        fake = make_fake(serving, **more)
        basic = base64.b64encode(CLIENT.encode()).decode()
        form = f"grant_type=refresh_token&refresh_token={SECRETS['quickbooks-refresh-token']}"
        url = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
        headers = {"Authorization": f"Basic {basic}"}
        token = json.loads(fake(Request("POST", url, headers=headers, body=form.encode())).body)
        bearer = {"Authorization": f"Bearer {token['access_token']}"}

        def send(path, body=None):
            method = "GET" if body is None else "POST"
            raw = b"" if body is None else json.dumps(body).encode()
            response = fake(Request(method, f"{fake.url}/{path}", headers=bearer, body=raw))
            return response.status, json.loads(response.body)

        send.fake = fake
        return send

    return build


def query(send, text):
    """Ask a query."""
    return send(f"query?query={quote(text)}")


REFUSED = [
    ("select * from Invoice where Balance != '0'", "4000", "no such operator"),
    ("select * from Invoice where Id = '1' or Id = '2'", "4000", "no such word"),
    ("select * from Invoice where PrivateNote = 'x'", "4001", "no field to ask for"),
    ("select * from Nothing", "4001", "no such kind"),
    ("select * from Invoice STARTPOSITION 0", "4001", "rows count from 1"),
    ("select * from Invoice MAXRESULTS 1001", "4001", "no page is so large"),
    ("drop table Invoice", "4000", "no query"),
]


@pytest.mark.parametrize(("text", "code", "why"), REFUSED, ids=lambda _: "")
def test_queries_that_the_language_does_not_have_are_faults(ask, text, code, why):
    """What is no part of the language is a fault with its code."""
    status, answer = query(ask(), text)

    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, code), why


def test_pages_begin_at_one_and_end_without_a_word(ask):
    """Pages are taken by position and size; one beyond the last is empty."""
    send = ask()
    text = "select * from Invoice orderby Id STARTPOSITION {} MAXRESULTS 2"
    ids = [
        [
            row["Id"]
            for row in query(send, text.format(start))[1]["QueryResponse"].get("Invoice", [])
        ]
        for start in (1, 3, 5, 7)
    ]

    assert ids == [["130", "131"], ["132", "133"], ["134"], []]


def test_truncation_is_not_said_and_counted_all_the_same(ask):
    """Rows that are left out are in the count."""
    send = ask(Serving(truncates_at=2))
    _, rows = query(send, "select * from Invoice")
    _, count = query(send, "select count(*) from Invoice")

    assert len(rows["QueryResponse"]["Invoice"]) == 2
    assert count["QueryResponse"]["totalCount"] == 5


def test_inactive_customers_come_when_asked_for(ask):
    """A query gives active customers alone."""
    send = ask()
    counts = [
        query(send, f"select count(*) from Customer{where}")[1]["QueryResponse"]["totalCount"]
        for where in ("", " where Active in (true, false)")
    ]

    assert counts == [1, 2]


def test_a_known_request_gives_the_first_answer(ask):
    """The same request identifier writes once."""
    send = ask()
    body = {"CustomerRef": {"value": "58"}, "TotalAmt": 5}
    first, second = send("payment?requestid=a", body), send("payment?requestid=a", body)

    assert first == second
    assert len(send.fake.booked) == 1


WRITES = [
    ("invoice", {"DocNumber": "0042", "CustomerRef": {"value": "58"}}, "6140"),
    ("invoice", {"CustomerRef": {"value": "999"}}, "2500"),
    ("invoice", {"Id": "130", "SyncToken": "7"}, "5010"),
    ("invoice", {"Id": "999", "SyncToken": "0"}, "610"),
    ("nothing", {}, "610"),
    ("payment?requestid=" + "x" * 51, {}, "2040"),
    ("journalentry", {"Line": [{"Amount": 5}]}, "6000"),
    ("batch", {"BatchItemRequest": [{}] * 31}, "1040"),
]


@pytest.mark.parametrize(("path", "body", "code"), WRITES, ids=lambda _: "")
def test_writes_that_are_wrong_are_faults(ask, path, body, code):
    """Each write that the interface refuses has its code."""
    send = ask()
    status, answer = send(path, body)

    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, code)
    assert send.fake.booked == []


def test_a_void_leaves_nothing_but_a_word(ask):
    """A void sets the amount to zero, says so in the note, and counts the version on."""
    send = ask()
    _, answer = send("invoice?operation=void", {"Id": "130", "SyncToken": "0"})
    invoice = answer["Invoice"]

    assert (invoice["TotalAmt"], invoice["PrivateNote"]) == (0, "Voided")
    assert invoice["SyncToken"] == "1"


def test_nobody_gets_in_without_a_token(make_fake):
    """A client that is not known, and a request without a token, are refused."""
    fake = make_fake()
    url = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"

    assert fake(Request("POST", url)).status == 401
    assert fake(Request("GET", f"{fake.url}/query?query=x")).status == 401


def test_rows_are_copies(make_fake):
    """What a fake is made from stays as it is."""
    rows = {"Invoice": [sale("1", "A", "2026-09-10", "10.00", "10.00")]}
    fake = make_fake(rows=rows)
    fake.rows["Invoice"].clear()

    assert len(rows["Invoice"]) == 1
    assert len(company()["Invoice"]) == 5
