"""The commands of credit: what they print, what they record, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

ON = ("--on", "2026-10-01")
DAY = ("--as-of", "2026-10-01")

Lend = Callable[..., Any]
Kinds = Callable[[], list[str]]


def grant(
    lend: Lend, *, amount: str = "900.00 EUR", name: str = "L-1"
) -> Any:  # how a command ended
    """Grant the first customer a limit."""
    return lend("limit", "add", "{}", "C-1", amount, *ON, "--name", name, "--by", "J. Roy")


def test_credit_shows_who_owes_without_a_limit(lend: Lend, kinds: Kinds) -> None:
    """Everybody who owes something is there, orders included, and nothing is recorded."""
    done = lend("credit", "{}", *DAY)

    assert (done.status, done.err) == (0, "")
    assert "1,250.50 EUR" in done.out
    assert "800.00 EUR" in done.out
    assert "Harfang [SAS]" in done.out
    assert kinds() == []


def test_credit_shows_a_limit_that_nobody_uses(lend: Lend, lending: Path) -> None:
    """A customer that has a limit and owes nothing is on the list."""
    (lending / "documents.csv").write_text(
        "number;customer;document-date;due-date;amount;currency\n", encoding="utf-8"
    )
    grant(lend)

    assert "Quincaillerie Dupont SARL" in lend("credit", "{}", *DAY).out


def test_credit_of_one_customer_shows_its_parts(lend: Lend) -> None:
    """The exposure of one customer is shown in parts, and its limits one by one."""
    lend("limit", "add", "{}", "C-2", "600.00 EUR", *ON, "--name", "minutes")
    done = lend("credit", "{}", *DAY, "--customer", "C-2")

    assert "orders" in done.out
    assert "300.00" in done.out
    assert "minutes" in done.out


def test_a_limit_is_granted_once(lend: Lend, kinds: Kinds) -> None:
    """The same limit again adds nothing; another one under the same name is refused."""
    first, again, other = grant(lend), grant(lend), grant(lend, amount="950.00 EUR")

    assert (first.status, again.status, other.status) == (0, 0, 2)
    assert "Nothing new" in again.out
    assert kinds().count("LimitGranted") == 1


REFUSED_LIMITS = {
    "a customer that nobody knows": ("C-9", "900.00 EUR", *ON),
    "an amount without a currency": ("C-1", "900.00", *ON),
    "an unknown scope": ("C-1", "900.00 EUR", *ON, "--scope", "planet"),
    "collateral, of which nothing is said": ("C-1", "900.00 EUR", *ON, "--kind", "collateral"),
    "an end before the start": ("C-1", "900.00 EUR", *ON, "--until", "2026-09-01"),
    "no cover at all": ("C-1", "900.00 EUR", *ON, "--kind", "insured", "--cover-percent", "0"),
}


@pytest.mark.parametrize("arguments", REFUSED_LIMITS.values(), ids=REFUSED_LIMITS)
def test_a_limit_that_cannot_be_is_refused(
    arguments: tuple[str, ...], lend: Lend, kinds: Kinds
) -> None:
    """Wrong use is said in one line, and nothing is recorded."""
    done = lend("limit", "add", "{}", *arguments)

    assert done.status == 2
    assert done.err.count("\n") == 1
    assert kinds() == []


def test_a_limit_ends(lend: Lend) -> None:
    """A limit that was ended is no longer listed, and cannot be ended twice."""
    grant(lend)
    ended = lend("limit", "end", "{}", "L-1", "--on", "2026-10-05")
    again = lend("limit", "end", "{}", "L-1", "--on", "2026-10-05")

    assert (ended.status, again.status) == (0, 2)
    assert "L-1" in lend("limit", "list", "{}", "--as-of", "2026-10-04").out
    assert "L-1" not in lend("limit", "list", "{}", "--as-of", "2026-10-05").out


def test_limits_that_end_soon_say_so(lend: Lend) -> None:
    """The list marks what ends within the days that are asked for."""
    lend("limit", "add", "{}", "C-1", "900.00 EUR", *ON, "--until", "2026-10-31")

    assert "ends soon" in lend("limit", "list", "{}", *DAY).out
    assert "ends soon" not in lend("limit", "list", "{}", *DAY, "--within-days", "10").out


def test_check_says_which_rules_spoke(lend: Lend, kinds: Kinds) -> None:
    """A request that does not pass ends with 1, says why and what would release it."""
    grant(lend)
    before = kinds()
    done = lend("check", "{}", "C-1", "100.00 EUR", "--request", "SO-9", *ON)

    assert done.status == 1
    assert done.out.startswith("hold: 1,250.50 before, 1,350.50 after, 900.00 EUR may be owed")
    assert "limit: allow with payment of" in done.out
    assert kinds() == before


def test_a_check_that_passes_ends_with_0(lend: Lend) -> None:
    """A customer with room that is not overdue gets what it asks for."""
    day = ("--on", "2026-09-01")
    lend("limit", "add", "{}", "C-2", "5000.00 EUR", *day)
    done = lend("check", "{}", "C-2", "100.00 EUR", "--request", "SO-9", *day)

    assert done.status == 0
    assert done.out.startswith("allow: 800.00 before, 900.00 after, 5,000.00 EUR")


def test_what_a_check_releases_does_not_count_twice(lend: Lend) -> None:
    """A delivery that takes the place of an order adds nothing to it."""
    lend("limit", "add", "{}", "C-2", "5000.00 EUR", *ON)
    asked = ("check", "{}", "C-2", "300.00 EUR", "--request", "BL-1", *ON, "--kind", "delivery")

    assert "1,100.00 after" in lend(*asked).out
    assert "800.00 after" in lend(*asked, "--releases", "SO-1").out


def test_a_decision_is_kept_once(lend: Lend, kinds: Kinds) -> None:
    """A decision is recorded when asked for, and the same one only once."""
    asked = ("check", "{}", "C-1", "100.00 EUR", "--request", "SO-9", *ON, "--keep")
    first, again = lend(*asked), lend(*asked)

    assert (first.status, again.status) == (0, 0)
    assert kinds().count("CreditChecked") == 1


def test_a_milder_decision_needs_a_name_and_a_reason(lend: Lend, kinds: Kinds) -> None:
    """Nobody decides otherwise than the rules without saying who and why."""
    asked = ("check", "{}", "C-1", "100.00 EUR", "--request", "SO-9", *ON, "--decide", "allow")
    nobody = lend(*asked)
    somebody = lend(*asked, "--by", "J. Roy", "--reason", "paid by phone")

    assert (nobody.status, somebody.status) == (2, 0)
    assert kinds().count("CreditChecked") == 1


def test_credit_is_suspended_and_given_back(lend: Lend) -> None:
    """What a person suspends stays so until a person lifts it."""
    lend("suspension", "add", "{}", "C-2", *ON, "--by", "J. Roy", "--note", "rumours")
    listed = lend("suspension", "list", "{}", *DAY)
    held = lend("check", "{}", "C-2", "1.00 EUR", "--request", "SO-9", *ON)
    lifted = lend("suspension", "lift", "{}", "S-1", "--on", "2026-10-02", "--by", "J. Roy")
    again = lend("suspension", "lift", "{}", "S-1", "--on", "2026-10-02", "--by", "J. Roy")

    assert "rumours" in listed.out
    assert held.status == 1
    assert "suspended" in held.out
    assert (lifted.status, again.status) == (0, 2)


def test_rules_suspend_once(lend: Lend, lending: Path, kinds: Kinds) -> None:
    """What the rules suspend on a day they suspend once."""
    path = lending / "receivables.toml"
    said = path.read_text(encoding="utf-8") + '\n[credit.policy]\nextends = "strict"\n'
    path.write_text(said, encoding="utf-8")
    first = lend("suspension", "run", "{}", *ON)
    recorded = kinds()
    second = lend("suspension", "run", "{}", *ON)

    assert (first.status, second.status) == (0, 0)
    assert "Nothing new" in second.out
    assert kinds() == recorded


def test_reviews_are_listed_with_reasons(lend: Lend) -> None:
    """Who is overdue for long is up for review, in the language of the creditor."""
    done = lend("review", "list", "{}", *DAY)

    assert done.status == 0
    assert "suspend" in done.out
    assert "la classe E" in done.out


def test_a_review_is_held_once_a_day(lend: Lend, kinds: Kinds) -> None:
    """A review makes what it decides, and a second one on the same day is refused."""
    hold = ("review", "hold", "{}", "C-1", *ON, "--by", "J. Roy")
    first, again = lend(*hold), lend(*hold)

    assert (first.status, again.status) == (0, 2)
    assert "must be held once a day" in again.err
    assert kinds().count("CreditSuspended") == 1


def test_a_review_may_decide_otherwise(lend: Lend) -> None:
    """A limit that somebody decides with a reason is in force from the day of the review."""
    hold = ("review", "hold", "{}", "C-2", *ON, "--by", "J. Roy", "--action", "raise")
    done = lend(*hold, "--limit", "5000.00 EUR", "--reason", "long known")

    assert done.status == 0
    assert "5,000.00" in lend("credit", "{}", *DAY).out


def test_insurance_lists_the_days_of_the_policy(lend: Lend) -> None:
    """An insured item that is overdue has its days; one from before the limit has none."""
    insured = ("--kind", "insured", "--policy", "EH-1", "--cover-percent", "90")
    lend("limit", "add", "{}", "C-2", "5000.00 EUR", "--on", "2026-07-01", *insured)
    lend("limit", "add", "{}", "C-1", "5000.00 EUR", *ON, *insured)
    done = lend("insurance", "{}", *DAY)

    assert "F-3" in done.out
    assert "notify" in done.out
    assert "F-1" not in done.out


def test_a_discretionary_limit_covers_what_it_was_bought_under(lend: Lend, lending: Path) -> None:
    """What was delivered before anything was overdue has its days, though the limit is gone.

    When F-2 was delivered, F-1 of the same customer was overdue.
    """
    path = lending / "receivables.toml"
    text = path.read_text(encoding="utf-8")
    old = "claim-days = 150"
    path.write_text(text.replace(old, f'{old}\ndiscretionary-amount = "2000.00"'), encoding="utf-8")
    done = lend("insurance", "{}", *DAY)

    assert "F-1" in done.out
    assert "F-3" in done.out
    assert "F-2" not in done.out


def test_a_credit_file_is_one_page(lend: Lend, tmp_path: Path) -> None:
    """The file of a customer is a sheet of one page, in the language that is asked for."""
    grant(lend)
    lend("suspension", "add", "{}", "C-1", *ON, "--by", "J. Roy")
    out = tmp_path / "file.pdf"
    done = lend("credit-file", "{}", "C-1", out, *DAY, "--locale", "en")
    (page,) = pypdf.PdfReader(BytesIO(out.read_bytes())).pages

    assert done.status == 0
    assert "Quincaillerie Dupont SARL" in page.extract_text()


def test_a_credit_file_of_nobody_is_refused(lend: Lend, tmp_path: Path) -> None:
    """Nothing is written for a customer that nobody knows."""
    done = lend("credit-file", "{}", "C-9", tmp_path / "file.pdf", *DAY)

    assert done.status == 2
    assert not (tmp_path / "file.pdf").exists()


def test_the_worklist_knows_what_was_granted(lend: Lend) -> None:
    """A limit that is used up is a reason to call, and a warning sign."""
    before = lend("warnings", "{}", *DAY)
    grant(lend)
    after = lend("warnings", "{}", *DAY)

    assert "limit" not in before.out
    assert "limit" in after.out
    assert lend("worklist", "{}", *DAY).status == 0


def test_policies_are_tried_on_the_past(lend: Lend, kinds: Kinds) -> None:
    """Each policy says what it would have held of past sales, and nothing is recorded."""
    done = lend(
        "simulate-credit",
        "{}",
        "--first",
        "2026-01-01",
        *DAY,
        "--policy",
        "strict",
        "--policy",
        "lenient",
    )

    assert (done.status, done.err) == (0, "")
    assert "strict" in done.out
    assert "lenient" in done.out
    assert "held sales" in done.out
    assert kinds() == []


def test_no_sales_are_no_simulation(lend: Lend) -> None:
    """A period without sales says so."""
    done = lend("simulate-credit", "{}", "--first", "2020-01-01", "--as-of", "2020-01-31")

    assert (done.status, "No sales" in done.out) == (0, True)
