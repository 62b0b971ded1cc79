"""The fake mailbox refuses what the real one would."""

import base64
import json

import pytest

from receivables.testing.fakes.graph import FakeGraph
from receivables.testing.services import Serving
from receivables.transports import Request

_GOOD = "t"
_URL = "https://graph.microsoft.com/v1.0/me/messages"


def _ask(fake, method, url, body=None, token=_GOOD):
    content = b"" if body is None else json.dumps(body).encode()
    return fake(Request(method, url, headers={"Authorization": f"Bearer {token}"}, body=content))


def _file(size):
    content = base64.b64encode(b"x" * size).decode()
    return {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": content}


@pytest.fixture
def fake():
    """A mailbox with a message."""
    graph = FakeGraph(Serving(page_size=1), token=_GOOD)
    _ask(graph, "POST", _URL, {"subject": "one"})
    return graph


_REFUSED = {
    "token": ("GET", _URL, None, "other", 401),
    "path": ("GET", f"{_URL}/x/y", None, "t", 404),
    "filter": ("GET", f"{_URL}?$filter=nonsense", None, "t", 400),
    "skip token": ("GET", f"{_URL}?$skiptoken=o1", None, "t", 400),
    "body": ("POST", _URL, "text", "t", 400),
    "no message": ("POST", f"{_URL}/none/attachments", {}, "t", 404),
    "large request": ("POST", f"{_URL}/AAMkMsg-0001%3D/attachments", _file(3_300_000), "t", 413),
    "large file": ("POST", f"{_URL}/AAMkMsg-0001%3D/attachments", _file(3_145_728), "t", 413),
    "bad file": ("POST", f"{_URL}/AAMkMsg-0001%3D/attachments", {"name": "x"}, "t", 400),
    "session": ("POST", f"{_URL}/AAMkMsg-0001%3D/attachments/createUploadSession", {}, "t", 400),
}


@pytest.mark.parametrize(
    ("method", "url", "body", "token", "status"), _REFUSED.values(), ids=_REFUSED
)
def test_what_the_service_refuses_is_refused(fake, method, url, body, token, status):
    """Each refusal has its status."""
    assert _ask(fake, method, url, body, token).status == status


def test_lists_come_in_pages(fake):
    """A page has a link to the next one, which says nothing of itself."""
    _ask(fake, "POST", _URL, {"subject": "two"})
    first = _ask(fake, "GET", _URL).json()
    second = _ask(fake, "GET", first["@odata.nextLink"]).json()

    assert [row["subject"] for row in (*first["value"], *second["value"])] == ["one", "two"]
    assert "@odata.nextLink" not in second


def test_sending_is_noticed(fake):
    """A request that would send is kept, so that a test can ask for none."""
    _ask(fake, "POST", f"{_URL}/AAMkMsg-0001%3D/send")

    assert len(fake.sent) == 1


def test_an_application_with_a_wrong_secret_gets_no_token():
    """Credentials are checked."""
    fake = FakeGraph(client_id="a", client_secret=_GOOD)
    url = "https://login.microsoftonline.com/t/oauth2/v2.0/token"

    assert fake(Request("POST", url, body=b"client_id=a&client_secret=c")).status == 401
