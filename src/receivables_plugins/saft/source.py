"""The ledger source ``saft``: a standard audit file of Norway or Portugal, read as it streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.markup import Node, elements
from receivables.money import from_minor
from receivables.parties import CustomerId
from receivables.reading import Read, ReadNotes
from receivables_plugins.saft._customers import PartyBalance, customer_of, party_balances
from receivables_plugins.saft._entries import Posting, TransactionReader
from receivables_plugins.saft._ledger import LedgerBook
from receivables_plugins.saft._sales import SalesBook
from receivables_plugins.saft._values import Head, Values, head_of
from receivables_plugins.saft.settings import SaftSettings

__all__ = ["SaftSource"]

_NAMES: Final = frozenset(
    {
        "Header",
        "Account",
        "Customer",
        "NumberOfEntries",
        "TotalDebit",
        "TotalCredit",
        "JournalID",
        "Transaction",
        "Invoice",
        "Payment",
    }
)
_ROOT: Final = re.compile(
    rb"<(?:\w+:)?AuditFile\b[^>]*(?:StandardAuditFile-Taxation-Financial:NO|StandardAuditFile-Tax:PT)"
)


class SaftSource:
    """Reads SAF-T files of Norway (1.10 to 1.30) and Portugal (1.04_01).

    Customers come first, then opening balances as items, then documents and receipts as the file
    has them, and at the end what cross references settle.  Each customer's opening balance and
    movements must come to the closing balance, or the report has ``saft.balance-differs``.
    """

    def __init__(self, settings: SaftSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the root element tells
        """Whether the root element is of one of the two countries."""
        return _ROOT.search(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with their line."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        found = elements(stream, notes=notes, names=_NAMES)
        values = Values(notes)
        for node in found:
            if node.name == "Header":
                head = head_of(node, settings=self._settings, values=values)
                if head is not None:
                    yield from _File(head, self._settings, values).records(found)
                    return
                break
        if not notes.error_count:
            notes.error("file.format", "an audit file must have a header, got none")
        for _ in found:
            pass


class _File:
    """One file under way: its sections one after the other."""

    def __init__(self, head: Head, settings: SaftSettings, values: Values) -> None:
        self._head = head
        self._settings = settings
        self._values = values
        self._notes = values.notes
        self._reader = TransactionReader(head, settings=settings, values=values)
        self._ledger = LedgerBook(head, settings=settings, notes=values.notes)
        self._sales = SalesBook(head, settings=settings, values=values)
        self._accounts: dict[str, tuple[int | None, int | None, int]] = {}
        self._of_account: dict[str, list[CustomerId]] = {}
        self._said: dict[str, Node] = {}
        self._journal = ""
        self._is_opened = False

    def records(self, found: Iterator[Node]) -> Iterator[LedgerRecord]:
        """Every record, in the order of the file; the checks come at its end."""
        for node in found:
            yield from self._record(node)
        yield from self._open()
        yield from self._ledger.allocations()
        if self._head.reads_ledger:
            self._ledger.check_balances()
            self._check_accounts()

    def _record(self, node: Node) -> Iterator[LedgerRecord]:
        name = node.name
        if name == "Transaction":
            yield from self._open()
            yield from self._transaction(node)
        elif name == "Customer":
            yield from self._customer(node)
        elif name == "Account":
            self._account(node)
        elif name == "JournalID":
            self._journal = node.content
        elif name in {"Invoice", "Payment"}:
            yield from self._open()
            yield from self._sale(node)
        else:
            self._total(node)

    def _transaction(self, node: Node) -> Iterator[LedgerRecord]:
        journal = node.text("JournalID") or self._journal
        postings = list(self._reader.postings(node, journal))
        if self._head.reads_ledger:
            yield from self._ledger.records(self._named(postings))

    def _named(self, postings: list[Posting]) -> list[Posting]:
        """Lines on an account of one customer's own are of that customer."""
        return [posting if posting.customer else self._owned(posting) for posting in postings]

    def _owned(self, posting: Posting) -> Posting:
        owners = self._of_account.get(posting.account, [])
        # In Norway the account is that of all customers, even where the file has only one.
        if self._head.country != "PT":
            return posting
        return attrs.evolve(posting, customer=owners[0]) if len(owners) == 1 else posting

    def _customer(self, node: Node) -> Iterator[LedgerRecord]:
        customer = customer_of(node, self._head, locale=self._settings.locale)
        if customer is None:
            msg = "a customer must have an identifier, got none"
            self._notes.error("customer.missing", msg, line=node.line, field="CustomerID")
            return
        balances = party_balances(node, customer.customer, self._values, self._head.currency)
        accounts = {balance.account for balance in balances if balance.account}
        if self._ledger.add_customer(
            customer.customer, [] if self._head.country == "PT" else balances
        ):
            for account in accounts:
                self._of_account.setdefault(account, []).append(customer.customer)
            self._reader.accounts |= accounts & self._accounts.keys() or accounts
            yield customer
        else:
            msg = f"customers must differ, got {customer.customer} twice"
            self._notes.warn("customer.duplicate", msg, line=node.line)

    def _account(self, node: Node) -> None:
        currency = self._head.currency
        opening = self._values.sides(node, "OpeningDebitBalance", "OpeningCreditBalance", currency)
        closing = self._values.sides(node, "ClosingDebitBalance", "ClosingCreditBalance", currency)
        if node.text("AccountID"):
            self._accounts[node.text("AccountID")] = (opening, closing, node.line)

    def _open(self) -> Iterator[LedgerRecord]:
        """Opening balances, once every customer is known: of the customers, or of their accounts."""
        if self._is_opened or not self._head.reads_ledger:
            return
        self._is_opened = True
        if self._head.country == "PT":
            for account, owners in self._of_account.items():
                self._share(account, owners)
        yield from self._ledger.opening()

    def _share(self, account: str, owners: list[CustomerId]) -> None:
        """The balance of an account is that of its customer, where it has one alone."""
        opening, closing, line = self._accounts.get(account, (None, None, 0))
        if len(owners) == 1 and self._reader.is_receivable(account):
            balance = PartyBalance(
                customer=owners[0],
                account=account,
                opening_minor=opening,
                closing_minor=closing,
                line=line,
            )
            self._ledger.add_balance(balance)
        elif opening and self._reader.is_receivable(account):
            msg = f"account {account} must have one customer to open with a balance, got {len(owners)}"
            self._notes.error("saft.opening-shared", msg, line=line, field="OpeningDebitBalance")

    def _sale(self, node: Node) -> Iterator[LedgerRecord]:
        if self._head.country != "PT" or self._head.reads_ledger:
            return
        yield from (
            self._sales.invoice(node) if node.name == "Invoice" else self._sales.payment(node)
        )

    def _total(self, node: Node) -> None:
        """Keep what the ledger says that it adds up to: it comes before the first journal."""
        if not self._journal:
            self._said.setdefault(node.name, node)

    def _check_accounts(self) -> None:
        """Note what does not add up: the count and the totals, and each receivable account."""
        reader = self._reader
        sums = (("TotalDebit", reader.debit_minor), ("TotalCredit", reader.credit_minor))
        counted = self._said.get("NumberOfEntries")
        if counted is not None and self._journal and counted.content != str(reader.count):
            msg = f"entries must be as many as the file says, {counted.content}, got {reader.count}"
            self._notes.error("saft.totals-differ", msg, line=counted.line, field="NumberOfEntries")
        for name, minor in sums:
            self._check_total(name, minor)
        for account, (opening, closing, line) in self._accounts.items():
            if not self._reader.is_receivable(account) or opening is None or closing is None:
                continue
            found = opening + reader.moved_minor.get(account, 0)
            if found != closing:
                code = self._head.currency
                msg = (
                    f"opening balance and movements of account {account} must come to "
                    f"{from_minor(closing, code)}, got {from_minor(found, code)}"
                )
                self._notes.error("saft.balance-differs", msg, line=line)

    def _check_total(self, name: str, minor: int) -> None:
        said = self._said.get(name)
        if said is None:
            return
        declared = self._values.minor_of(said, self._head.currency)
        if declared is not None and declared != minor:
            got = from_minor(minor, self._head.currency)
            msg = f"{name} must be the sum of the lines, got {said.content} and {got}"
            self._notes.error("saft.totals-differ", msg, line=said.line, field=name)
