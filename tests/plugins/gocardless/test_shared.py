"""The fixtures of GoCardless's own library: real shapes, whose amounts do not reconcile."""

from __future__ import annotations

import io
import json

import pytest

from receivables.receipts.payouts import Payout
from receivables_plugins.gocardless import GoCardlessSettings
from receivables_plugins.gocardless.reader import GoCardlessReader


def _body(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["list"]["body"]


def test_payouts_and_their_items_do_not_reconcile(read, fixtures):
    """Two items of 45.0 are no payout of 1000: nothing is given, and that is said."""
    one = _body(fixtures, "payouts")["payouts"][:1]
    found = read({"payouts": one}, _body(fixtures, "payout_items"))

    assert found.rows == ()
    assert "payout.unbalanced" in {problem.code for problem in found.report.errors}


def test_a_payout_of_the_fixtures_is_read(read, fixtures):
    """The list has it twice, which is an error; it comes once."""
    found = read(_body(fixtures, "payouts"))
    [whole] = found.rows

    assert type(whole) is Payout
    assert (whole.payout, whole.amount_minor, whole.bank_reference) == ("PO123", 1000, "ref-1")
    assert [problem.code for problem in found.report.problems] == ["payout.duplicate"]


@pytest.mark.parametrize("name", ["payments", "refunds", "mandates", "customers", "webhook_body"])
def test_what_is_said_about_payments_gives_nothing_alone(fixtures, name):
    """Pages about payments, and events of mandates, are read, and move no money."""
    content = (fixtures / f"{name}.json").read_bytes()
    reader = GoCardlessReader(GoCardlessSettings())
    found = reader.read(io.BytesIO(content), name=name).collect()

    assert reader.recognizes(content[:4096], name=name)
    assert (found.rows, found.report.complete) == ((), True)
