"""Requests that are tried again, tokens that are renewed, and secrets that nobody sees."""

from __future__ import annotations

import copy
import datetime as dt
import json
import logging
import pickle
import socket
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from receivables.errors import OutcomeUnknownError, PolicyError, ServiceError, TransportError
from receivables.testing import Fault, Faulty
from receivables.testing.services import Clock
from receivables.transports import (
    BearerTokens,
    Request,
    Response,
    Retrying,
    RetryPolicy,
    Secret,
    Token,
)
from receivables.transports.http import HttpTransport, runtime, secrets_from

NOW = dt.datetime(2026, 10, 31, 9, tzinfo=dt.UTC)
GET = Request("GET", "https://erp.example/items?key=s3cr3t", headers={"X-Key": "s3cr3t"})
POST = Request("POST", "https://erp.example/items", body=b"s3cr3t")


def ok(_request):
    """A system that is well."""
    return Response(200, body=b"[]")


def trying(faults, request=GET, transport=ok, **policy):
    """Send a request through faults; the answer, the waits, and what was sent."""
    clock = Clock(NOW)
    way = Faulty(transport, faults)
    again = Retrying(way, sleep=clock.sleep, now=clock.now, policy=RetryPolicy(**policy))
    return again(request), clock.waited, way.requests


def test_a_secret_shows_itself_nowhere():
    """Not in a representation, a text, a format, a log or a pickle."""
    secret = Secret("s3cr3t")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>10}", repr({"a": [secret]})]

    assert all("s3cr3t" not in text for text in shown)
    assert secret == Secret("s3cr3t")
    assert secret != Secret("other")
    assert hash(secret) == hash(Secret("s3cr3t"))
    assert secret
    assert not Secret("")
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(PolicyError):
            write(secret)


def test_requests_and_responses_keep_to_themselves():
    """Neither query nor headers nor bodies are in a representation."""
    for one in (GET, POST, Response(200, headers={"A": "s3cr3t"}, body=b"s3cr3t")):
        assert "s3cr3t" not in repr(one)
    assert repr(GET) == "Request(GET https://erp.example/items?***)"


def test_headers_have_no_case():
    """A header is found by any spelling, and replaced by any."""
    changed = GET.with_headers({"x-key": "new"})

    assert (changed.header("X-KEY"), changed.header("none", "-")) == ("new", "-")
    assert len(changed.headers) == 1


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_refusal(body):
    """The error names the status, and nothing of the body."""
    with pytest.raises(ServiceError, match="must be JSON") as raised:
        Response(502, body=body).json()

    assert raised.value.status == 502


def test_amounts_of_json_are_exact():
    """No number of a body becomes a float."""
    assert Response(200, body=b'{"a": 0.1, "b": 1e2, "c": 7}').json() == {
        "a": Decimal("0.1"),
        "b": Decimal("1e2"),
        "c": 7,
    }


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TIME_OUT, Fault.NOT_REACHED])
def test_a_read_is_tried_again_with_longer_waits(fault):
    """One, two, four seconds; then it goes through."""
    answer, waited, sent = trying([fault] * 3)

    assert (answer.status, waited, len(sent)) == (200, [1, 2, 4], 4)


def test_the_other_system_says_how_long():
    """``Retry-After`` counts, as seconds or as a date, and beyond the longest wait nothing is tried."""
    answer, waited, _ = trying([Fault.BUSY])
    assert (answer.status, waited) == (200, [2])

    def later(_request):
        return Response(503, headers={"Retry-After": "Sat, 31 Oct 2026 09:01:00 GMT"})

    _, waited, sent = trying([], transport=later, attempts=2)
    assert (waited, len(sent)) == ([60], 2)
    _, waited, sent = trying([], transport=later, longest_wait=30)
    assert (waited, len(sent)) == ([], 1)


def test_a_write_is_never_sent_twice_by_itself():
    """Where it may have arrived it is not repeated; where it did not, or was turned away, it is."""
    with pytest.raises(OutcomeUnknownError):
        trying([Fault.TIME_OUT], POST)
    assert trying([Fault.DOWN], POST)[0].status == 503
    for fault in (Fault.NOT_REACHED, Fault.BUSY):
        answer, _, sent = trying([fault], POST)
        assert (answer.status, len(sent)) == (200, 2)
    with_key = Request("POST", POST.url, is_repeatable=True)
    assert trying([Fault.TIME_OUT, Fault.DOWN], with_key)[0].status == 200


