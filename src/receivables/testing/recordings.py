"""Recordings of real systems: made once with the secrets masked, replayed for ever without a network.

`Recorder` stands in front of a real transport and keeps what goes by; `Replay` is a transport that
answers from what was kept.  Secrets are masked before anything is kept, wherever they stand, and so
are the headers that carry them.

>>> from receivables.transports import Request, Response, Secret
>>> way = Recorder(lambda request: Response(200, body=b"[1]"), secrets=[Secret("s3cr3t")])
>>> way(Request("GET", "https://erp.example/items?key=s3cr3t", headers={"Authorization": "x"})).status
200
>>> kept = way.to_text()
>>> "s3cr3t" in kept, "Authorization" in kept
(False, False)
>>> Replay(kept)(Request("GET", "https://erp.example/items?key=another")).body
b'[1]'
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote, quote_plus, urlsplit

import attrs
import pytest

from receivables.adapters import AdapterSpec, LedgerQuery
from receivables.errors import DocumentError, TransportError
from receivables.testing.ledger_service import open_minor
from receivables.testing.services import Clock, ServiceCase, Serving
from receivables.transports import Request, Response, Secret, Transport

__all__ = ["Recorder", "RecordingTests", "Replay"]

_MASK: Final = "masked-secret"
_KEPT: Final = frozenset({"content-type", "retry-after", "link", "odata-version"})
"""Headers that are kept; every other one may carry a secret or says nothing."""
_TOKENS: Final = re.compile(
    r'("(?:access_token|refresh_token|id_token|client_secret|password|token)"\s*:\s*")[^"]*"'
)


class Recorder:
    """A transport that keeps every request and response that go through it, without the secrets."""

    def __init__(self, transport: Transport, *, secrets: Iterable[Secret] = ()) -> None:
        self._transport = transport
        self._secrets = [secret.reveal() for secret in secrets if secret]
        self._kept: list[dict[str, Any]] = []

    def __repr__(self) -> str:
        return f"Recorder({len(self._kept)} exchanges)"

    def __call__(self, request: Request) -> Response:
        """Send one request, and keep what was said."""
        response = self._transport(request)
        self._kept.append(
            {
                "method": request.method,
                "url": self._without(request.url),
                "request": self._without(request.body.decode("utf-8", "replace")),
                "status": response.status,
                "headers": self._headers(response),
                **self._body(response.body),
            }
        )
        return response

    def to_text(self) -> str:
        """The recording as JSON, one exchange after the other."""
        return json.dumps({"exchanges": self._kept}, ensure_ascii=False, indent=1) + "\n"

    def _headers(self, response: Response) -> dict[str, str]:
        kept = [(name, value) for name, value in response.headers if name.casefold() in _KEPT]
        return {name: self._without(value) for name, value in kept}

    def _body(self, body: bytes) -> dict[str, str]:
        try:
            return {"body": self._without(body.decode())}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(body).decode()}

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(form, _MASK)
            basic = base64.b64encode(secret.encode()).decode()
            text = text.replace(basic, _MASK)
        return _TOKENS.sub(rf'\1{_MASK}"', text)


class Replay:
    """A transport that answers from a recording: each request gets the next answer to its like.

    A request is like a recorded one where method, path and place in the order of its likes agree;
    queries are compared but for what was masked.  Raises `TransportError` for a request that was
    never recorded.
    """

    def __init__(self, text: str) -> None:
        try:
            self._left: list[dict[str, Any]] = list(json.loads(text)["exchanges"])
        except (ValueError, KeyError, TypeError) as error:
            msg = f"recording must be JSON with exchanges, got {type(error).__name__}"
            raise DocumentError(msg) from None

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        for place, kept in enumerate(self._left):
            if _is_like(kept, request):
                del self._left[place]
                return _response(kept)
        msg = f"{request!r} must have been recorded, got none like it"
        raise TransportError(msg)


def _is_like(kept: dict[str, Any], request: Request) -> bool:
    theirs, ours = urlsplit(kept["url"]), urlsplit(request.url)
    if (kept["method"], theirs.path) != (request.method, ours.path):
        return False
    masked = re.escape(theirs.query).replace(re.escape(_MASK), "[^&]*")
    return re.fullmatch(masked, ours.query) is not None


def _response(kept: dict[str, Any]) -> Response:
    body = base64.b64decode(kept["base64"]) if "base64" in kept else kept["body"].encode()
    return Response(kept["status"], headers=kept["headers"], body=body)


@attrs.frozen(kw_only=True)
class _Recorded:
    """A recording with what is known about it, as `RecordingTests` finds it in a file."""

    name: str
    text: str = attrs.field(repr=False)
    settings: dict[str, Any]
    open_minor: dict[str, int]
    is_complete: bool


class RecordingTests:
    """Runs a ledger service on every recording of a folder; give `spec` and `folder`.

    A file ``NAME.json`` of the folder is what `Recorder.to_text` wrote, with three keys more:
    ``settings``, ``open_minor`` (what is open, by currency) and ``is_complete``.
    """

    secrets: ClassVar[dict[str, str]] = {}
    """Stand-ins for the secrets, which the recording does not have."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The descriptor of the adapter."""
        raise NotImplementedError

    @pytest.fixture
    def folder(self) -> Path:
        """Where the recordings are."""
        raise NotImplementedError

    def test_recordings_come_to_what_is_known(self, spec: AdapterSpec[Any], folder: Path) -> None:
        """Each recording gives what is open, and says whether it is whole."""
        found = _recordings(folder)
        assert found
        for recorded in found:
            case = ServiceCase(
                settings=recorded.settings,
                secrets=self.secrets,
                serve=functools.partial(_replayed, recorded.text),
            )
            runtime = case.runtime(Serving(), clock=Clock(case.now))
            read = spec.build(case.settings, runtime=runtime).items(LedgerQuery()).collect()

            assert open_minor(read.rows) == recorded.open_minor, recorded.name
            assert read.report.complete is recorded.is_complete, recorded.name

    def test_recordings_hold_no_card_numbers_and_no_keys(self, folder: Path) -> None:
        """Nothing that looks like a token stands in a recording unmasked."""
        for recorded in _recordings(folder):
            unmasked = [
                match for match in _TOKENS.finditer(recorded.text) if _MASK not in match.group()
            ]
            assert unmasked == [], recorded.name


def _replayed(text: str, _serving: Serving) -> Replay:
    return Replay(text)


def _recordings(folder: Path) -> Sequence[_Recorded]:
    found = []
    for path in sorted(folder.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        said = json.loads(text)
        found.append(
            _Recorded(
                name=path.name,
                text=text,
                settings=dict(said["settings"]),
                open_minor=dict(said["open_minor"]),
                is_complete=bool(said["is_complete"]),
            )
        )
    return found
