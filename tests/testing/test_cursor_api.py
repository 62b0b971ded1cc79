"""The fake of services with cursors pages, filters, refuses and remembers as the real ones do."""

from __future__ import annotations

import json

import pytest

from receivables.testing.fakes.cursor_api import CursorStyle, FakeCursorApi
from receivables.testing.services import Serving
from receivables.transports import Request

ROWS = [
    {"id": f"po_{number}", "amount": number, "_owner": number % 2} for number in range(5, 0, -1)
]


def _ask(api, url, *, key="key", method="GET", **more):
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return api(Request(method, f"https://api.example{url}", headers=headers, **more))


def _api(style=CursorStyle.STARTING_AFTER, **more):
    return FakeCursorApi({"/payouts": ROWS}, key="key", style=style, **more)


def _walk_on(api, query=""):
    """Every name of a list, by whichever cursor it has."""
    names, after = [], ""
    while True:
        body = _ask(api, f"/payouts?limit=2{query}{after}").json()
        rows = body.get("data", body.get("payouts"))
        names += [row["id"] for row in rows]
        cursor = body.get("meta", {}).get("cursors", {}).get("after")
        if not body.get("has_more") and not cursor:
            return names
        after = f"&after={cursor}" if cursor else f"&starting_after={names[-1]}"


@pytest.mark.parametrize("style", CursorStyle)
def test_pages_have_every_row_once(style):
    """Whatever the cursor is, following it gives the whole list in its order."""
    assert _walk_on(_api(style)) == [row["id"] for row in ROWS]


def test_rows_are_filtered_by_values_and_bounds():
    """By what is shown, and by what is not."""
    assert _walk_on(_api(), "&amount[gte]=3&amount[lt]=5") == ["po_4", "po_3"]
    assert _walk_on(_api(), "&owner=1") == ["po_5", "po_3", "po_1"]
    assert "_owner" not in _ask(_api(), "/payouts").json()["data"][0]


def test_rows_left_out_in_silence_are_not_announced():
    """A list that is cut says that nothing follows."""
    body = _ask(_api(serving=Serving(truncates_at=2)), "/payouts").json()

    assert (len(body["data"]), body["has_more"]) == (2, False)


@pytest.mark.parametrize(
    ("url", "key", "status"),
    [
        ("/payouts", "other", 401),
        ("/payouts?limit=101", "key", 400),
        ("/payouts?starting_after=po_99", "key", 400),
        ("/payouts/po_99", "key", 404),
        ("/nothing", "key", 404),
    ],
)
def test_what_is_wrong_is_refused(url, key, status):
    """With the body of an error."""
    answer = _ask(_api(), url, key=key)

    assert answer.status == status
    assert "error" in answer.json()


def test_a_row_that_fails_fails_its_page():
    """The pages before it are served."""
    api = _api(serving=Serving(page_size=2, fails_at=3))

    assert _ask(api, "/payouts").status == 200
    assert _ask(api, "/payouts?starting_after=po_4").status == 500


def test_too_many_requests_are_sent_away():
    """Each third request is answered with 429 and when to come again."""
    answers = [_ask(_api_once, "/payouts") for _api_once in [_api(busy_every=3)] * 3]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].header("Retry-After") == "1"


def test_an_idempotency_key_creates_once():
    """The same again, or what it is in conflict with."""
    body = json.dumps({"payouts": {"amount": 9}}).encode()
    key = {"headers": {"Idempotency-Key": "k1"}, "body": body, "method": "POST"}
    stripe, gocardless = _api(), _api(CursorStyle.CURSORS_AFTER)
    first = _ask(gocardless, "/payouts", **key).json()["payouts"]["id"]
    conflict = _ask(gocardless, "/payouts", **key)

    assert _ask(stripe, "/payouts", **key).json() == _ask(stripe, "/payouts", **key).json()
    assert conflict.status == 409
    assert conflict.json()["error"]["errors"][0]["links"]["conflicting_resource_id"] == first
    assert len(_walk_on(gocardless)) == len(ROWS) + 1


def test_rate_limits_are_told_in_headers():
    """How many requests are left, as GoCardless tells it."""
    assert _ask(_api(CursorStyle.CURSORS_AFTER), "/payouts").header("RateLimit-Remaining") == "999"
