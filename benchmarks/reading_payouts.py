"""Reading a million movements of payment processors, beside the bare parser of each format.

Reports have a payout for every thousand movements and are read from disk: Stripe's itemized report
and Adyen's settlement details as CSV, GoCardless's payout items as pages of JSON (a line each), and a
settlement report of PayPal.  The peer takes the same file apart and does nothing with it.
"""

from __future__ import annotations

import atexit
import csv
import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["MOVEMENTS", "benchmarks"]

MOVEMENTS: Final = 1_000_000
_OF_PAYOUT: Final = 1_000


@attrs.frozen
class Answer:
    """How many movements of customers a side saw, and what they sum up to in gross."""

    movements: int
    gross_minor: int


def benchmarks(movements: int = MOVEMENTS) -> Iterable[Benchmark]:
    """Typed records of each report, proved payout by payout, beside its bare parser."""
    for name, (write, build, parse) in _REPORTS.items():
        path = functools.partial(_file, name, write, movements)
        yield Benchmark(
            name=f"payouts: {name} to movements",
            size=movements,
            ours=functools.partial(_ours, build, path),
            peer_name=f"{parse.__name__.removeprefix('_')} alone",
            peer=functools.partial(_peer, parse, path),
            check=functools.partial(_check, movements),
            runs=3,
        )


def _ours(build: Callable[[], Any], path: Callable[[], Path]) -> Answer:
    """What an application does: every record as it comes, payments added up."""
    from receivables.receipts.payouts import (  # noqa: PLC0415  # measured when loaded
        MovementKind,
        ProcessorMovement,
    )

    count = total = 0
    with path().open("rb") as stream:
        read = build().read(stream, name="report")
        for row in read:
            if type(row) is ProcessorMovement and row.kind is MovementKind.PAYMENT:
                count += 1
                total += row.gross_minor
    assert read.report.complete, read.report.problems[:3]
    return Answer(count, total)


def _peer(parse: Callable[[Path], int], path: Callable[[], Path]) -> int:
    return parse(path())


def _check(movements: int, ours: Answer, peer: int) -> None:
    assert ours == Answer(movements, sum(map(_amount_minor, range(movements))))
    assert peer >= movements


def _csv_reader(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.reader(lines))


def _json_loads(path: Path) -> int:
    """Every item of every page."""
    with path.open("rb") as lines:
        return sum(len(json.loads(line).get("payout_items", ())) for line in lines)


def _stripe() -> Any:  # noqa: ANN401  # a reader
    from receivables_plugins.stripe import StripeSettings  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.stripe.reader import StripeReader  # noqa: PLC0415  # see above

    return StripeReader(StripeSettings())


def _adyen() -> Any:  # noqa: ANN401  # a reader
    from receivables_plugins.adyen import AdyenSettings  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.adyen.reader import AdyenReader  # noqa: PLC0415  # see above

    return AdyenReader(AdyenSettings())


def _gocardless() -> Any:  # noqa: ANN401  # a reader
    from receivables_plugins.gocardless import (  # noqa: PLC0415  # measured when loaded
        GoCardlessSettings,
    )
    from receivables_plugins.gocardless.reader import GoCardlessReader  # noqa: PLC0415  # see above

    return GoCardlessReader(GoCardlessSettings())


def _paypal() -> Any:  # noqa: ANN401  # a reader
    from receivables_plugins.paypal import PayPalSettings  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.paypal.reader import PayPalReader  # noqa: PLC0415  # see above

    return PayPalReader(PayPalSettings())


