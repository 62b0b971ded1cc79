"""A mailbox of Microsoft 365 behind Graph v1.0, as far as drafts go: messages, attachments, uploads.

It behaves as the public reference says, habits included: a request beyond 4 MB is refused, and an
attachment from 3 MB on without an upload session; values of extended properties are compared without
case; lists come in pages with opaque links; parts of an upload must follow each other, and the way to
upload takes no token.  How the real service behaves beyond that is unverified.

>>> graph = FakeGraph(token="t0ken")
>>> asked = Request("GET", "https://graph.microsoft.com/v1.0/me/messages",
...                 headers={"Authorization": "Bearer t0ken"})
>>> graph(asked).json()["value"]
[]
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import attrs

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeGraph", "GraphAttachment", "GraphMessage"]

_USUAL: Final = Serving()
_REQUEST_MAX: Final = 4 * 1024 * 1024
_ATTACHED_MAX: Final = 3 * 1024 * 1024
_PIECE: Final = r"[^/]+"
_FILTER: Final = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']*)' and ep/value eq '([^']*)'\)"
)
_EXPAND: Final = re.compile(r"singleValueExtendedProperties\(\$filter=id eq '([^']*)'\)")
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@attrs.define
class GraphAttachment:
    """A file that goes with a message."""

    id: str
    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


@attrs.define
class GraphMessage:
    """A message in a mailbox; `properties` are its extended properties by their identifiers."""

    id: str
    mailbox: str
    fields: dict[str, Any]
    properties: dict[str, str]
    attachments: list[GraphAttachment] = attrs.field(factory=list)
    is_draft: bool = True


@attrs.define
class _Upload:
    message: GraphMessage
    name: str
    media_type: str
    size: int
    received: bytearray = attrs.field(factory=bytearray)


class FakeGraph:
    """A transport to mailboxes that are not there; `messages` lie in them, `requests` were made.

    With `token`, that bearer token is good; with `client_id` and `client_secret`, an application gets
    its own.  `serving.page_size` is how many rows a list gives at a time; its other wishes have no
    meaning for a mailbox.
    """

    def __init__(
        self,
        serving: Serving = _USUAL,
        *,
        token: str = "",
        client_id: str = "",
        client_secret: str = "",
        host: str = "graph.microsoft.com",
    ) -> None:
        self._serving = serving
        self._tokens = {token} - {""}
        self._client = (client_id, client_secret)
        self._host = host
        self._uploads: dict[str, _Upload] = {}
        self._pages: dict[str, tuple[str, int]] = {}
        self._count = 0
        self.messages: list[GraphMessage] = []
        self.requests: list[Request] = []
        self.sent: list[Request] = []
        """Requests that would have sent a message."""

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.path.endswith("/oauth2/v2.0/token"):
            return self._grant(request)
        if parts.path.startswith("/upload/"):
            return self._receive(request, parts.path.rpartition("/")[2])
        if request.header("Authorization").removeprefix("Bearer ") not in self._tokens:
            return _error(401, "InvalidAuthenticationToken")
        if len(request.body) > _REQUEST_MAX:
            return _error(413, "RequestEntityTooLarge")
        if parts.path.endswith(("/send", "/sendMail")):
            self.sent.append(request)
            return Response(202)
        return self._route(request, parts.path, parts.query)

    def expire_tokens(self) -> None:
        """Make every token worth nothing that was given out."""
        self._tokens.clear()

    def _new_id(self, kind: str) -> str:
        self._count += 1
        return f"AAMk{kind}-{self._count:04}="

    def _grant(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials" or given != self._client:
            return _answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215"})
        self._count += 1
        token = f"granted-{self._count:04}"
        self._tokens.add(token)
        return _answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _route(self, request: Request, path: str, query: str) -> Response:
        routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
            ("GET", "messages", self._list_messages),
            ("POST", "messages", self._create),
            ("PATCH", rf"messages/({_PIECE})", self._patch),
            ("GET", rf"messages/({_PIECE})/attachments", self._list_attachments),
            ("POST", rf"messages/({_PIECE})/attachments", self._attach),
            ("POST", rf"messages/({_PIECE})/attachments/createUploadSession", self._begin),
        )
        owner = re.match(rf"/v1\.0/(me|users/{_PIECE})/(.*)", path)
        for method, pattern, serve in routes:
            found = owner and re.fullmatch(pattern, owner[2])
            if owner and found and method == request.method:
                mailbox = unquote(owner[1].removeprefix("users/"))
                values = {name: each[0] for name, each in parse_qs(query).items()}
                return serve(request, mailbox, values, *map(unquote, found.groups()))
        return _error(404, "ResourceNotFound")

    def _list_messages(self, request: Request, mailbox: str, query: Mapping[str, str]) -> Response:
        said = query.get("$filter", "")
        wanted = _FILTER.fullmatch(said)
        if said and wanted is None:
            return _error(400, "ErrorInvalidUrlQueryFilter")
        expanded = _EXPAND.fullmatch(query.get("$expand", ""))
        rows = [
            _message_row(message, expanded[1] if expanded else "")
            for message in self.messages
            if message.mailbox == mailbox
            and (wanted is None or _has(message, wanted[1], wanted[2]))
        ]
        return self._paged(request, rows, query)

    def _list_attachments(
        self, request: Request, mailbox: str, query: Mapping[str, str], identity: str
    ) -> Response:
        message = self._message(mailbox, identity)
        if message is None:
            return _error(404, "ErrorItemNotFound")
        # The size that Graph tells is that of the stored item, and no count of the content's bytes.
        rows = [
            {"id": each.id, "name": each.name, "size": len(each.content) + 172}
            for each in message.attachments
        ]
        return self._paged(request, rows, query)

    def _paged(
        self, request: Request, rows: list[dict[str, Any]], query: Mapping[str, str]
    ) -> Response:
        start = 0
        if link := query.get("$skiptoken"):
            if link not in self._pages:
                return _error(400, "ErrorInvalidSkipToken")
            start = self._pages[link][1]
        end = start + self._serving.page_size
        body: dict[str, Any] = {"value": rows[start:end]}
        if end < len(rows):
            self._count += 1
            token = f"o{self._count:05}"
            self._pages[token] = (request.url, end)
            url = re.sub(r"[?&](\$|%24)skiptoken=[^&]*", "", request.url)
            body["@odata.nextLink"] = f"{url}{'&' if '?' in url else '?'}$skiptoken={token}"
        return _answer(200, body)

    def _message(self, mailbox: str, identity: str) -> GraphMessage | None:
        found = (one for one in self.messages if (one.mailbox, one.id) == (mailbox, identity))
        return next(found, None)

    def _create(self, request: Request, mailbox: str, _query: Mapping[str, str]) -> Response:
        body = _body(request)
        if body is None:
            return _error(400, "BadRequest")
        files = body.pop("attachments", [])
        properties = _properties(body)
        message = GraphMessage(self._new_id("Msg"), mailbox, body, properties)
        for row in files:
            file = self._file(row)
            if file is None:
                return _error(400, "ErrorInvalidAttachment")
            message.attachments.append(file)
        self.messages.append(message)
        return _answer(201, _message_row(message, ""))

    def _patch(
        self, request: Request, mailbox: str, _query: Mapping[str, str], identity: str
    ) -> Response:
        message, body = self._message(mailbox, identity), _body(request)
        if message is None or body is None:
            return _error(404 if message is None else 400, "ErrorItemNotFound")
        message.properties.update(_properties(body))
        message.fields.update(body)
        return _answer(200, _message_row(message, ""))

    def _file(self, row: Mapping[str, Any]) -> GraphAttachment | None:
        try:
            content = base64.b64decode(str(row["contentBytes"]), validate=True)
        except (KeyError, binascii.Error):
            return None
        if row.get("@odata.type") != "#microsoft.graph.fileAttachment":
            return None
        kind = str(row.get("contentType", "application/octet-stream"))
        return GraphAttachment(self._new_id("Att"), str(row.get("name", "")), kind, content)

    def _attach(
        self, request: Request, mailbox: str, _query: Mapping[str, str], identity: str
    ) -> Response:
        message, body = self._message(mailbox, identity), _body(request)
        if message is None:
            return _error(404, "ErrorItemNotFound")
        file = None if body is None else self._file(body)
        if file is None:
            return _error(400, "ErrorInvalidAttachment")
        if len(file.content) >= _ATTACHED_MAX:
            return _error(413, "ErrorAttachmentSizeLimitExceeded")
        message.attachments.append(file)
        return _answer(201, {"id": file.id, "name": file.name})

    def _begin(
        self, request: Request, mailbox: str, _query: Mapping[str, str], identity: str
    ) -> Response:
        message, body = self._message(mailbox, identity), _body(request)
        item = (body or {}).get("AttachmentItem")
        if message is None or not isinstance(item, Mapping) or type(item.get("size")) is not int:
            return _error(404 if message is None else 400, "ErrorInvalidRequest")
        name = f"session{len(self._uploads) + 1:03}"
        kind = str(item.get("contentType", "application/octet-stream"))
        self._uploads[name] = _Upload(message, str(item.get("name", "")), kind, item["size"])
        url = f"https://outlook.office.com/upload/{name}?authtoken=eyJ-{name}"
        return _answer(201, {"uploadUrl": url, "nextExpectedRanges": ["0-"]})

    def _receive(self, request: Request, name: str) -> Response:
        upload = self._uploads.get(name)
        given = _RANGE.fullmatch(request.header("Content-Range"))
        if upload is None or f"authtoken=eyJ-{name}" not in request.url:
            return _error(404, "ErrorItemNotFound")
        if request.header("Authorization"):
            return _error(401, "ErrorAccessDenied")
        if request.method != "PUT" or given is None or len(request.body) > _REQUEST_MAX:
            return _error(400, "ErrorInvalidRequest")
        start, end, size = map(int, given.groups())
        is_next = start == len(upload.received) and end - start + 1 == len(request.body)
        if not is_next or size != upload.size:
            return _error(416, "ErrorInvalidRange")
        upload.received += request.body
        if len(upload.received) < upload.size:
            return _answer(200, {"nextExpectedRanges": [f"{len(upload.received)}-"]})
        del self._uploads[name]
        file = GraphAttachment(
            self._new_id("Att"), upload.name, upload.media_type, bytes(upload.received)
        )
        upload.message.attachments.append(file)
        location = f"https://outlook.office.com/attachments/{file.id}"
        return Response(201, headers={"Location": location})


def _has(message: GraphMessage, name: str, value: str) -> bool:
    """Names of properties are compared with case, their values without."""
    return message.properties.get(name, "\0").casefold() == value.casefold()


def _message_row(message: GraphMessage, expanded: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": message.id,
        "subject": message.fields.get("subject", ""),
        "isDraft": message.is_draft,
    }
    if expanded in message.properties:
        found = {"id": expanded, "value": message.properties[expanded]}
        row["singleValueExtendedProperties"] = [found]
    return row


def _properties(body: dict[str, Any]) -> dict[str, str]:
    rows = body.pop("singleValueExtendedProperties", [])
    return {str(row["id"]): str(row["value"]) for row in rows}


def _body(request: Request) -> dict[str, Any] | None:
    try:
        said = json.loads(request.body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _answer(status: int, body: Mapping[str, Any]) -> Response:
    headers = {"Content-Type": "application/json"}
    return Response(status, headers=headers, body=json.dumps(body).encode())


def _error(status: int, code: str) -> Response:
    return _answer(status, {"error": {"code": code, "message": f"it was refused: {code}"}})
