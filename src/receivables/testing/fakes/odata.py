"""A fake of SAP's gateway: OData versions 2 and 4, with the habits that adapters must live with.

Pages are linked by tokens that mean nothing to anybody else, numbers are texts in version 2, days
count milliseconds, what is unknown in a filter is refused, what changes something needs a token
against forgery.  Journal entries are posted over SOAP and stand in an entity set afterwards.

>>> fake = FakeOData({"/odata/Items": [{"Item": "0001", "Amount": Decimal("12.50")}]})
>>> fake(Request("GET", "https://sap.example/odata/Items")).json()["d"]["results"][0]["Amount"]
'12.50'
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

import attrs

from receivables import markup
from receivables.errors import PolicyError
from receivables.reading import ReadNotes
from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeOData", "JournalPosted"]

_Row: TypeAlias = Mapping[str, Any]
_Test: TypeAlias = Callable[[_Row], bool]

_TOKENS: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<day>datetime'[^']*'|\d{4}-\d{2}-\d{2})"
    r"|(?P<number>-?\d+(?:\.\d+)?)[mMdDfFlL]?|(?P<word>[A-Za-z_][\w/]*)|(?P<mark>[()]))"
)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda one, other: bool(one == other),
    "ne": lambda one, other: bool(one != other),
    "lt": lambda one, other: one is not None and bool(one < other),
    "le": lambda one, other: one is not None and bool(one <= other),
    "gt": lambda one, other: one is not None and bool(one > other),
    "ge": lambda one, other: one is not None and bool(one >= other),
}
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
_OPTIONS: Final = {
    "v2": {"$filter", "$select", "$orderby", "$top", "$skip", "$inlinecount", "$format"},
    "v4": {"$filter", "$select", "$orderby", "$top", "$skip", "$count"},
}
_EPOCH: Final = dt.date(1970, 1, 1)
_NUMBER: Final = re.compile(r'"\\u0000([^"\\]*)"')
_ITEMS: Final = "A_JournalEntryItemBasic"


class _RefusedError(Exception):
    """A request that is refused, as the gateway says it."""

    def __init__(self, message: str, *, status: int = 400, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code or "/IWBEP/CX_MGW_BUSI_EXCEPTION"


@attrs.frozen(kw_only=True)
class JournalPosted:
    """A journal entry that the fake has booked."""

    company: str
    document: str
    year: str
    reference: str
    """The text by which whoever sent it finds it again (DocumentReferenceID)."""
    message: str
    """The identifier of the message that it came in."""
    lines: int


class FakeOData:
    """A gateway in this process: rows by the path of their entity set, days as `datetime.date`.

    `version` is ``v2`` or ``v4``.  With `user` and `password` it asks who is there, with
    `client_id` and `client_secret` it gives tokens at ``/oauth/token`` and asks for them.  An entry
    with an account of `unknown_accounts` is refused.  `requests` keeps what was asked, `posted` the
    entries that were booked.  With `keeps_messages`, a message that came before is answered as the
    first time; without it, it is booked again, as systems do that keep no identifiers.
    """

    def __init__(  # a system has many sides
        self,
        sets: Mapping[str, Sequence[_Row]],
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        *,
        version: str = "v2",
        host: str = "https://sap.example",
        credentials: tuple[str, str] | None = None,
        client: tuple[str, str] | None = None,
        unknown_accounts: Iterable[str] = (),
        keeps_messages: bool = True,
    ) -> None:
        self.requests: list[Request] = []
        self.posted: list[JournalPosted] = []
        self._sets = {path: list(rows) for path, rows in sets.items()}
        self._serving = serving
        self._version = version
        self._host = host
        self._credentials = credentials
        self._client = client
        self._unknown = frozenset(unknown_accounts)
        self._keeps_messages = keeps_messages
        self._links: dict[str, tuple[str, Mapping[str, str], int]] = {}
        self._messages: dict[str, str] = {}
        self._tokens = 0

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        self.requests.append(request)
        path = unquote(urlsplit(request.url).path)
        try:
            if path == "/oauth/token" and self._client:
                return self._token(request)
            if not self._knows(request):
                return Response(401, headers={"WWW-Authenticate": "Basic"}, body=b"Unauthorized")
            if request.method == "GET":
                return self._get(request, path)
            return self._post(request, path)
        except _RefusedError as error:
            return self._error(error)

    def rows(self, path: str) -> list[_Row]:
        """The rows of an entity set."""
        return self._sets[path]

    def _token(self, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode()))
        basic = base64.b64encode(":".join(self._client or ()).encode()).decode()
        if request.header("Authorization") != f"Basic {basic}" or (
            form.get("grant_type") != "client_credentials"
        ):
            return Response(401, body=b'{"error": "invalid_client"}')
        self._tokens += 1
        said = {"access_token": f"token-{self._tokens}", "expires_in": 600, "token_type": "Bearer"}
        return _json(200, said)

    def _knows(self, request: Request) -> bool:
        said = request.header("Authorization")
        if self._client:
            return said == f"Bearer token-{self._tokens}"
        if self._credentials:
            pair = ":".join(self._credentials).encode()
            return said == f"Basic {base64.b64encode(pair).decode()}"
        return True

    def _get(self, request: Request, path: str) -> Response:
        if request.header("X-CSRF-Token").casefold() == "fetch":
            said = [("x-csrf-token", "fake-csrf"), ("set-cookie", "SAP_SESSIONID=1; path=/")]
            return Response(200, headers=said, body=b"{}")
        query: Mapping[str, str] = {
            key: values[-1] for key, values in parse_qs(urlsplit(request.url).query).items()
        }
        first = 0
        if token := query.get("$skiptoken"):
            if token not in self._links:
                msg = f"The skiptoken '{token}' is not valid"
                raise _RefusedError(msg)
            path, query, first = self._links[token]
        if path not in self._sets:
            msg = f"Resource not found for the segment '{path.rpartition('/')[2]}'"
            code = "/IWBEP/CX_MGW_RESOURCE_NOT_FOUND"
            raise _RefusedError(msg, status=404, code=code)
        return self._page(path, query, first)

    def _page(self, path: str, query: Mapping[str, str], first: int) -> Response:
        options = {key for key in query if key.startswith("$")}
        if strange := options - _OPTIONS[self._version]:
            msg = f"The option '{min(strange)}' is not supported"
            raise _RefusedError(msg)
        found = _found(self._sets[path], query)
        skipped = int(query.get("$skip", 0))
        wanted = found[skipped:][: int(query.get("$top", len(found) + 1))]
        last = min(first + self._serving.page_size, len(wanted))
        if self._serving.fails_at is not None:
            failing = self._serving.fails_at - 1 - skipped
            if failing == first < len(wanted):
                msg = "An application exception has occurred"
                raise _RefusedError(msg, status=500)
            last = failing if first < failing < last else last
        is_more = last < len(wanted)
        if self._serving.truncates_at is not None and last >= self._serving.truncates_at - skipped:
            last, is_more = max(first, self._serving.truncates_at - skipped), False
        page = [self._shown(row, path, query.get("$select", "")) for row in wanted[first:last]]
        link = self._link(path, query, last) if is_more else ""
        counted = query.get("$inlinecount") == "allpages" or query.get("$count") == "true"
        return _json(200, self._envelope(page, link, len(found) if counted else None))

    def _link(self, path: str, query: Mapping[str, str], first: int) -> str:
        said = f"{path} {sorted(query.items())} {first}"
        token = hashlib.sha256(said.encode()).hexdigest()[:24]
        self._links[token] = (path, dict(query), first)
        name = path.rpartition("/")[2]
        start = f"{self._host}{path}" if self._version == "v2" else name
        return f"{start}?$skiptoken={token}"

    def _envelope(self, page: list[Any], link: str, count: int | None) -> Any:  # noqa: ANN401  # JSON
        if self._version == "v2":
            inner: dict[str, Any] = {"results": page}
            inner |= {} if count is None else {"__count": str(count)}
            return {"d": inner | ({"__next": link} if link else {})}
        outer: dict[str, Any] = {"@odata.context": "$metadata", "value": page}
        outer |= {} if count is None else {"@odata.count": count}
        return outer | ({"@odata.nextLink": link} if link else {})

    def _shown(self, row: _Row, path: str, select: str) -> dict[str, Any]:
        names = select.split(",") if select else list(row)
        shown = {name: _value(row.get(name), self._version) for name in names}
        if self._version == "v2":
            shown["__metadata"] = {"type": f"{path.rpartition('/')[2]}Type"}
        return shown

    def _post(self, request: Request, path: str) -> Response:
        if path not in self._sets:
            return self._journal(request)
        if request.header("X-CSRF-Token") != "fake-csrf" or not request.header("Cookie"):
            refused = self._error(
                _RefusedError("CSRF token validation failed", status=403, code="/IWFND/CM_CSRF")
            )
            return attrs.evolve(refused, headers=[("x-csrf-token", "Required")])
        row = json.loads(request.body, parse_float=Decimal)
        self._sets[path].append(row)
        return _json(201, {"d": row} if self._version == "v2" else row)

    def _journal(self, request: Request) -> Response:
        notes = ReadNotes("request")
        names = {"MessageHeader", "JournalEntryCreateRequest"}
        parts = list(markup.elements(BytesIO(request.body), notes=notes, names=names))
        if notes.error_count or not parts or parts[0].name != "MessageHeader":
            fault = "<faultstring>Web service processing error</faultstring>"
            return _soap(f"<soap-env:Fault>{fault}</soap-env:Fault>", status=500)
        message = parts[0].text("ID")
        if message not in self._messages or not self._keeps_messages:
            told = "".join(self._entry(entry) for entry in parts[1:])
            self._messages[message] = (
                '<n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN">'
                f"<MessageHeader><ReferenceID>{message}</ReferenceID></MessageHeader>{told}"
                "<Log/></n0:JournalEntryBulkCreateConfirmation>"
            )
        return _soap(self._messages[message])

    def _entry(self, request: markup.Node) -> str:
        message = request.text("MessageHeader/ID")
        if message in self._messages and self._keeps_messages:
            return self._messages[message]
        entry = request.find("JournalEntry")
        problem = "A journal entry is missing" if entry is None else self._problem(entry)
        if problem or entry is None:
            return _confirmed(message, ("", "", "0000"), problem)
        document = f"{100_000_000 + len(self.posted) + 1:010}"
        year = entry.text("PostingDate")[:4]
        company = entry.text("CompanyCode")
        items = [child for child in entry.children if child.name in {"Item", "DebtorItem"}]
        reference = entry.text("DocumentReferenceID")
        self.posted.append(
            JournalPosted(
                company=company,
                document=document,
                year=year,
                reference=reference,
                message=message,
                lines=len(items),
            )
        )
        self._note(company, document, year, reference)
        self._messages[message] = _confirmed(message, (document, company, year), "")
        return self._messages[message]

    def _note(self, company: str, document: str, year: str, reference: str) -> None:
        for path, rows in self._sets.items():
            if path.endswith(_ITEMS):
                rows.append(
                    {
                        "CompanyCode": company,
                        "FiscalYear": year,
                        "AccountingDocument": document,
                        "DocumentReferenceID": reference,
                    }
                )

    def _problem(self, entry: markup.Node) -> str:
        items = [child for child in entry.children if child.name in {"Item", "DebtorItem"}]
        totals: dict[str, Decimal] = {}
        for item in items:
            amount = item.find("AmountInTransactionCurrency")
            if amount is None:
                return "Amount is missing"
            value = Decimal(amount.content)
            if (item.text("DebitCreditCode") == "H") is not (value < 0) and value:
                return "Debit/credit code and sign of the amount differ"
            currency = amount["currencyCode"]
            totals[currency] = totals.get(currency, Decimal(0)) + value
            if item.text("GLAccount") in self._unknown or item.text("Debtor") in self._unknown:
                return f"Account {item.text('GLAccount') or item.text('Debtor')} is not defined"
        return "Balance in transaction currency" if any(totals.values()) or not items else ""

    def _error(self, error: _RefusedError) -> Response:
        said: Any = str(error)
        message = {"lang": "en", "value": said} if self._version == "v2" else said
        inner = {"transactionid": "0" * 32, "errordetails": []}
        body = {"error": {"code": error.code, "message": message, "innererror": inner}}
        return _json(error.status, body)


def _found(rows: Sequence[_Row], query: Mapping[str, str]) -> list[_Row]:
    """The rows that a query asks for, in its order."""
    names = {name for row in rows for name in row}
    test = _Filter(query["$filter"], names).test() if query.get("$filter") else None
    found = [row for row in rows if test is None or test(row)]
    order = [name for name in query.get("$orderby", "").split(",") if name]
    for name in reversed(order):
        _check_name(name, names)
        found.sort(key=lambda row: (row.get(name) is not None, row.get(name) or ""))  # used at once
    for name in query.get("$select", "").split(","):
        if name:
            _check_name(name, names)
    return found


def _check_name(name: str, names: set[str]) -> None:
    if names and name not in names:
        msg = f"Property '{name}' not found in type"
        raise _RefusedError(msg)


class _Filter:
    """A condition of OData, of comparisons, ``and``, ``or``, ``not`` and parentheses."""

    def __init__(self, text: str, names: set[str]) -> None:
        self._parts = list(_parts(text))
        self._names = names
        self._at = 0

    def test(self) -> _Test:
        """The condition as a function of a row."""
        test = self._either()
        if self._at < len(self._parts):
            msg = f"Invalid filter near '{self._parts[self._at][1]}'"
            raise _RefusedError(msg)
        return test

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._parts):
            msg = "Invalid filter: it ends too early"
            raise _RefusedError(msg)
        self._at += 1
        return self._parts[self._at - 1]

    def _is_word(self, word: str) -> bool:
        return self._at < len(self._parts) and self._parts[self._at] == ("word", word)

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._is_word("or"):
            self._next()
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> _Test:
        tests = [self._one()]
        while self._is_word("and"):
            self._next()
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> _Test:
        kind, text = self._next()
        if (kind, text) == ("word", "not"):
            inner = self._one()
            return lambda row: not inner(row)
        if (kind, text) == ("mark", "("):
            test = self._either()
            if self._next() != ("mark", ")"):
                msg = "Invalid filter: a parenthesis is not closed"
                raise _RefusedError(msg)
            return test
        _check_name(text, self._names)
        compare = _COMPARE.get(self._next()[1])
        if kind != "word" or compare is None:
            msg = f"Invalid filter near '{text}'"
            raise _RefusedError(msg)
        literal = _literal(*self._next())
        return lambda row: compare(_plain(row.get(text), literal), literal)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKENS.match(text, at)
        if found is None:
            msg = f"Invalid filter near '{text[at : at + 20]}'"
            raise _RefusedError(msg)
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, found[kind]


def _literal(kind: str, text: str) -> Any:  # noqa: ANN401  # of any type
    if kind == "text":
        return text[1:-1].replace("''", "'")
    if kind == "day":
        return dt.date.fromisoformat(text.removeprefix("datetime'")[:10])
    if kind == "number":
        return Decimal(text)
    if text not in _WORDS:
        msg = f"Invalid literal '{text}'"
        raise _RefusedError(msg)
    return _WORDS[text]


def _plain(value: Any, literal: Any) -> Any:  # noqa: ANN401  # of any type
    """A field as what it is compared with; a text that is not there is an empty one."""
    return "" if value is None and isinstance(literal, str) else value


def _value(value: Any, version: str) -> Any:  # noqa: ANN401  # JSON
    """A value as a version writes it; a float is refused."""
    if isinstance(value, float):
        msg = f"rows must hold Decimal values, got {value!r}"
        raise PolicyError(msg)
    if isinstance(value, Decimal):
        return str(value) if version == "v2" else f"\0{value}"
    if isinstance(value, dt.date):
        ticks = (value - _EPOCH).days * 86_400_000
        return f"/Date({ticks})/" if version == "v2" else value.isoformat()
    if isinstance(value, Mapping):
        return {name: _value(each, version) for name, each in value.items()}
    return value


def _json(status: int, body: Any) -> Response:  # noqa: ANN401  # JSON
    text = _NUMBER.sub(r"\1", json.dumps(body))
    return Response(status, headers={"Content-Type": "application/json"}, body=text.encode())


def _soap(body: str, *, status: int = 200) -> Response:
    text = (
        '<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soap-env:Header/><soap-env:Body>{body}</soap-env:Body></soap-env:Envelope>"
    )
    return Response(status, headers={"Content-Type": "text/xml"}, body=text.encode())


def _confirmed(message: str, number: tuple[str, str, str], problem: str) -> str:
    """The confirmation of one entry: its number, or zeros and why there is none."""
    document, company, year = number
    severity, type_id = ("3", "609(RW)") if problem else ("1", "605(RW)")
    note = problem or f"Document posted successfully: BKPFF {document}{company}{year}"
    return (
        f"<JournalEntryCreateConfirmation><MessageHeader><ReferenceID>{message}</ReferenceID>"
        "</MessageHeader><JournalEntryCreateConfirmation>"
        f"<AccountingDocument>{document or '0000000000'}</AccountingDocument>"
        f"<CompanyCode>{company}</CompanyCode><FiscalYear>{year}</FiscalYear>"
        "</JournalEntryCreateConfirmation>"
        f"<Log><MaximumLogItemSeverityCode>{severity}</MaximumLogItemSeverityCode>"
        f"<Item><TypeID>{type_id}</TypeID><SeverityCode>{severity}</SeverityCode>"
        f"<Note>{escape(note)}</Note></Item></Log></JournalEntryCreateConfirmation>"
    )