@functools.cache
def _file(name: str, write: Callable[[int], Iterable[str]], movements: int) -> Path:
    """A report of so many movements in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-payouts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / name.replace(" ", "-")
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{line}\n" for line in write(movements))
    return path


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 100


def _units(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _payouts(movements: int) -> Iterator[tuple[int, range]]:
    for number, first in enumerate(range(0, movements, _OF_PAYOUT)):
        yield number, range(first, min(first + _OF_PAYOUT, movements))


def _stripe_lines(movements: int) -> Iterator[str]:
    yield (
        "automatic_payout_id,automatic_payout_effective_at_utc,automatic_payout_effective_at,"
        "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,"
        "fee,net,reporting_category,source_id,description,charge_id,payment_intent_id,"
        "invoice_number,card_brand,card_last4"
    )
    for number, indexes in _payouts(movements):
        for index in indexes:
            minor = _amount_minor(index)
            yield (
                f"po_{number:08},2026-10-05 00:00:00,2026-10-05 02:00:00,txn_{index:010},"
                f"2026-10-01 09:{index % 60:02}:00,2026-10-01 11:{index % 60:02}:00,"
                f"2026-10-03 00:00:00,2026-10-03 02:00:00,eur,{_units(minor)},0.30,"
                f"{_units(minor - 30)},charge,ch_{index:010},Order {index},ch_{index:010},"
                f"pi_{index:010},F-{index:07},visa,4242"
            )


def _adyen_lines(movements: int) -> Iterator[str]:
    yield (
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,"
        "Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),"
        "Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),"
        "Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Payment Method Variant,"
        "Modification Merchant Reference,Batch Number,Reserved4"
    )
    for number, indexes in _payouts(movements):
        for index in indexes:
            minor = _amount_minor(index)
            yield (
                f"Mira,MiraShop,88{index:014},F-{index:07},visa,2026-10-01 09:{index % 60:02}:00,"
                f"CEST,Settled,89{index:014},EUR,,{_units(minor)},1,EUR,,{_units(minor - 30)},,"
                f"0.10,0.05,0.15,visaclassic,,{number},"
            )
        paid = sum(_amount_minor(index) - 30 for index in indexes)
        yield (
            f"Mira,MiraShop,,,,2026-10-05 04:00:00,CEST,MerchantPayout,TX{number} batch {number},"
            f",,,,EUR,{_units(paid)},,,,,,,,{number},"
        )


def _gocardless_lines(movements: int) -> Iterator[str]:
    for number, indexes in _payouts(movements):
        paid = sum(_amount_minor(index) for index in indexes)
        payout = {
            "id": f"PO{number:08}",
            "amount": paid,
            "arrival_date": "2026-10-05",
            "created_at": "2026-10-03T10:00:00.000Z",
            "currency": "EUR",
            "deducted_fees": 0,
            "status": "paid",
        }
        items = [
            {
                "type": "payment_paid_out",
                "amount": f"{_amount_minor(index)}.0",
                "links": {"payment": f"PM{index:010}"},
            }
            for index in indexes
        ]
        yield json.dumps({"payouts": [payout]})
        yield json.dumps({"payout_items": items, "payout": payout["id"]})


def _paypal_lines(movements: int) -> Iterator[str]:
    yield '"RH",2026/10/02 02:44:19 -0700,"A","MIRA1234",009,'
    yield '"FH",01'
    yield '"SH",2026/10/01 00:00:00 -0700,2026/10/01 23:59:59 -0700,"MIRA1234",""'
    yield (
        '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type",'
        '"Transaction Event Code","Transaction Initiation Date","Transaction Completion Date",'
        '"Transaction Debit or Credit","Gross Transaction Amount","Gross Transaction Currency",'
        '"Fee Debit or Credit","Fee Amount","Fee Currency","Custom Field","Consumer ID",'
        '"Payment Tracking ID","Store ID","Bank Reference ID"'
    )
    rows = gross = debits = 0
    for number, indexes in _payouts(movements):
        for index in indexes:
            yield (
                f'"SB","TXN{index:010}","F-{index:07}","","","T0006",2026/10/01 09:00:00 -0700,'
                f'2026/10/01 09:00:05 -0700,"CR",{_amount_minor(index)},"EUR","DR",30,"EUR","",'
                '"CONSUMER","","",""'
            )
        own = sum(map(_amount_minor, indexes))
        paid = own - 30 * len(indexes)
        yield (
            f'"SB","OUT{number:010}","","","","T0400",2026/10/01 18:00:00 -0700,'
            f'2026/10/01 18:00:00 -0700,"DR",{paid},"EUR","",0,"","","","","",""'
        )
        rows, gross, debits = rows + len(indexes) + 1, gross + own, debits + paid
    sums = f'"EUR",{gross},{debits},0,{30 * movements},"CR",0,"CR",0'
    yield f'"SF",{sums}'
    yield f'"SC",{rows}'
    yield f'"RF",{sums}'
    yield f'"RC",{rows}'


_REPORTS: Final = {
    "stripe itemized": (_stripe_lines, _stripe, _csv_reader),
    "adyen settlement": (_adyen_lines, _adyen, _csv_reader),
    "gocardless items": (_gocardless_lines, _gocardless, _json_loads),
    "paypal settlement": (_paypal_lines, _paypal, _csv_reader),
}