def test_trying_ends():
    """After the last attempt the failure is what the caller gets."""
    assert trying([Fault.DOWN] * 9)[0].status == 503
    with pytest.raises(TransportError):
        trying([Fault.NOT_REACHED] * 9)
    with pytest.raises(PolicyError, match="attempts must be 1 to 20, got 0"):
        RetryPolicy(attempts=0)
    for wrong in ({"first_wait": -1}, {"longest_wait": -1}):
        with pytest.raises(PolicyError, match="must be zero or more seconds, got -1"):
            RetryPolicy(**wrong)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 500])
def test_other_statuses_are_answers(status):
    """Nothing but 429, 502, 503 and 504 is tried again."""
    answer, waited, sent = trying([], transport=lambda _request: Response(status))

    assert (answer.status, waited, len(sent)) == (status, [], 1)


def test_a_token_is_kept_until_shortly_before_its_end():
    """One token for many requests, another before it expires, and one more after a 401."""
    clock = Clock(NOW)
    given: list[str] = []
    seen: list[str] = []

    def fetch():
        given.append(f"t{len(given)}")
        return Token(value=Secret(given[-1]), expires_at=clock.now() + dt.timedelta(hours=1))

    def serve(request):
        seen.append(request.header("Authorization"))
        return Response(200)

    way = Faulty(serve, [None, None, Fault.UNAUTHORIZED])
    tokens = BearerTokens(way, fetch=fetch, now=clock.now)
    tokens(GET)
    tokens(GET)
    tokens(GET)
    clock.sleep(3_550)
    tokens(GET)

    assert given == ["t0", "t1", "t2"]
    assert seen == ["Bearer t0", "Bearer t0", "Bearer t1", "Bearer t2"]


def test_a_401_that_stays_is_the_answer():
    """A token is renewed once, and then the refusal is returned."""
    fetched: list[int] = []

    def fetch():
        fetched.append(1)
        return Token(value=Secret("t"))

    way = Faulty(ok, [Fault.UNAUTHORIZED] * 9)

    assert BearerTokens(way, fetch=fetch, now=lambda: NOW)(GET).status == 401
    assert len(fetched) == 2


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = json.dumps({"path": self.path, "body": body.decode(), "key": self.headers["X-Key"]})
        self.send_response(302 if self.path == "/moved" else 201)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def server():
    """A real server on this machine."""
    serving = HTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()
    thread.join()


def test_the_real_transport_sends_and_brings(server, tmp_path, caplog):
    """A real request over a real socket; secrets come from files, and no log has them."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "erp-key").write_text("s3cr3t\n", encoding="utf-8")
    way = runtime(secrets_from(tmp_path), seconds=10)
    headers = {"X-Key": way.secret("erp-key").reveal()}
    address = f"{server}/a?key=s3cr3t"
    answer = way.transport(Request("POST", address, headers=headers, body=b"hello"))

    assert (answer.status, answer.json()) == (
        201,
        {"path": "/a?key=s3cr3t", "body": "hello", "key": "s3cr3t"},
    )
    assert way.transport(Request("POST", f"{server}/moved")).status == 302
    assert "s3cr3t" not in caplog.text + repr(way)
    assert way.now().tzinfo is not None
    with pytest.raises(PolicyError, match="secret must be among erp-key, got 'other'"):
        way.secret("other")


def test_a_host_that_is_not_there_was_not_reached():
    """A refused connection certainly did nothing; an address that is none is the caller's fault."""
    transport = HttpTransport(seconds=5)
    with pytest.raises(TransportError) as raised:
        transport(Request("GET", "http://127.0.0.1:9/x?key=s3cr3t"))
    assert not isinstance(raised.value, OutcomeUnknownError)
    assert "s3cr3t" not in str(raised.value)
    with pytest.raises(PolicyError):
        transport(Request("GET", "martian://x"))
    transport.close()


