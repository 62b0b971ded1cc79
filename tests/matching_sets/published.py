"""Cash-application sets that others published, as values of the library, and every wrong pair.

``python tests/matching_sets/published.py`` prints the figures and what is wrong, one by one.
The sets are not part of the project; they stand beside the checkout or nowhere.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import attrs

from receivables.documents import ItemKind, OpenItem
from receivables.matching import MatchProposal, Outcome, match
from receivables.money import minor_of, money
from receivables.parties import Customer
from receivables.receipts import Payer, Receipt, ReferredDocument, Remittance

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "cash_application"
_INVOICE = re.compile(r"INV-\d\d-\d{3}")


@attrs.frozen(kw_only=True)
class PublishedSet:
    """One set: what is open, what came, and which receipt pays which item."""

    name: str
    items: tuple[OpenItem, ...]
    customers: tuple[Customer, ...]
    receipts: tuple[Receipt, ...]
    pairs: frozenset[tuple[str, str]]
    notes: dict[str, str] = attrs.field(factory=dict)
    """What the set says about a receipt: the type of match, or its author's remark."""
    left_out: tuple[str, ...] = ()
    """Payments that are no receipts: below zero, or a return."""


@attrs.frozen(kw_only=True)
class Figures:
    """Pairs of receipt and item: said, true and both, over all answers or those applied alone."""

    said: int
    true: int
    both: int

    @property
    def precision(self) -> Decimal:
        """The share of the said that is true, in percent."""
        return _percent(self.both, self.said)

    @property
    def recall(self) -> Decimal:
        """The share of the true that was said, in percent."""
        return _percent(self.both, self.true)

    @property
    def f1(self) -> Decimal:
        """The harmonic mean of the two, in percent."""
        return _percent(2 * self.both, self.said + self.true)


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else Decimal(0)


def graph_set(path: Path) -> PublishedSet:
    """A problem of the task graph: invoices, payments, lines of remittance, and the truth."""
    found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    lines: dict[str, list[dict]] = {}
    for line in found["remittance_lines"]:
        lines.setdefault(line["payment_id"], []).append(line)
    applied = found["ground_truth"]["applications"]
    return PublishedSet(
        name=path.stem,
        items=tuple(_graph_item(row) for row in found["invoices"]),
        customers=_customers(found["invoices"]),
        receipts=tuple(
            _graph_receipt(row, lines.get(row["payment_id"], ()))
            for row in found["payments"]
            if row["amount"] > 0
        ),
        pairs=frozenset((row["payment_id"], row["invoice_id"]) for row in applied),
        notes={row["payment_id"]: row["match_type"] for row in applied},
        left_out=tuple(row["payment_id"] for row in found["payments"] if row["amount"] <= 0),
    )


def _customers(rows: Iterable[dict]) -> tuple[Customer, ...]:
    names = {row["customer_id"]: row["customer_name"] for row in rows}
    return tuple(Customer(customer=key, name=name) for key, name in names.items())


def _minor(amount: Decimal | int) -> int:
    return minor_of(Decimal(amount), "USD")


def _graph_item(row: dict) -> OpenItem:
    day = dt.date.fromisoformat(row["invoice_date"])
    return OpenItem(
        item=row["invoice_id"],
        document=row["invoice_id"],
        kind=ItemKind.INVOICE if row["amount"] > 0 else ItemKind.CREDIT_NOTE,
        creditor="GRAPH",
        customer=row["customer_id"],
        currency="USD",
        amount_minor=_minor(row["amount"]),
        document_date=day,
        posting_date=day,
        due_date=dt.date.fromisoformat(row["due_date"]),
    )


def _graph_receipt(row: dict, lines: Iterable[dict]) -> Receipt:
    memos = tuple(line["memo"] for line in lines if line["memo"])
    return Receipt(
        receipt=row["payment_id"],
        creditor="GRAPH",
        amount=money(row["amount"], "USD"),
        booking_date=dt.date.fromisoformat(row["payment_date"]),
        payer=Payer(name=row["payer_name"]),
        remittance=Remittance(
            documents=[
                ReferredDocument(
                    number=line["invoice_ref"],
                    kind="CINV" if line["amount"] > 0 else "CREN",
                    amount_minor=abs(_minor(line["amount"])),
                    adjustment_reason=line["memo"],
                )
                for line in lines
            ],
            text=(row["reference_info"], *memos),
        ),
    )


def edge_set(folder: Path) -> PublishedSet:
    """A statement written by hand; the pairs are those that its own words and remarks name."""
    ledger = json.loads((folder / "open_ar.json").read_text("utf-8"), parse_float=Decimal)
    bank = json.loads((folder / "bank_statement.json").read_text("utf-8"), parse_float=Decimal)
    invoices, entries = ledger["invoices"], bank["transactions"]
    money_in = [row for row in entries if not row["payment_type"].endswith("RETURN")]
    return PublishedSet(
        name=folder.name,
        items=tuple(_edge_item(row) for row in invoices if row["open_amount"]),
        customers=_customers(invoices),
        receipts=tuple(_edge_receipt(row) for row in money_in),
        pairs=frozenset(pair for row in money_in for pair in _edge_pairs(row, invoices)),
        notes={row["txn_id"]: row["note"] for row in entries},
        left_out=tuple(row["txn_id"] for row in entries if row not in money_in),
    )


