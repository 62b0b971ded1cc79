"""A fake of Infor M3: MI programs over REST, in both forms, with the bad habits of the real thing.

It pads values with blanks, gives a hundred rows where nobody says how many and never says that there
were more, refuses with status 200, gives rows and then a refusal, wants a token against forged
requests on premises, and forgets nothing that was added to a batch.  Which fields a transaction has
comes from a field list (`FieldList.from_tsv`), or from the short one that it has itself.

Nothing here was recorded: real answers of M3 for accounts receivable are not public.

>>> from receivables.transports import Request
>>> fake = FakeM3(customers=[{"CUNO": "C-017", "CUNM": "Brasserie du Port"}], api_user="MIRA",
...               api_password="pw", csrf=False)
>>> headers = {"Authorization": "Basic TUlSQTpwdw=="}
>>> url = "https://m3.example/m3api-rest/execute/CRS610MI/LstByNumber;maxrecs=5;returncols=CUNO"
>>> answer = fake(Request("GET", url, headers=headers)).json()
>>> answer["MIRecord"][0]["NameValue"]
[{'Name': 'CUNO', 'Value': 'C-017     '}]
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeM3", "FieldList"]

_MAXRECS_USUAL: Final = 100
_TOKEN_USES: Final = 5
"""Requests for which a token against forgery is good; the real one is good for 30 seconds."""
_REPLY_MAX: Final = 984
_UNAUTHORIZED: Final = Response(401)
_CONTEXT: Final = frozenset({"maxrecs", "returncols", "cono", "divi", "metadata", "excludempty"})
_QUERY: Final = re.compile(r"(?P<columns>.+?) from (?P<table>\w+)(?: where (?P<where>.+))?")
_CONDITION: Final = re.compile(
    r"\s*(?P<field>\w+)\s*(?P<operator><=|>=|<>|=|<|>)\s*(?P<value>'(?:[^']|'')*'|-?[0-9.]+)\s*(?: and |$)"
)
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "=": lambda one, other: bool(one == other),
        "<>": lambda one, other: bool(one != other),
        "<": lambda one, other: bool(one < other),
        ">": lambda one, other: bool(one > other),
        "<=": lambda one, other: bool(one <= other),
        ">=": lambda one, other: bool(one >= other),
    }
)

_Cells: TypeAlias = Mapping[str, str]


@attrs.frozen(kw_only=True)
class _Refusal:
    """What M3 says where it refuses."""

    kind: str = "ServerReturnedNOK"
    code: str = ""
    field: str = ""
    message: str = ""


@attrs.frozen(kw_only=True)
class _Result:
    """Rows, and a refusal that may come after them."""

    rows: tuple[_Cells, ...] = ()
    refusal: _Refusal | None = None


def _nok(code: str, message: str, *, field: str = "", kind: str = "ServerReturnedNOK") -> _Result:
    return _Result(refusal=_Refusal(kind=kind, code=code, field=field, message=message))


@attrs.frozen
class FieldList:
    """The fields of transactions: which ones go in, which of those must, how long those are that come out.

    >>> fields = FieldList.usual()
    >>> "CUNO" in fields.required("CRS610MI", "GetFinancial")
    True
    """

    inputs: Mapping[tuple[str, str], Mapping[str, bool]]
    """By program and transaction: the fields that go in, and whether they must."""
    outputs: Mapping[tuple[str, str], Mapping[str, int]]
    """By program and transaction: the fields that come out, and their lengths."""

    @classmethod
    def from_tsv(cls, text: str) -> FieldList:
        """The fields of a table with a row for each, under headings.

        The headings are ``program``, ``transaction``, ``direction`` (in, out), ``field``, ``length``
        and ``required_or_nullable``.
        """
        lines = text.splitlines()
        names = lines[0].split("\t")
        inputs: dict[tuple[str, str], dict[str, bool]] = {}
        outputs: dict[tuple[str, str], dict[str, int]] = {}
        for line in lines[1:]:
            row = dict(zip(names, line.split("\t"), strict=False))
            key = (row["program"], row["transaction"])
            if row["direction"] == "in":
                is_needed = row.get("required_or_nullable") == "required"
                inputs.setdefault(key, {})[row["field"]] = is_needed
            else:
                length = row.get("length", "")
                outputs.setdefault(key, {})[row["field"]] = int(length) if length.isdigit() else 0
        return cls(inputs, outputs)

    @classmethod
    def usual(cls) -> FieldList:
        """The fields of the transactions that the fake serves, as far as they are asked for."""
        inputs: dict[tuple[str, str], dict[str, bool]] = {}
        outputs: dict[tuple[str, str], dict[str, int]] = {}
        for name, (needed, may, out) in _USUAL.items():
            program, _, transaction = name.partition(".")
            key = (program, transaction)
            inputs[key] = {
                **dict.fromkeys(may.split(), False),
                **dict.fromkeys(needed.split(), True),
            }
            pairs = (pair.partition(":") for pair in out.split())
            outputs[key] = {field: int(length) for field, _, length in pairs}
        return cls(inputs, outputs)

    def required(self, program: str, transaction: str) -> frozenset[str]:
        """The fields that a call must give."""
        given = self.inputs.get((program, transaction), {})
        return frozenset(field for field, is_needed in given.items() if is_needed)

    def knows(self, program: str, transaction: str) -> bool:
        """Whether there is such a transaction."""
        return (program, transaction) in self.inputs or (program, transaction) in self.outputs


_CUSTOMER: Final = (
    "CONO:3 DIVI:3 LNCD:2 CUNO:10 CUNM:36 CUA1:36 CUA2:36 CUA3:36 CUA4:36 PONO:10 PHNO:16 YREF:30 "
    "MAIL:50 CSCD:3 ECAR:2 TOWN:20 CUCD:3"
)
_MONEY: Final = (
    "CRLM:15 CRL2:15 CRL3:15 ODUD:3 TDIN:15 INCO:10 INSN:20 INLI:15 VRNO:16 CORG:11 COR2:11"
)
_TOTALS: Final = "YEA4:4 JRNO:7 JSNO:7 CINO:15 INYR:4 RECO:1 REDE:10 PYNO:10 IVDT:10 DUDT:10"
_INVOICE: Final = f"{_TOTALS} TRCD:2"
_BATCH_LINE: Final = (
    "CONO DIVI PYNO PYTP CUCD ARAT LPDT NBCM ORAT NBAM ADAM ACDA CDDT CKNO AIT1 AIT2 AIT3 AIT4 AIT5 "
    "AIT6 AIT7 CKST IRNO"
)
_USUAL: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "CRS610MI.LstByNumber": (
            "",
            "CONO CUNO LMTS",
            f"{_CUSTOMER} {_MONEY} CUCL:3 SMCD:10 TEPY:3 PYNO:10",
        ),
        "CRS610MI.GetBasicData": ("CUNO", "CONO", _CUSTOMER),
        "CRS610MI.GetFinancial": (
            "CUNO",
            "CONO DIVI",
            f"CONO:3 DIVI:3 CUNO:10 CUNM:36 CUCD:3 {_MONEY} BLCD:1 TOIN:17 TBLG:17 ODUE:3",
        ),
        "ARS200MI.LstInvoices": (
            "CUNO",
            "AAC0 IVDT",
            _INVOICE,
        ),
        "ARS200MI.LstInvByDivi": (
            "",
            "FDIV TDIV PYNO CUNO AAC0 IVDT",
            f"DIVI:3 CUNO:10 CUAM:17 {_INVOICE}",
        ),
        "ARS200MI.GetInvTotInfo": (
            "PYNO CINO INYR CUNO",
            "DIVI",
            f"CUNO:10 CUCD:3 CUAM:17 OCUA:17 PCUA:17 ACDT:10 TEPY:3 {_TOTALS}",
        ),
        "OIS350MI.LstInvHeadByPay": (
            "YEA4 PYNO",
            "CONO DIVI IVNO OOIN INPX EXIN",
            "IVNO:9 VONO:8 PYNO:10 DUDT:10 IDAT:10 RAFC:17 CUCD:3 INST:2 EXIN:14 TEPY:3 CUNO:10",
        ),
        "EXPORTMI.Select": ("QERY", "SEPC HDRS", f"REPL:{_REPLY_MAX}"),
        "ARS040MI.AddBatchHead": ("PBID BOPE", "CONO DIVI BAAN NADO VONO ACDT BPYS", "PBID:10"),
        "ARS040MI.AddBatchLine": ("PBID TRNO CINO INYR CUNO PYAM", _BATCH_LINE, ""),
        "ARS040MI.AddBatchCharge": ("PBID CHAM", "CONO DIVI CHRI CUCD ARAT VTCD VTAM BVTM", ""),
        "ARS040MI.ControlBatch": ("", "CONO DIVI PBID", ""),
        "GLS840MI.AddBatchHead": ("CONO KEY1 INTN DESC", "DIVI USID", "CONO:3"),
        "GLS840MI.AddBatchLine": ("CONO KEY1 LINE PARM", "DIVI", "CONO:3"),
        "GLS840MI.CtrlBatch": ("CONO KEY1", "DIVI", "CONO:3"),
        "GLS840MI.UpdBatch": ("CONO KEY1", "DIVI", "CONO:3"),
        "MRS001MI.LstAdtFieldInf": ("MINM TRNM TRTP", "LNCD", "FLNM:10"),
    }
)


@attrs.define
class _Batch:
    """A batch of ARS040 or GLS840: its head, its rows, and what was done with it."""

    head: _Cells
    rows: dict[str, _Cells] = attrs.field(factory=dict)
    charges: list[_Cells] = attrs.field(factory=list)
    is_checked: bool = False
    is_booked: bool = False


def _rows(values: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    return [dict(value) for value in values]


class FakeM3:
    """M3 behind a transport: give it rows by bare field names, and it answers calls of MI programs.

    `ledger` are rows of FSLEDG, `heads` of OINVOH; amounts and days are texts, as M3 has them.  Who
    asks is known by `api_user` and `api_password`, or by an `.ionapi` file given as a mapping, which
    makes it a cloud with tokens.  `receipts` and `journals` are the batches that were added, and
    `requests` everything that was asked.  A customer that it does not have is refused on a receipt.
    """

    def __init__(  # noqa: PLR0913  # what a system holds and how it behaves
        self,
        *,
        customers: Iterable[Mapping[str, str]] = (),
        ledger: Iterable[Mapping[str, str]] = (),
        heads: Iterable[Mapping[str, str]] = (),
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        ionapi: Mapping[str, str] | None = None,
        api_user: str = "",
        api_password: str = "",
        csrf: bool = True,
        fields: FieldList | None = None,
        receipt_table: str = "XARPBL",
    ) -> None:
        self.requests: list[Request] = []
        self.receipts: dict[str, _Batch] = {}
        self.journals: dict[str, _Batch] = {}
        self._customers = sorted(_rows(customers), key=lambda row: row["CUNO"])
        self._ledger = sorted(_rows(ledger), key=_ledger_key)
        self._heads = sorted(_rows(heads), key=lambda row: row["IVNO"].zfill(9))
        self._serving = serving
        self._ionapi = ionapi
        self._login = _basic(api_user, api_password)
        self._wants_csrf = csrf and ionapi is None
        self._tokens: set[str] = set()
        self._csrf_uses: dict[str, int] = {}
        self._fields = fields or FieldList.usual()
        self._receipt_table = receipt_table
        self._programs: Mapping[str, Callable[[_Cells], _Result | Iterable[_Cells]]] = {
            "ARS040MI.AddBatchCharge": self._add_charge,
            "ARS040MI.AddBatchHead": self._add_receipts,
            "ARS040MI.AddBatchLine": self._add_receipt,
            "ARS040MI.ControlBatch": self._control_receipts,
            "ARS200MI.GetInvTotInfo": self._totals,
            "ARS200MI.LstInvByDivi": self._invoices,
            "ARS200MI.LstInvoices": self._invoices,
            "CRS610MI.GetBasicData": self._customer,
            "CRS610MI.GetFinancial": self._customer,
            "CRS610MI.LstByNumber": self._customers_from,
            "EXPORTMI.Select": self._select,
            "GLS840MI.AddBatchHead": self._add_journal,
            "GLS840MI.AddBatchLine": self._add_journal_line,
            "GLS840MI.CtrlBatch": self._control_journal,
            "GLS840MI.UpdBatch": self._book_journal,
            "MRS001MI.LstAdtFieldInf": self._field_names,
            "OIS350MI.LstInvHeadByPay": self._heads_from,
        }

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        parts = urlsplit(request.url)
        if self._ionapi and parts.path == urlsplit(_token_url(self._ionapi)).path:
            return self._granted(request)
        if not self._may_ask(request):
            return _UNAUTHORIZED
        path = parts.path.partition("/m3api-rest/")[2]
        if path == "csrf":
            return self._csrf_token()
        return self._executed(request, path) if self._is_ours(request) else Response(403)

    def _executed(self, request: Request, path: str) -> Response:
        if path == "v2/execute":
            return self._bulk(request)
        if path.startswith(("execute/", "v2/execute/")):
            return self._one(path, urlsplit(request.url).query)
        return Response(404)

    @property
    def booked(self) -> int:
        """How many rows of receipts and whole journals are in batches."""
        return sum(len(batch.rows) for batch in self.receipts.values()) + len(
            [batch for batch in self.journals.values() if batch.rows]
        )

    def _granted(self, request: Request) -> Response:
        said = dict(parse_qsl(request.body.decode()))
        ion = self._ionapi or {}
        is_known = (
            request.header("Authorization") == _basic(ion["ci"], ion["cs"])
            and said.get("grant_type") == "password"
            and (said.get("username"), said.get("password")) == (ion["saak"], ion["sask"])
        )
        if not is_known:
            return _UNAUTHORIZED
        token = f"token-{len(self._tokens) + 1}"
        self._tokens.add(f"Bearer {token}")
        return _json({"access_token": token, "token_type": "Bearer", "expires_in": 7200})

    def _may_ask(self, request: Request) -> bool:
        said = request.header("Authorization")
        return said in self._tokens if self._ionapi else said == self._login

    def _csrf_token(self) -> Response:
        if not self._wants_csrf:
            return Response(404)
        token = f"csrf-{len(self._csrf_uses) + 1}"
        self._csrf_uses[token] = 0
        return Response(200, headers={"fnd-csrf-token": token})

    def _is_ours(self, request: Request) -> bool:
        if not self._wants_csrf:
            return True
        token = request.header("fnd-csrf-token")
        self._csrf_uses[token] = self._csrf_uses.get(token, _TOKEN_USES) + 1
        return self._csrf_uses[token] <= _TOKEN_USES

    def _one(self, path: str, query: str) -> Response:
        is_v2 = path.startswith("v2/")
        path, *said = path.removeprefix("v2/").removeprefix("execute/").split(";")
        context = dict(part.split("=", 1) for part in map(unquote, said) if "=" in part)
        given = dict(parse_qsl(query, keep_blank_values=True))
        if is_v2:
            context = {name: value for name, value in given.items() if name in _CONTEXT}
            given = {name: value for name, value in given.items() if name not in _CONTEXT}
        program, _, transaction = path.partition("/")
        result = self._run(program, transaction, given, context)
        if is_v2:
            return _v2_response([(transaction, result)])
        return _v1_response(program, transaction, result)

    def _bulk(self, request: Request) -> Response:
        said = json.loads(request.body)
        context = {name: str(said[name]) for name in ("cono", "divi") if name in said}
        if "maxReturnedRecords" in said:
            context["maxrecs"] = str(said["maxReturnedRecords"])
        found = []
        for each in said["transactions"]:
            columns = {"returncols": ",".join(each.get("selectedColumns") or ())}
            name = each["transaction"]
            result = self._run(said["program"], name, each["record"], {**context, **columns})
            found.append((name, result))
        return _v2_response(found)

    def _run(self, program: str, transaction: str, given: _Cells, context: _Cells) -> _Result:
        name = f"{program}.{transaction}"
        run = self._programs.get(name)
        if run is None or not self._fields.knows(program, transaction):
            return _nok("", f"{name} is not there", kind="TransactionNotFound")
        for field in sorted(self._fields.required(program, transaction)):
            if not given.get(field, "").strip():
                kind = "MandatoryInputFieldNotFound"
                return _nok("XRE0102", f"{field} must be entered", field=field, kind=kind)
        lengths = self._fields.outputs.get((program, transaction), {})
        columns = [part for part in context.get("returncols", "").split(",") if part]
        if unknown := [column for column in columns if column not in lengths]:
            return _nok("", f"{unknown[0]} is no field of {name}", field=unknown[0])
        found = run(given)
        result = found if isinstance(found, _Result) else self._limited(tuple(found), context)
        padded = [_padded(row, columns or list(lengths), lengths) for row in result.rows]
        return attrs.evolve(result, rows=tuple(padded))

    def _limited(self, rows: Sequence[_Cells], context: _Cells) -> _Result:
        """Cut the rows without a word, and refuse at the row that is to fail."""
        asked = int(context.get("maxrecs") or _MAXRECS_USUAL)
        most = self._serving.page_size + 1
        rows = rows[: min(asked or most, most)]
        for place, row in enumerate(rows):
            if row.get("*place") == str(self._serving.fails_at):
                refusal = _Refusal(code="XRE0001", message="an error occurred while reading")
                return _Result(rows=tuple(rows[:place]), refusal=refusal)
        return _Result(rows=tuple(rows))

    def _seen(self, table: Sequence[_Cells]) -> list[dict[str, str]]:
        """The rows of a table that it serves at all, each with its place."""
        served = table[: self._serving.truncates_at]
        return [{**row, "*place": str(place)} for place, row in enumerate(served, start=1)]

    def _customers_from(self, given: _Cells) -> Iterable[_Cells]:
        start = given.get("CUNO", "").strip()
        since = int(given.get("LMTS", "").strip() or 0)
        return [
            row
            for row in self._seen(self._customers)
            if row["CUNO"] >= start and int(row.get("LMTS", "0")) >= since
        ]

    def _customer(self, given: _Cells) -> _Result | Iterable[_Cells]:
        found = [row for row in self._customers if row["CUNO"] == given["CUNO"].strip()]
        message = f"Customer number {given['CUNO'].strip()} does not exist"
        return _Result(rows=tuple(found)) if found else _nok("WCU0203", message, field="CUNO")

    def _invoices(self, given: _Cells) -> Iterable[_Cells]:
        wanted = {name: given[name] for name in ("PYNO", "CUNO") if given.get(name)}
        if given.get("FDIV"):
            wanted["DIVI"] = given["FDIV"]
        return [
            row
            for row in self._seen(self._ledger)
            if row["TRCD"] == "10"
            and (given.get("AAC0") != "1" or row.get("RECO", "0") != "9")
            and all(row.get(name, "") == value for name, value in wanted.items())
        ]

    def _totals(self, given: _Cells) -> _Result:
        names = [name for name in ("DIVI", "PYNO", "CINO", "INYR") if given.get(name)]
        rows = [
            row for row in self._ledger if all(row.get(name, "") == given[name] for name in names)
        ]
        invoices = [row for row in rows if row["TRCD"] == "10"]
        if not invoices:
            return _nok("WCI0203", f"Invoice {given['CINO']} does not exist", field="CINO")
        total = sum(Decimal(row["CUAM"]) for row in invoices)
        left = sum(Decimal(row["CUAM"]) for row in rows)
        figures = {"CUAM": f"{total:f}", "OCUA": f"{left:f}", "PCUA": f"{total - left:f}"}
        return _Result(rows=({**invoices[0], **figures},))

    def _heads_from(self, given: _Cells) -> Iterable[_Cells]:
        start = given.get("IVNO", "").strip().zfill(9)
        return [
            row
            for row in self._seen(self._heads)
            if row["PYNO"] == given["PYNO"].strip()
            and row["YEA4"] == given["YEA4"].strip()
            and row["IVNO"].zfill(9) >= start
            and (given.get("OOIN") != "1" or Decimal(row["RAFC"]) != 0)
        ]

    def _field_names(self, given: _Cells) -> Iterable[_Cells]:
        key = (given["MINM"].strip(), given["TRNM"].strip())
        source: Mapping[str, object] = (
            self._fields.inputs.get(key, {})
            if given["TRTP"].strip() == "I"
            else self._fields.outputs.get(key, {})
        )
        return _Result(rows=tuple({"FLNM": name} for name in source)).rows

    def _select(self, given: _Cells) -> _Result | Iterable[_Cells]:
        match = _QUERY.fullmatch(given["QERY"].strip())
        table = self._table(match["table"]) if match else None
        conditions = _conditions(match["where"] or "") if match else None
        if match is None or table is None or conditions is None:
            return _nok("XRE0105", f"query is not valid: {given['QERY']}", field="QERY")
        is_count = match["columns"] in {"count(*)", "count(#)"}
        rows = table if is_count else self._seen(table)
        found = [row for row in rows if all(condition(row) for condition in conditions)]
        if is_count:
            return [{"REPL": str(len(found))}]
        columns = [column.strip() for column in match["columns"].split(",")]
        mark = given.get("SEPC", "")
        heading = [{"REPL": mark.join(columns)}] if given.get("HDRS") == "1" else []
        lines = [
            {
                "REPL": mark.join(row.get(column, "").strip() for column in columns)[:_REPLY_MAX],
                "*place": row.get("*place", ""),
            }
            for row in found
        ]
        return [*heading, *lines]

    def _table(self, name: str) -> list[dict[str, str]] | None:
        if name == "FSLEDG":
            return [{f"ES{field}": value for field, value in row.items()} for row in self._ledger]
        if name == "FGLINH":
            return [_prefixed("FH", batch.head) for batch in self.journals.values()]
        if name == "FGLINL":
            return [
                _prefixed("FL", row)
                for batch in self.journals.values()
                for row in batch.rows.values()
            ]
        if name == self._receipt_table:
            prefix = name[:2]
            return [
                _prefixed(prefix, row)
                for batch in self.receipts.values()
                for row in batch.rows.values()
            ]
        return None

    def _add_receipts(self, given: _Cells) -> _Result:
        return _added(self.receipts, given["PBID"].strip(), given)

    def _add_receipt(self, given: _Cells) -> _Result:
        batch = self.receipts.get(given["PBID"].strip())
        known = {row["CUNO"] for row in self._customers}
        if batch is None:
            return _nok("XRE0103", "Payment batch does not exist", field="PBID")
        if known and given["CUNO"].strip() not in known:
            return _nok("WCU0203", f"Customer number {given['CUNO']} does not exist", field="CUNO")
        return _row_added(batch, given["TRNO"].strip(), given)

    def _add_charge(self, given: _Cells) -> _Result:
        batch = self.receipts.get(given["PBID"].strip())
        if batch is None:
            return _nok("XRE0103", "Payment batch does not exist", field="PBID")
        batch.charges.append(dict(given))
        return _Result()

    def _control_receipts(self, given: _Cells) -> _Result:
        return _done(self.receipts.get(given.get("PBID", "").strip()), "is_checked")

    def _add_journal(self, given: _Cells) -> _Result:
        return _added(self.journals, given["KEY1"].strip(), given)

    def _add_journal_line(self, given: _Cells) -> _Result:
        batch = self.journals.get(given["KEY1"].strip())
        if batch is None:
            return _nok("XRE0103", "The record does not exist", field="KEY1")
        return _row_added(batch, given["LINE"].strip(), given)

    def _control_journal(self, given: _Cells) -> _Result:
        return _done(self.journals.get(given["KEY1"].strip()), "is_checked")

    def _book_journal(self, given: _Cells) -> _Result:
        return _done(self.journals.get(given["KEY1"].strip()), "is_booked")


def _ledger_key(row: _Cells) -> tuple[str, ...]:
    names = ("PYNO", "CINO", "INYR", "YEA4")
    numbers = ("JRNO", "JSNO")
    return (
        *(row.get(name, "") for name in names),
        *(row.get(name, "").zfill(7) for name in numbers),
        row.get("DIVI", ""),
    )


def _added(batches: dict[str, _Batch], name: str, given: _Cells) -> _Result:
    if name in batches:
        return _nok("XRE0104", "The record already exists")
    batches[name] = _Batch(dict(given))
    return _Result(
        rows=({name: value for name, value in given.items() if name in {"PBID", "CONO"}},)
    )


def _row_added(batch: _Batch, name: str, given: _Cells) -> _Result:
    if name in batch.rows:
        return _nok("XRE0104", "The record already exists")
    batch.rows[name] = dict(given)
    return _Result()


def _done(batch: _Batch | None, what: str) -> _Result:
    if batch is None:
        return _nok("XRE0103", "The record does not exist")
    if getattr(batch, what):
        return _nok("GL84001", "The batch has another status")
    setattr(batch, what, True)
    return _Result()


def _prefixed(prefix: str, row: _Cells) -> dict[str, str]:
    return {f"{prefix}{name}": value for name, value in row.items()}


def _conditions(where: str) -> list[Callable[[_Cells], bool]] | None:
    """The conditions of a query; None where it is none that M3 understands."""
    found: list[Callable[[_Cells], bool]] = []
    place = 0
    while place < len(where):
        match = _CONDITION.match(where, place)
        if match is None:
            return None
        found.append(_condition(match["field"], match["operator"], match["value"]))
        place = match.end()
    return found


def _condition(field: str, operator: str, value: str) -> Callable[[_Cells], bool]:
    compared = _COMPARED[operator]
    if value.startswith("'"):
        text = value[1:-1].replace("''", "'")
        return lambda row: compared(row.get(field, "").strip(), text)
    number = Decimal(value)
    return lambda row: compared(_number(row.get(field, "")), number)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip() or 0)
    except InvalidOperation:
        return Decimal(-1)


def _padded(row: _Cells, columns: Sequence[str], lengths: Mapping[str, int]) -> dict[str, str]:
    return {name: row.get(name, "").ljust(lengths.get(name, 0)) for name in columns}


def _v1_response(program: str, transaction: str, result: _Result) -> Response:
    refusal = result.refusal
    if refusal is not None and not result.rows:
        return _json(
            {
                "@type": refusal.kind,
                "@code": refusal.code.ljust(7),
                "@field": refusal.field.ljust(10),
                "@cfg": "",
                "Message": refusal.message.ljust(80),
            }
        )
    records = [
        {
            "RowIndex": str(place),
            "NameValue": [{"Name": name, "Value": value} for name, value in row.items()],
        }
        for place, row in enumerate(result.rows)
    ]
    said: dict[str, object] = {"Program": program, "Transaction": transaction, "MIRecord": records}
    if refusal is not None:
        said["ErrorMessage"] = refusal.message
    return _json(said)


def _v2_response(found: Sequence[tuple[str, _Result]]) -> Response:
    results = [_v2_result(name, result) for name, result in found]
    failed = [result.refusal for _, result in found if result.refusal is not None]
    said = {
        "results": results,
        "wasTerminated": False,
        "nrOfSuccessfullTransactions": len(found) - len(failed),
        "nrOfFailedTransactions": len(failed),
    }
    is_bad = len(found) == 1 and any(refusal.kind != "ServerReturnedNOK" for refusal in failed)
    return _json(said, status=400 if is_bad else 200)


def _v2_result(name: str, result: _Result) -> dict[str, object]:
    said: dict[str, object] = {"transaction": name, "records": list(result.rows)}
    if result.refusal is not None:
        said |= {
            "errorMessage": result.refusal.message,
            "errorType": result.refusal.kind,
            "errorCode": result.refusal.code,
            "errorField": result.refusal.field,
            "errorCfg": "",
        }
    return said


def _json(said: object, *, status: int = 200) -> Response:
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    return Response(status, headers=headers, body=json.dumps(said).encode())


def _token_url(ionapi: Mapping[str, str]) -> str:
    return f"{ionapi['pu'].rstrip('/')}/{ionapi['ot'].lstrip('/')}"


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
