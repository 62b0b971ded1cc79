"""OData as SAP speaks it, versions 2 and 4: pages, counts, errors, tokens against forgery.

A page may come with a link to the next one, which is followed as it stands, since what is in it is
the server's own business; where a page is the last that is linked and rows are missing, they are
asked for by their place.  What a system counts is held against what came.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit, urlunsplit

import attrs

from receivables.errors import AdapterError, PolicyError, ServiceError, TransportError
from receivables.reading import ReadNotes
from receivables.transports import (
    BearerTokens,
    Request,
    Response,
    Runtime,
    Secret,
    Token,
    Transport,
)

__all__ = [
    "Connection",
    "Dialect",
    "Forgery",
    "Page",
    "Query",
    "Rows",
    "connected",
    "message_of",
    "page_of",
    "rows_of",
    "text_of",
]

_FORBIDDEN: Final = 403
_MESSAGE_MAX: Final = 300
_PAGES_MAX: Final = 1_000_000
"""Pages of one read; beyond, the links go round in a circle that repeats no page."""
_PREFIX: Final = re.compile(r"[a-z]+:")
_TAGS: Final = re.compile(r"<[^>]{0,1000}>")


@attrs.frozen
class Dialect:
    """How a version of the protocol writes what is in a filter, and asks for a count.

    >>> Dialect("v2").day(dt.date(2026, 10, 31)), Dialect("v4").day(dt.date(2026, 10, 31))
    ("datetime'2026-10-31T00:00:00'", '2026-10-31')
    >>> Dialect("v2").text("O'Hara")
    "'O''Hara'"
    """

    version: str

    @property
    def counting(self) -> tuple[str, str]:
        """The option that asks for the number of all rows."""
        return ("$inlinecount", "allpages") if self.version == "v2" else ("$count", "true")

    def day(self, day: dt.date) -> str:
        """A day as a literal."""
        return f"datetime'{day}T00:00:00'" if self.version == "v2" else str(day)

    def text(self, text: str) -> str:
        """A text as a literal."""
        return "'" + text.replace("'", "''") + "'"

    def among(self, field: str, values: Iterable[str]) -> str:
        """A condition that a field is one of some texts; nothing where there are none."""
        parts = [f"{field} eq {self.text(value)}" for value in values]
        return f"({' or '.join(parts)})" if parts else ""


@attrs.frozen(kw_only=True)
class Query:
    """What is asked of an entity set."""

    path: str
    filter: str = ""
    select: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    page_size: int = 5_000


@attrs.frozen(kw_only=True)
class Page:
    """The rows of an answer, the link to the next one, and how many rows there are in all.

    `problem` is what the answer says went wrong after the rows.
    """

    rows: tuple[Mapping[str, Any], ...] = ()
    link: str = ""
    count: int | None = None
    problem: str = ""


@attrs.frozen(kw_only=True)
class Connection:
    """The way to a system: its address, a transport that knows who asks, and the protocol."""

    url: str
    transport: Transport = attrs.field(repr=False)
    dialect: Dialect
    sap_client: str = ""

    def url_of(self, path: str, options: Iterable[tuple[str, str]] = ()) -> str:
        """The address of a path, with options."""
        pairs = [*options, *([("sap-client", self.sap_client)] if self.sap_client else [])]
        said = urlencode(pairs, quote_via=quote, safe="$'(),:")
        return self.url.rstrip("/") + "/" + path.lstrip("/") + (f"?{said}" if said else "")

    def get(self, url: str) -> Response:
        """The answer to a request for a page; raises `ServiceError` where it is refused."""
        return accepted(self.transport(Request("GET", url, headers={"Accept": "application/json"})))

    def rows(self, query: Query, notes: ReadNotes) -> Rows:
        """Every row of a query, page by page; what goes wrong is noted and ends the rows."""
        return Rows(self, query, notes)


class Rows:
    """One walk through the pages of a query: iterate over it once.

    Afterwards `came` says how many rows came, `declared` how many the service counts, if it does.
    """

    def __init__(self, connection: Connection, query: Query, notes: ReadNotes) -> None:
        self._connection = connection
        self._query = query
        self._notes = notes
        self._links: set[str] = set()
        self.came = 0
        self.declared: int | None = None
        self._warned = False

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        url = self._first(0)
        for _ in range(_PAGES_MAX):
            page = self._page(url)
            if page is None:
                return
            yield from page.rows
            self.came += len(page.rows)
            if page.count is not None:
                self.declared = page.count
            if page.problem:
                self._notes.error("service.refused", page.problem)
                return
            url = self._next(page, url)
            if not url:
                break
        self._prove()

    def _first(self, skipped: int) -> str:
        query = self._query
        options = [
            self._connection.dialect.counting,
            ("$top", str(query.page_size)),
            ("$skip", str(skipped) if skipped else ""),
            ("$filter", query.filter),
            ("$select", ",".join(query.select)),
            ("$orderby", ",".join(query.order)),
            ("$format", "json" if self._connection.dialect.version == "v2" else ""),
        ]
        return self._connection.url_of(query.path, [pair for pair in options if pair[1]])

    def _page(self, url: str) -> Page | None:
        try:
            page = page_of(self._connection.get(url).json())
        except (ServiceError, TransportError, PolicyError) as error:
            begun = f" after {self.came} rows" if self.came else ""
            code = "service.refused" if isinstance(error, ServiceError) else "service.incomplete"
            self._notes.error(code, f"{self._query.path}{begun}: {error}")
            return None
        if page is None:
            msg = f"{self._query.path} must answer with rows, got something else"
            self._notes.error("service.refused", msg)
        return page

    def _next(self, page: Page, url: str) -> str:
        if page.link:
            link = self._own_host(urljoin(url, page.link))
            if link not in self._links:
                self._links.add(link)
                return link
            msg = f"{self._query.path} must link to a page once, got one again"
            self._notes.error("service.incomplete", msg)
            return ""
        is_short = self.declared is not None and self.came < self.declared
        return self._first(self.came) if is_short and page.rows else ""

    def _own_host(self, link: str) -> str:
        """The link at the host that was asked, which alone is to see who asks."""
        here, there = urlsplit(self._connection.url), urlsplit(link)
        if (here.scheme, here.netloc) == (there.scheme, there.netloc):
            return link
        if not self._warned:
            self._warned = True
            msg = (
                f"links name the host {there.hostname or ''}; they were followed at {here.hostname}"
            )
            self._notes.warn("sap.next-link-host", msg)
        return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))

    def _prove(self) -> None:
        if self.declared is None:
            msg = (
                f"{self._query.path} counts no rows, so that {self.came} cannot be proved to be all"
            )
            self._notes.warn("sap.uncounted", msg)
        elif self.came < self.declared:
            msg = f"{self._query.path} counts {self.declared} rows, got {self.came}"
            self._notes.error("service.incomplete", msg)


def accepted(response: Response) -> Response:
    """The response, or `ServiceError` with what the system says where it refuses."""
    if response.is_success:
        return response
    code, message = message_of(response)
    said = " ".join(part for part in (code, message) if part) or "nothing"
    msg = f"the service must answer with success, got {response.status}: {said}"
    raise ServiceError(msg, status=response.status, code=code)


def message_of(response: Response) -> tuple[str, str]:
    """The code and the message of an error, as both versions write them; else the first text.

    >>> message_of(Response(400, body=b'{"error": {"code": "X", "message": {"value": "no"}}}'))
    ('X', 'no')
    """
    try:
        error = response.json().get("error")
    except (AdapterError, AttributeError):
        text = _TAGS.sub(" ", response.body[:4096].decode("utf-8", "replace"))
        return "", " ".join(text.split())[:_MESSAGE_MAX]
    if not isinstance(error, Mapping):
        return "", ""
    message = error.get("message")
    said = message.get("value", "") if isinstance(message, Mapping) else message
    return text_of(error.get("code")), text_of(said)[:_MESSAGE_MAX]


def page_of(body: Any) -> Page | None:  # noqa: ANN401  # whatever a service or a file says
    """The page that a body is, in either version or as a feed turned into JSON; None if none.

    >>> page_of({"d": {"results": [{"A": "1"}], "__count": "2", "__next": "x"}})
    Page(rows=({'A': '1'},), link='x', count=2, problem='')
    >>> page_of({"value": [{"A": 1}], "@odata.count": 1}).count
    1
    """
    if isinstance(body, list):
        return Page(rows=tuple(row for each in body for row in rows_of(each)))
    if not isinstance(body, Mapping):
        return None
    inner = body.get("d", body.get("feed", body))
    if isinstance(inner, list):
        return Page(rows=tuple(row for each in inner for row in rows_of(each)))
    if not isinstance(inner, Mapping):
        return None
    for name in ("results", "value", "entry"):
        if name in inner:
            listed = inner[name] if isinstance(inner[name], list) else [inner[name]]
            rows = tuple(row for each in listed for row in rows_of(each))
            error = body.get("error")
            problem = text_of(error.get("message")) if isinstance(error, Mapping) else ""
            return Page(rows=rows, link=_link(inner), count=count_of(inner), problem=problem)
    return Page(rows=(inner,)) if "d" in body else None


def _link(inner: Mapping[str, Any]) -> str:
    names = ("__next", "@odata.nextLink", "@nextLink")
    return next((text_of(inner[name]) for name in names if inner.get(name)), "")


def count_of(inner: Mapping[str, Any]) -> int | None:
    """How many rows an envelope says that there are in all, or None."""
    for name in ("__count", "@odata.count", "@count", "m:count", "count"):
        text = text_of(inner.get(name))
        if text.isascii() and text.isdigit():
            return int(text)
    return None


def rows_of(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  # whatever stands in a list
    """The rows in an element of a list: itself, the properties of an entry, or a page of rows.

    >>> list(rows_of({"content": {"m:properties": {"d:Customer": "0000000017"}}}))
    [{'Customer': '0000000017'}]
    """
    if not isinstance(value, Mapping):
        return
    content = value.get("content", value)
    for name in ("properties", "m:properties"):
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            yield {_PREFIX.sub("", key, count=1): each for key, each in content[name].items()}
            return
    if any(name in value for name in ("d", "feed", "results", "entry")) or isinstance(
        value.get("value"), list
    ):
        page = page_of(value)
        yield from page.rows if page else ()
        return
    yield value


def text_of(value: Any) -> str:  # noqa: ANN401  # whatever stands in a field
    """A field as a text without outer blanks; empty where it says that there is nothing.

    >>> text_of({"@null": "true"}), text_of({"@type": "Edm.String", "$": "17"}), text_of(17)
    ('', '17', '17')
    >>> text_of(Decimal("1E+2")), text_of(True)
    ('100', 'true')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # Written out only where that is short: 1E+999999 is a text of a million characters.
        return format(value, "f") if value.adjusted() < _MESSAGE_MAX else str(value)
    if isinstance(value, Mapping):
        return text_of(value.get("$", value.get("#text")))
    return str(value) if isinstance(value, int) else ""


