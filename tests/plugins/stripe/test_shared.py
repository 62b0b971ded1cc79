"""Files of others: seeds of a third party and the API's own fixtures."""

from __future__ import annotations

from receivables.receipts.payouts import Payout, ProcessorDispute, ProcessorMovement


def test_net_is_amount_less_fee_in_every_transaction(read, seeds):
    """All nine rows are taken; the one payout that is whole there holds."""
    found = read((seeds / "fivetran_seeds" / "balance_transaction.csv").read_bytes())
    movements = [row for row in found.rows if isinstance(row, ProcessorMovement)]
    [whole] = [row for row in found.rows if isinstance(row, Payout)]

    assert sum(row.gross_minor for row in movements) == 21_130_318
    assert sum(row.fee_minor for row in movements) == 648_218
    assert (len(movements), whole.amount_minor, whole.difference_minor) == (8, 18759, 0)
    assert {problem.code for problem in found.report.problems} == {"stripe.payout-undeclared"}
    assert found.report.complete


def test_lists_of_payouts_and_disputes_are_read(read, seeds):
    """Fifteen payouts without their movements, and twelve disputes with their last days."""
    payouts = read((seeds / "fivetran_seeds" / "payout.csv").read_bytes()).rows
    disputes = read((seeds / "fivetran_seeds" / "dispute.csv").read_bytes()).rows

    assert [row.is_itemized for row in payouts] == [False] * 15
    assert [type(row) for row in disputes] == [ProcessorDispute] * 12
    assert all(row.respond_by is not None for row in disputes)


def test_lists_of_other_things_are_refused(read, seeds):
    """Charges, customers and the like are no reports of payouts."""
    for name in ("charge", "customer", "invoice", "refund", "transfer"):
        found = read((seeds / "fivetran_seeds" / f"{name}.csv").read_bytes())

        assert (found.rows, found.report.complete) == ((), False)


def test_fixtures_of_the_api_are_read(read, seeds):
    """Among 176 resources are a payout, a transaction and a dispute."""
    found = read((seeds / "fixtures3.json").read_bytes())

    assert [type(row) for row in found.rows] == [Payout, ProcessorMovement, ProcessorDispute]
    assert found.report.complete
