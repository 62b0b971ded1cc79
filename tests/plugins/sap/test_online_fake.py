"""The fake gateway behaves like the real one, bad habits included."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import quote

import pytest

from receivables.errors import PolicyError
from receivables.testing.fakes.odata import FakeOData
from receivables.testing.services import Serving
from receivables.transports import Request

ROWS = [
    {"Number": f"{n:04}", "Amount": Decimal(n), "Day": dt.date(2026, 10, n), "IsOpen": n % 2 == 0}
    for n in range(1, 6)
]


@pytest.fixture
def get():
    """The answer of a fake to a query."""

    def answered(query="", serving=Serving(page_size=2), **said):  # noqa: B008  # a frozen value
        fake = FakeOData({"/odata/Items": ROWS}, serving, **said)
        return fake, fake(Request("GET", f"https://sap.example/odata/Items?{query}"))

    return answered


def numbers(answer):
    body = answer.json()
    return [row["Number"] for row in body.get("value") or body["d"]["results"]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Number eq '0002'", ["0002"]),
        ("Amount gt 3 and IsOpen eq true", ["0004"]),
        ("(Amount lt 2 or Amount ge 5) and not IsOpen eq true", ["0001", "0005"]),
        ("Day le datetime'2026-10-01T00:00:00'", ["0001"]),
        ("Day gt 2026-10-04", ["0005"]),
        ("Number ne '0001' and Amount le 2.0M", ["0002"]),
    ],
)
def test_filters_are_obeyed(get, condition, found):
    """Comparisons, and, or, not and parentheses give the rows that they ask for."""
    _, answer = get(f"$filter={quote(condition)}")

    assert numbers(answer) == found


@pytest.mark.parametrize(
    "query",
    [
        "$filter=Nobody%20eq%20'1'",
        "$filter=Number",
        "$filter=(Number%20eq%20'1'",
        "$filter=Number%20eq%20'1'%20x",
        "$filter=Number%20like%20'1'",
        "$filter=Number%20eq%20;",
        "$filter=Number%20eq%20maybe",
        "$select=Nobody",
        "$orderby=Nobody",
        "$search=x",
        "$skiptoken=mine",
    ],
)
def test_what_it_does_not_know_is_refused(get, query):
    """An unknown property, option or token is an error in the shape of the gateway."""
    _, answer = get(query)

    assert answer.status == 400
    assert answer.json()["error"]["code"]


def test_pages_are_linked_by_tokens_that_mean_nothing(get):
    """Version 2 links with an address, version 4 with what comes after the service."""
    fake, first = get("$inlinecount=allpages&$top=3")
    link = first.json()["d"]["__next"]
    last = fake(Request("GET", link)).json()["d"]
    _, other = get("$count=true", version="v4")

    assert link.startswith("https://sap.example/odata/Items?$skiptoken=")
    assert (first.json()["d"]["__count"], len(last["results"]), "__next" in last) == ("5", 1, False)
    assert other.json()["@odata.nextLink"].startswith("Items?")


def test_versions_write_values_in_their_own_way(get):
    """Amounts and days are texts in version 2, and numbers and ISO days in version 4."""
    old, new = get("$top=1")[1].json()["d"]["results"][0], get("$top=1", version="v4")[1].json()

    assert (old["Amount"], old["Day"]) == ("1", "/Date(1790812800000)/")
    assert (new["value"][0]["Amount"], new["value"][0]["Day"]) == (1, "2026-10-01")


def test_rows_are_left_out_without_a_word(get):
    """A fake that truncates still counts what it does not give."""
    _, answer = get("$inlinecount=allpages", serving=Serving(truncates_at=3))

    assert len(numbers(answer)) == 3
    assert answer.json()["d"]["__count"] == "5"


def test_changes_need_a_token_against_forgery():
    """A post without the token is refused and says what it needs, and does nothing."""
    fake = FakeOData({"/odata/Items": []})
    request = Request("POST", "https://sap.example/odata/Items", body=json.dumps({}).encode())
    refused = fake(request)
    token = fake(
        Request("GET", "https://sap.example/odata/Items", headers={"X-CSRF-Token": "Fetch"})
    )
    said = {"X-CSRF-Token": token.header("x-csrf-token"), "Cookie": "SAP_SESSIONID=1"}

    assert (refused.status, refused.header("x-csrf-token")) == (403, "Required")
    assert (fake(request.with_headers(said)).status, len(fake.rows("/odata/Items"))) == (201, 1)


def test_rows_hold_no_floats():
    """A fake built from floats is refused, since no system answers with them exactly."""
    fake = FakeOData({"/odata/Items": [{"Amount": 0.1}]})

    with pytest.raises(PolicyError):
        fake(Request("GET", "https://sap.example/odata/Items"))


@pytest.mark.parametrize("body", [b"", b"not xml", b"<e/>"])
def test_what_is_no_message_is_a_fault(body):
    """A message that cannot be read is a fault, and nothing is booked."""
    fake = FakeOData({})

    assert fake(Request("POST", "https://sap.example/soap", body=body)).status == 500
    assert fake.posted == []
