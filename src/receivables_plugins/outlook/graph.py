"""Drafts in a mailbox, by Microsoft Graph v1.0: looked up by their key, created once, never sent.

The key of a message is kept, as a digest, in an extended property of the draft
(``singleValueExtendedProperties``), by which it is found again; Graph compares such values without
case, which a digest does not mind.  A draft with large attachments is marked as unfinished until the
last of them is there, so that the next attempt finishes it instead of making another.

Written from the public reference of Graph; no mailbox was at hand, so that it is unverified how soon
after its creation a draft is found by its property.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from receivables.adapters import Attachment, Draft, Message
from receivables.errors import DocumentError, ServiceError
from receivables.transports import BearerTokens, Request, Response, Runtime, Token
from receivables.transports.model import Secret
from receivables_plugins.outlook.messages import check_message, digest_of, recipient
from receivables_plugins.outlook.settings import GraphSettings

__all__ = ["ATTACHED_AT_ONCE_MAX", "ATTACHMENT_MAX", "CHUNK", "TOGETHER_MAX", "GraphTransport"]

TOGETHER_MAX: Final = 2_500_000
"""Bytes of attachments that are created with their draft: a request may have 4 MB, a third is coding."""

ATTACHED_AT_ONCE_MAX: Final = 2_900_000
"""Bytes of an attachment that is added in one request; from 3 MB on, Graph wants an upload session."""

ATTACHMENT_MAX: Final = 150_000_000
"""Bytes of an attachment that Graph takes at all."""

CHUNK: Final = 3_932_160
"""Bytes of one part of an upload: a multiple of 320 KiB, below 4 MB."""

_PROPERTIES: Final = "String {6b0ae7a5-3f62-4c1e-9a52-7d0f9f1c2b44} Name"
"""The set of our own properties: any GUID, as long as it stays the same."""
_KEY: Final = f"{_PROPERTIES} receivables-key"
_STATE: Final = f"{_PROPERTIES} receivables-state"
_UNFINISHED: Final = "unfinished"
_FINISHED: Final = "finished"


class GraphTransport:
    """Drafts messages in a mailbox of Microsoft 365; a person looks at them there and sends them."""

    def __init__(self, settings: GraphSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._send = BearerTokens(runtime.transport, fetch=self._fetch, now=runtime.now)

    def __repr__(self) -> str:
        return f"GraphTransport(sender={self._settings.sender!r})"

    def draft(self, message: Message) -> Draft:
        """Draft a message, or find the draft, or what became of it, that has its key.

        Raises `DocumentError` for a message that cannot be drafted, `ServiceError` where the mailbox
        refuses, and `TransportError` where it cannot be reached; drafting it again then finishes what
        was begun.
        """
        check_message(message)
        base = self._mailbox(message)
        for attachment in message.attachments:
            if len(attachment.content) > ATTACHMENT_MAX:
                msg = f"attachment {attachment.name} must have at most {ATTACHMENT_MAX} bytes, got {len(attachment.content)}"
                raise DocumentError(msg)
        found = self._found(base, message.key)
        if found is None:
            found = self._created(base, message)
        identity = _text(found, "id")
        if _is_unfinished(found) and found.get("isDraft", True):
            self._finish(f"{base}/messages/{quote(identity, safe='')}", message)
        return Draft(
            key=message.key, name=str(found.get("subject") or message.subject), reference=identity
        )

    def _mailbox(self, message: Message) -> str:
        sender = message.sender or self._settings.sender
        url = self._settings.url.rstrip("/")
        if sender:
            return f"{url}/users/{quote(recipient(sender)[1], safe='@')}"
        if self._settings.token:
            return f"{url}/me"
        msg = f"sender of message {message.key} must be given, because an application has no mailbox, got none"
        raise DocumentError(msg)

    def _found(self, base: str, key: str) -> Mapping[str, Any] | None:
        """The message of the mailbox that has a key; a draft before one that was sent."""
        wanted = f"ep/id eq '{_KEY}' and ep/value eq '{digest_of(key)}'"
        query = {
            "$filter": f"singleValueExtendedProperties/Any(ep: {wanted})",
            "$expand": f"singleValueExtendedProperties($filter=id eq '{_STATE}')",
            "$select": "id,subject,isDraft",
        }
        rows = self._rows(f"{base}/messages?{urlencode(query, quote_via=quote)}")
        return min(rows, key=lambda row: not row.get("isDraft"), default=None)

    def _rows(self, url: str) -> Iterator[Mapping[str, Any]]:
        """The rows of a list, page by page; the way to the next page is taken as it is given."""
        seen: set[str] = set()
        while url:
            seen.add(url)
            answer = self._ask(Request("GET", url))
            rows = answer.get("value")
            yield from rows if isinstance(rows, list) else ()
            url = str(answer.get("@odata.nextLink") or "")
            if url and (url in seen or not url.startswith(f"{self._settings.url.rstrip('/')}/")):
                msg = "the next page must be another one of the same service, got a link elsewhere"
                raise ServiceError(msg)

    def _created(self, base: str, message: Message) -> Mapping[str, Any]:
        size = sum(len(each.content) for each in message.attachments)
        together = size <= TOGETHER_MAX
        body = {
            "subject": message.subject,
            "body": {"contentType": "text", "content": message.text},
            "toRecipients": [_recipient(text) for text in message.to],
            "ccRecipients": [_recipient(text) for text in message.cc],
            "singleValueExtendedProperties": [
                {"id": _KEY, "value": digest_of(message.key)},
                {"id": _STATE, "value": _FINISHED if together else _UNFINISHED},
            ],
        }
        if together and message.attachments:
            body["attachments"] = [_attachment(each) for each in message.attachments]
        found = dict(self._ask(_json("POST", f"{base}/messages", body)))
        # What was asked for counts, and not whether the answer repeats it.
        found["singleValueExtendedProperties"] = body["singleValueExtendedProperties"]
        return found

    def _finish(self, url: str, message: Message) -> None:
        """Add the attachments that are not there yet, and mark the draft as finished."""
        rows = self._rows(
            f"{url}/attachments?{urlencode({'$select': 'id,name,size'}, quote_via=quote)}"
        )
        there = Counter(str(row.get("name")) for row in rows)
        for attachment in message.attachments:
            if there[attachment.name]:
                there[attachment.name] -= 1
            elif len(attachment.content) <= ATTACHED_AT_ONCE_MAX:
                self._ask(_json("POST", f"{url}/attachments", _attachment(attachment)))
            else:
                self._upload(url, attachment)
        state = {"singleValueExtendedProperties": [{"id": _STATE, "value": _FINISHED}]}
        self._ask(_json("PATCH", url, state))

    def _upload(self, url: str, attachment: Attachment) -> None:
        """Upload an attachment part by part; the way there is a secret by itself, and takes no other."""
        size = len(attachment.content)
        item = {
            "attachmentType": "file",
            "name": attachment.name,
            "size": size,
            "contentType": attachment.media_type,
        }
        session = self._ask(
            _json("POST", f"{url}/attachments/createUploadSession", {"AttachmentItem": item})
        )
        way = _text(session, "uploadUrl")
        if not way.startswith("https://"):
            msg = "uploadUrl must begin with https://, got another way"
            raise ServiceError(msg)
        for start in range(0, size, CHUNK):
            part = attachment.content[start : start + CHUNK]
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(len(part)),
                "Content-Range": f"bytes {start}-{start + len(part) - 1}/{size}",
            }
            # Without the token: its URL is authorized already, and another host must not see it.
            answer = self._runtime.transport(Request("PUT", way, headers=headers, body=part))
            if not answer.is_success:
                raise _refusal(answer, "an upload")

    def _ask(self, request: Request) -> Mapping[str, Any]:
        """One answer; raises `ServiceError` with the code of a refusal."""
        answer = self._send(request.with_headers({"Accept": "application/json"}))
        if not answer.is_success:
            raise _refusal(answer, request.method)
        said = answer.json() if answer.body else {}
        if not isinstance(said, Mapping):
            msg = f"an answer must be an object, got {type(said).__name__}"
            raise ServiceError(msg, status=answer.status)
        return said

    def _fetch(self) -> Token:
        """A token: the one that is given, or a new one (RFC 6749, 4.4)."""
        settings = self._settings
        if settings.token:
            return Token(value=self._runtime.secret(settings.token))
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": self._runtime.secret(settings.client_secret).reveal(),
            "scope": f"{_origin(settings.url)}/.default",
        }
        url = (
            f"{settings.login_url.rstrip('/')}/{quote(settings.tenant, safe='')}/oauth2/v2.0/token"
        )
        request = Request(
            "POST",
            url,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            is_repeatable=True,
        )
        answer = self._runtime.transport(request)
        if not answer.is_success:
            raise _refusal(answer, "a token")
        said = answer.json()
        seconds = said.get("expires_in") if isinstance(said, Mapping) else None
        until = (
            self._runtime.now() + dt.timedelta(seconds=seconds) if type(seconds) is int else None
        )
        return Token(value=Secret(_text(said, "access_token")), expires_at=until)


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _json(method: str, url: str, body: Mapping[str, Any]) -> Request:
    # A PATCH that sets a mark does the same however often it is sent; a POST does not.
    return Request(
        method,
        url,
        headers={"Content-Type": "application/json"},
        body=json.dumps(body).encode(),
        is_repeatable=method == "PATCH",
    )


def _recipient(text: str) -> dict[str, Any]:
    name, address = recipient(text)
    return {"emailAddress": {"address": address, **({"name": name} if name else {})}}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": attachment.name,
        "contentType": attachment.media_type,
        "contentBytes": base64.b64encode(attachment.content).decode("ascii"),
    }


def _is_unfinished(found: Mapping[str, Any]) -> bool:
    rows = found.get("singleValueExtendedProperties")
    states = (
        [row.get("value") for row in rows if row.get("id", "").endswith("-state")]
        if isinstance(rows, list)
        else []
    )
    return _UNFINISHED in states


def _text(said: object, name: str) -> str:
    value = said.get(name) if isinstance(said, Mapping) else None
    if not isinstance(value, str) or not value:
        msg = f"an answer must have {name}, got none"
        raise ServiceError(msg)
    return value


def _refusal(answer: Response, what: str) -> ServiceError:
    """A refusal with its status and its code; its text may repeat what was sent, and is left out."""
    code = ""
    try:
        error = answer.json().get("error")
        code = str(error.get("code", "")) if isinstance(error, Mapping) else str(error or "")
    except (ServiceError, AttributeError):
        code = ""
    msg = f"{what} must be answered with success, got {answer.status} {code}".rstrip()
    return ServiceError(msg, status=answer.status, code=code)