def test_an_answer_that_does_not_come_leaves_the_outcome_open():
    """A server that takes the request and says nothing may have done it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = HttpTransport(seconds=1)
        with pytest.raises(OutcomeUnknownError):
            transport(Request("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/"))
        transport.close()


def test_a_secret_that_is_replaced_is_there_the_next_time(tmp_path):
    """A token that the other system renewed is written to its file, and to no other place."""
    (tmp_path / "refresh").write_text("old\n", encoding="utf-8")
    way = runtime(tmp_path)
    way.keep_secret("refresh", Secret("new"))

    assert way.secret("refresh").reveal() == "new"
    assert runtime(tmp_path).secret("refresh").reveal() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["refresh"]


@pytest.mark.parametrize(
    "faults",
    [
        [Fault.TIME_OUT, Fault.NOT_REACHED, Fault.NOT_REACHED, Fault.NOT_REACHED],
        [Fault.TIME_OUT, Fault.BUSY, Fault.BUSY, Fault.BUSY],
        [Fault.TIME_OUT, Fault.DOWN, Fault.DOWN, Fault.DOWN],
    ],
)
def test_what_may_have_arrived_once_stays_open(faults):
    """A later attempt that was turned away, or did not arrive, says nothing of the first."""
    with_key = Request("POST", POST.url, is_repeatable=True)
    with pytest.raises(OutcomeUnknownError, match="an attempt that may have arrived"):
        trying(faults, with_key)


def test_what_a_gateway_gave_up_may_have_arrived():
    """After a 504 in between, a host that is not reached any more leaves the outcome open."""
    answers = iter([Response(504), TransportError("down"), TransportError("down")])

    def serve(_request):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with_key = Request("POST", POST.url, is_repeatable=True)
    with pytest.raises(OutcomeUnknownError):
        trying([], with_key, transport=serve, attempts=3)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Key": "a\r\nX-Other: 1"},
        {"X-Key": "s3cr3t\n"},
        {"X-Key": "s3cr3t\0"},
        {"X-Key": "s3cr\u00e9t"},
        {"X-Key: s3cr3t\r\nX": "1"},
        {"": "s3cr3t"},
    ],
)
def test_no_header_hides_another(headers):
    """What would not arrive as it is written is refused, and not shown: it may be a secret."""
    with pytest.raises(PolicyError) as raised:
        Request("GET", GET.url, headers=headers)
    assert "s3cr" not in str(raised.value)
    with pytest.raises(PolicyError):
        GET.with_headers(headers)


def test_an_address_that_is_none_is_not_shown():
    """Its representation does not fail, and neither does the error that has it."""
    request = Request("GET", "https://[::1?key=s3cr3t")
    transport = HttpTransport(seconds=1)
    with pytest.raises(PolicyError) as raised:
        transport(request)
    transport.close()

    assert "s3cr3t" not in repr(request) + str(raised.value)


def test_a_token_stays_with_its_host():
    """A link to another host, or to the same one in the clear, gets nothing."""
    seen: list[str] = []

    def serve(request):
        seen.append(request.url)
        return Response(200)

    tokens = BearerTokens(serve, fetch=lambda: Token(value=Secret("t")), now=lambda: NOW)
    tokens(GET)
    elsewhere = ["https://evil.example/", "http://erp.example/items", "https://erp.example:8443/"]
    for url in [*elsewhere, "https://erp.example.evil.example/", "https://[::1"]:
        with pytest.raises(TransportError, match="must go where its token is for"):
            tokens(Request("GET", url))

    assert seen == [GET.url]


def test_an_answer_without_an_end_is_not_kept(server, monkeypatch):
    """Beyond its bound a body is given up; what was asked may have been done."""
    monkeypatch.setattr("receivables.limits.RESPONSE_BYTES_MAX", 10)
    transport = HttpTransport(seconds=5)
    with pytest.raises(OutcomeUnknownError, match="10 bytes or fewer"):
        transport(Request("POST", f"{server}/a", body=b"hello"))
    transport.close()


def test_a_secret_that_is_no_text_is_not_shown(tmp_path):
    """The file is named, and nothing of it is in the error or in what it came from."""
    (tmp_path / "erp-key").write_bytes(b"s3cr3t\xff")
    with pytest.raises(PolicyError, match="secret erp-key must be UTF-8") as raised:
        secrets_from(tmp_path)

    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    "said",
    [
        "9" * 30,
        "-1",
        "1e9",
        "\u0663",
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "Mon, 31 Dec 9999 23:59:59 -2359",
        "",
    ],
)
def test_an_odd_wait_does_no_harm(said):
    """Whatever ``Retry-After`` says, the wait is bounded and nothing fails."""
    request = Request("GET", GET.url)

    def serve(_request):
        return Response(503, headers=[("Retry-After", said)])

    answer, waited, _ = trying([], request, transport=serve, attempts=2)

    assert answer.status == 503
    assert all(0 <= each <= 120 for each in waited)