def _edge_pairs(row: dict, invoices: Iterable[dict]) -> Iterator[tuple[str, str]]:
    named = _INVOICE.findall(row["remittance_text"])
    if not named:
        named = [one["invoice_id"] for one in invoices if row["txn_id"] in one["note"]]
    for invoice in named:
        yield row["txn_id"], invoice


def _edge_item(row: dict) -> OpenItem:
    day = dt.date.fromisoformat(row["invoice_date"])
    return OpenItem(
        item=row["invoice_id"],
        document=row["invoice_id"],
        kind=ItemKind.INVOICE,
        creditor="EDGE",
        customer=row["customer_id"],
        currency=row["currency"],
        amount_minor=_minor(row["original_amount"]),
        open_minor=_minor(row["open_amount"]),
        document_date=day,
        posting_date=day,
        due_date=dt.date.fromisoformat(row["due_date"]),
        references=tuple(filter(None, (row["po_reference"],))),
    )


def _edge_receipt(row: dict) -> Receipt:
    text = row["remittance_text"]
    return Receipt(
        receipt=row["txn_id"],
        creditor="EDGE",
        amount=money(row["amount"], row["currency"]),
        booking_date=dt.date.fromisoformat(row["date"]),
        payer=Payer(name=row["payer_raw"]),
        remittance=Remittance(text=(text,) if text else ()),
    )


def all_sets() -> Iterator[PublishedSet]:
    """Every set of the folder, the smallest first."""
    paths = (FOLDER / "taskgraph").glob("n*.json")
    yield from map(graph_set, sorted(paths, key=lambda path: path.stat().st_size))
    yield from map(edge_set, sorted((FOLDER / "edge_cases").iterdir()))


def propose(one: PublishedSet) -> tuple[MatchProposal, ...]:
    """What the library proposes."""
    return tuple(match(one.receipts, items=one.items, customers=one.customers))


def figures(
    one: PublishedSet, proposals: Iterable[MatchProposal], *, applied_only: bool = False
) -> Figures:
    """Pairs of the first answers, or of those only that are applied by themselves.

    The first answer of a proposal without parts is the first of its alternatives, as somebody who
    must say something takes it.
    """
    said = {
        (proposal.receipt, item)
        for proposal in proposals
        for item in _first_answer(proposal, applied_only=applied_only)
    }
    return Figures(said=len(said), true=len(one.pairs), both=len(said & one.pairs))


def _first_answer(proposal: MatchProposal, *, applied_only: bool) -> tuple[str, ...]:
    if applied_only and proposal.outcome is not Outcome.CERTAIN:
        return ()
    if proposal.parts or applied_only or not proposal.alternatives:
        return tuple(part.item for part in proposal.parts)
    return proposal.alternatives[0]


def explain_wrong(
    one: PublishedSet, proposals: Iterable[MatchProposal], *, with_missing: bool = True
) -> Iterator[str]:
    """A paragraph for each receipt of which a pair is wrong, or missing."""
    items = {item.item: item for item in one.items}
    receipts = {receipt.receipt: receipt for receipt in one.receipts}
    for proposal in proposals:
        said = {part.item for part in proposal.parts}
        true = {item for receipt, item in one.pairs if receipt == proposal.receipt}
        if said - true or (with_missing and true - said):
            receipt = receipts[proposal.receipt]
            yield _explained(one, receipt, proposal, sorted(true), items)
    for left_out in one.left_out:
        missing = sorted(item for receipt, item in one.pairs if receipt == left_out)
        if with_missing and missing:
            yield f"{left_out}: no receipt (not money in); true {', '.join(missing)}"


def _explained(
    one: PublishedSet,
    receipt: Receipt,
    proposal: MatchProposal,
    true: list[str],
    items: dict[str, OpenItem],
) -> str:
    documents = [(line.number, line.amount_minor) for line in receipt.remittance.documents]
    evidence = [f"{found.kind.value} {found.detail}".strip() for found in proposal.evidence]
    note = one.notes.get(receipt.receipt, "pays nothing of these")
    said = [f"{part.item} {part.amount_minor}" for part in proposal.parts]
    return "\n".join(
        (
            f"{receipt.receipt} {proposal.outcome.value} {proposal.probability_bp}: {note}",
            f"  came      {proposal.amount_minor} from {receipt.payer.name!r}",
            f"  wrote     {documents or ''} {' | '.join(receipt.remittance.text)}",
            f"  said      {', '.join(said) or 'nothing'}",
            f"  true      {', '.join(_shown(item, items) for item in true) or 'nothing'}",
            f"  evidence  {', '.join(evidence)}",
            f"  others    {[list(found) for found in proposal.alternatives][:5]}",
        )
    )


def _shown(item: str, items: dict[str, OpenItem]) -> str:
    found = items.get(item)
    return f"{item} (not open)" if found is None else f"{item} {found.open_minor} {found.customer}"


def main() -> None:
    """Print the figures of every set, then what is wrong."""
    texts = []
    for one in all_sets():
        proposals = propose(one)
        every, alone = figures(one, proposals), figures(one, proposals, applied_only=True)
        print(  # noqa: T201  # a script
            f"{one.name:14} receipts {len(one.receipts):4}  F1 {every.f1}  "
            f"precision {every.precision}  recall {every.recall}  | applied alone: "
            f"precision {alone.precision} of {alone.said}, recall {alone.recall}"
        )
        texts += [f"{one.name} {text}" for text in explain_wrong(one, proposals)]
    print("\n".join(["", *texts]))  # noqa: T201  # a script


if __name__ == "__main__":
    main()