def connected(said: Any, runtime: Runtime, *, version: str = "v2") -> Connection:  # noqa: ANN401  # settings with a connection
    """The way to a system as settings say it, with credentials that are read when they are sent."""
    way: Transport = runtime.transport
    if said.auth == "oauth":
        way = BearerTokens(way, fetch=_fetching(said, runtime), now=runtime.now)
    else:
        way = _Basic(way, said.user, lambda: runtime.secret(said.password))
    return Connection(
        url=said.url, transport=Forgery(way), dialect=Dialect(version), sap_client=said.sap_client
    )


class _Basic:
    """A transport that says who asks with each request (RFC 7617)."""

    def __init__(self, transport: Transport, user: str, password: Callable[[], Secret]) -> None:
        self._transport = transport
        self._user = user
        self._password = password

    def __call__(self, request: Request) -> Response:
        pair = f"{self._user}:{self._password().reveal()}".encode()
        said = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return self._transport(request.with_headers(said))


def _fetching(said: Any, runtime: Runtime) -> Callable[[], Token]:  # noqa: ANN401  # settings
    def fetch() -> Token:
        """A token by client credentials (RFC 6749, 4.4)."""
        pair = f"{quote(said.client_id)}:{quote(runtime.secret(said.client_secret).reveal())}"
        form = [("grant_type", "client_credentials"), *([("scope", said.scope)] * bool(said.scope))]
        request = Request(
            "POST",
            said.token_url,
            headers={
                "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body=urlencode(form).encode(),
            is_repeatable=True,
        )
        answer = accepted(runtime.transport(request)).json()
        value = answer.get("access_token") if isinstance(answer, Mapping) else None
        if not isinstance(value, str) or not value:
            msg = "the token service must answer with a token, got none"
            raise ServiceError(msg)
        lasts = text_of(answer.get("expires_in"))
        end = runtime.now() + dt.timedelta(seconds=int(lasts)) if lasts.isdigit() else None
        return Token(value=Secret(value), expires_at=end)

    return fetch


class Forgery:
    """A transport that gets a token against forged requests where the system asks for one.

    A request that changes something and is refused with ``x-csrf-token: Required`` did nothing; a
    token and the session that it belongs to are fetched, and the request is sent once more.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._said: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        """Send one request."""
        if request.method in {"GET", "HEAD"}:
            return self._transport(request)
        response = self._transport(request.with_headers(self._said))
        asked = response.header("x-csrf-token").casefold() == "required"
        if response.status != _FORBIDDEN or not asked:
            return response
        self._fetch(request)
        return self._transport(request.with_headers(self._said)) if self._said else response

    def _fetch(self, request: Request) -> None:
        asking = Request("GET", request.url, headers={"X-CSRF-Token": "Fetch"})
        answer = self._transport(asking)
        token = answer.header("x-csrf-token")
        cookies = [v.partition(";")[0] for k, v in answer.headers if k.casefold() == "set-cookie"]
        self._said = {"X-CSRF-Token": token} if token and token.casefold() != "required" else {}
        if cookies and self._said:
            self._said["Cookie"] = "; ".join(cookies)
