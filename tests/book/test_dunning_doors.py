"""Dunning through the doors of a folder: the run, its release, its letters, and the cycle."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from receivables.book import Book
from receivables.cycle import CycleResult, append_new, letter_problems, run_cycle
from receivables.dunning import RunExclusion, SkipReason, release, review
from receivables.errors import PolicyError
from receivables.ledger import DocumentIssued, Ledger, NoticeSent
from receivables.opening import open_folder, open_store, read_journal, read_settings
from receivables.plugins import Plugins, load_plugins

MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
FIRST, SECOND, THIRD = "2026-09-10", "2026-09-20", "2026-10-05"
CHARGING = """
[dunning]
name = "house"
version = "1"
levels = [
    { days-past-due = 5, letter = "final-reminder", fees = { EUR = "15.00" }, charges-interest = true, deadline-days = 12 },
    { days-past-due = 30, letter = "formal-notice", deadline-days = 20 },
]
"""


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The installed plug-ins."""
    return load_plugins()


@pytest.fixture
def book(collecting: Path, plugins: Plugins) -> Callable[[], Book]:
    """The books of the folder as they are now."""
    return lambda: open_folder(collecting, plugins=plugins, recorded_at=MOMENT)


@pytest.fixture
def cycle(collecting: Path, plugins: Plugins) -> Callable[..., CycleResult]:
    """A cycle of the folder on a day."""

    def run(day: str, **options: object) -> CycleResult:
        out = collecting.parent / "papers"
        said = {"as_of": day, "out": out, "plugins": plugins, "recorded_at": MOMENT, **options}
        return run_cycle(collecting, **said)

    return run


def papers(collecting: Path) -> Mapping[str, bytes]:
    """What a cycle wrote."""
    out = collecting.parent / "papers"
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def issued(ledger: Ledger) -> set[str]:
    """The numbers of the charges that are on a ledger."""
    return {
        event.document.number
        for event in ledger.events
        if isinstance(event, DocumentIssued) and not event.document.number.startswith("F-")
    }


def plain(text: object) -> str:
    """A text with every kind of space as the usual one."""
    return " ".join(str(text).replace("\\xa0", " ").replace("\\u202f", " ").split())


def released(book: Book, day: str, *left_out: RunExclusion, by: str = "Lea") -> Book:
    """The books with the run of a day released by a person."""
    run = review(book.dun(as_of=day, recorded_at=MOMENT), left_out, by=by)
    return book.record(*release(run, recorded_at=MOMENT))


def test_a_release_recorded_twice_adds_nothing(book: Callable[[], Book]) -> None:
    """The events of a run are the same when they come again, and the day proposes nothing more."""
    opened = book()
    run = review(opened.dun(as_of=FIRST, recorded_at=MOMENT), by="Lea")

    once = opened.record(*release(run, recorded_at=MOMENT))
    twice = once.record(*release(run, recorded_at=MOMENT + dt.timedelta(hours=1)))

    assert len(run.notices) == 4
    assert twice.ledger.events == once.ledger.events
    assert once.dun(as_of=FIRST, recorded_at=MOMENT).notices == ()
    assert {notice.released_by for notice in once.ledger.notices()} == {"Lea"}


def test_what_is_left_out_is_proposed_again(book: Callable[[], Book]) -> None:
    """Leaving out is for one run: nothing is recorded of it, and the next run asks again."""
    opened = book()
    run = opened.dun(as_of=FIRST, recorded_at=MOMENT)
    harfang = next(notice for notice in run.notices if notice.customer == "C-2")
    out = RunExclusion(notice=harfang.event, reason="called")

    after = released(opened, FIRST, out)

    assert [one.customer for one in after.dun(as_of=FIRST, recorded_at=MOMENT).notices] == ["C-2"]


def test_the_letter_gives_the_days_of_its_level(
    book: Callable[[], Book], settle: Callable[..., None]
) -> None:
    """A level's own deadline comes before the one of the letters, which serves where it has none."""
    settle(CHARGING)
    opened = released(book(), FIRST)
    notice = opened.ledger.notices()[0]
    settle(CHARGING.replace(", deadline-days = 12", ""))
    usual = released(book(), FIRST)

    assert "22 septembre 2026, soit dans un délai de 12 jours" in plain(opened.letter(notice).after)
    said = usual.letter(usual.ledger.notices()[0])
    assert "18 septembre 2026, soit dans un délai de 8 jours" in plain(said.after)


def test_the_letter_of_a_run_that_charges_shows_each_kind_apart(
    cycle: Callable[..., CycleResult], collecting: Path
) -> None:
    """The third letter of the French procedure asks for interest and compensation beside the principal."""
    for day in (FIRST, SECOND):
        assert cycle(day).is_done
    result = cycle(THIRD)
    dupont, consumer = (
        plain(next(text for name, text in papers(collecting).items() if customer in name).decode())
        for customer in ("C-1", "C-3")
    )

    assert {one.letter for one in result.run.notices} == {"final-reminder"}
    for words in ("Principal", "Intérêts de retard", "Indemnités pour frais de recouvrement"):
        assert words in dupont
    assert "1 250,50" in dupont
    assert "80,00" in dupont
    assert "13 octobre 2026" in dupont
    assert "Intérêts de retard" not in consumer
    assert issued(result.book.ledger) == {
        *("CMP-F-1-3", "INT-F-1-3", "CMP-F-3-3", "INT-F-3-3", "CMP-F-5-3", "INT-F-5-3")
    }


def test_fees_are_named_too(book: Callable[[], Book], settle: Callable[..., None]) -> None:
    """The sums of a letter name the fee, the interest and the compensation, each in its line."""
    settle(CHARGING)
    opened = released(book(), FIRST)
    notice = next(one for one in opened.ledger.notices() if one.customer == "C-1")
    shown = plain(opened.letter(notice))

    assert notice.charges == ("FEE-F-1-1", "CMP-F-1-1", "INT-F-1-1")
    for words in ("Frais", "Intérêts de retard", "Indemnités", "Principal"):
        assert words in shown


def test_a_letter_shows_the_categories_of_its_own_day(
    book: Callable[[], Book], settle: Callable[..., None]
) -> None:
    """A letter printed again later, when its charges are paid, is the letter that went out."""
    settle(CHARGING)
    opened = released(book(), FIRST)
    notice = opened.ledger.notices()[0]
    later = released(opened, THIRD)

    assert later.letter(notice) == opened.letter(notice)
    assert len(later.ledger.notices()) > len(opened.ledger.notices())


def test_payment_codes_are_for_those_whom_they_help(
    book: Callable[[], Book], settle: Callable[..., None]
) -> None:
    """With codes switched on a letter in euros has one, and without an account there is none."""
    said = '\n[dunning]\nprocedure = "france-business"\n'
    settle(said, **{"[letters]": "[letters]\npayment-codes = true"})
    with_codes = released(book(), FIRST)
    codes = [with_codes.letter(one).payment_code for one in with_codes.ledger.notices()]
    settle(
        said,
        **{
            "[letters]": "[letters]\npayment-codes = true",
            'iban = "FR7699999000010000000421774"': "",
        },
    )
    without = released(book(), FIRST)

    assert all("BCD" in code.payload for code in codes)
    assert "EUR1250.50" in codes[0].payload
    assert {without.letter(one).payment_code for one in without.ledger.notices()} == {None}


OWN = """
kind = "reminder-1"
locale = "fr-FR"
brand = "{brand}"
subject = "{subject} : {{total}}"
salutation = "Bonjour,"
before = ["Il nous manque {{total}}."]
closing = "À bientôt"
sources = []
"""


def test_a_folder_has_its_own_texts_and_brand(
    book: Callable[[], Book], settle: Callable[..., None], collecting: Path
) -> None:
    """Texts of the folder come before the packaged ones, and those of its brand before both."""
    for folder, brand, subject in (("a", "", "Rappel maison"), ("b", "mira", "Un oubli chez Mira")):
        path = collecting / "texts" / folder / "reminder-1.fr-FR.toml"
        path.parent.mkdir(parents=True)
        path.write_text(OWN.format(brand=brand, subject=subject), encoding="utf-8")
    said = '\n[dunning]\nprocedure = "france-business"\n'
    own = '[letters]\ntexts = ["texts/**/*.toml"]'

    def subjects() -> list[str]:
        opened = released(book(), FIRST)
        return [opened.letter(notice).subject for notice in opened.ledger.notices()]

    settle(said, **{"[letters]": own})
    house = subjects()
    settle(said, **{"[letters]": f'{own}\nbrand = "mira"'})
    branded = subjects()

    assert plain(house[0]).startswith("Rappel maison : 1 250,50")
    assert branded[0].startswith("Un oubli chez Mira : ")
    assert "Rappel maison" not in house[3]


@pytest.mark.parametrize(
    ("pattern", "content", "said"),
    [
        ("texts/*.toml", b"kind = 'reminder-1'\n", "reminder.toml must"),
        ("texts/*.toml", b"kind = '\xe9'\n", "reminder.toml must be UTF-8"),
        ("texts/*.txt", b"", "texts must name files"),
        ("/texts/*.toml", b"", "texts must be patterns of files below the folder"),
    ],
)
def test_own_texts_that_are_no_texts_are_refused(
    book: Callable[[], Book],
    settle: Callable[..., None],
    collecting: Path,
    pattern: str,
    content: bytes,
    said: str,
) -> None:
    """A file of texts that says no text, and a pattern without a file, are named."""
    (collecting / "texts").mkdir()
    (collecting / "texts" / "reminder.toml").write_bytes(content)
    settle("", **{"[letters]": f'[letters]\ntexts = ["{pattern}"]'})

    with pytest.raises(PolicyError, match=said):
        book()


def test_charges_and_notices_are_recorded_together_and_once(
    cycle: Callable[..., CycleResult], settle: Callable[..., None], collecting: Path
) -> None:
    """A cycle that charges records both; again it adds nothing, and the papers are the same."""
    settle(CHARGING)
    first = cycle(FIRST)
    written = papers(collecting)
    again = cycle(FIRST)

    numbers = {number for one in first.book.ledger.notices() for number in one.charges}
    assert issued(first.book.ledger) == numbers
    assert len(numbers) == 9
    assert again.added == 0
    assert papers(collecting) == written
    assert again.run.notices == again.run.documents == ()


def test_money_of_the_day_does_not_pay_what_the_day_charges(
    cycle: Callable[..., CycleResult], settle: Callable[..., None], collecting: Path
) -> None:
    """Forty euros come on the day on which forty are charged: the next day they may pay for it."""
    settle(CHARGING)
    path = collecting / "receipts.csv"
    path.write_text(path.read_text("utf-8").replace("2026-08-20", FIRST), encoding="utf-8")
    first = cycle(FIRST)
    again = cycle(FIRST)
    later = cycle("2026-09-11")

    def left(result: CycleResult, day: str) -> int:
        items = result.book.open_items(as_of=day)
        return sum(item.open_minor for item in items if item.item == "R-1")

    assert "CMP-F-3-1" in issued(first.book.ledger)
    assert again.added == 0
    assert left(first, FIRST) == left(again, FIRST) == -4000
    assert later.added == 1
    assert left(later, "2026-09-11") == 0


def test_a_letter_that_fails_takes_its_notice_and_its_charges_out(
    cycle: Callable[..., CycleResult], settle: Callable[..., None], collecting: Path
) -> None:
    """Without a text in German its customer is not charged; the others get letter and charges."""
    settle(CHARGING)
    path = collecting / "customers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("es-ES", "de-DE"), encoding="utf-8")

    refused = cycle(FIRST)
    before = list((collecting.parent).glob("papers*"))
    result = cycle(FIRST, accept_incomplete=True)
    again = cycle(FIRST, accept_incomplete=True)

    (problem,) = result.problems
    assert (problem.code, problem.place.source) == ("letter.translation-missing", "customer C-4")
    assert not refused.is_done
    assert before == []
    assert {notice.customer for notice in result.book.ledger.notices()} == {"C-1", "C-2", "C-3"}
    assert issued(result.book.ledger) == {
        *("FEE-F-1-1", "CMP-F-1-1", "INT-F-1-1", "FEE-F-3-1", "CMP-F-3-1", "INT-F-3-1")
    }
    assert len(result.letters) == 3
    assert again.added == 0


def record(collecting: Path, plugins: Plugins, make: Callable[[Book], Book]) -> None:
    """Change the journal of the folder as a person at the command line does."""
    store = open_store(collecting, read_settings(collecting, plugins=plugins), plugins)
    try:
        before = Ledger.replay(store.events())
        opened = open_folder(collecting, plugins=plugins, ledger=before, recorded_at=MOMENT)
        append_new(store, make(opened).ledger, before=before)
    finally:
        store.close()


def test_the_letters_of_a_released_run_come_with_the_cycle(
    collecting: Path, plugins: Plugins, cycle: Callable[..., CycleResult]
) -> None:
    """What a person released is written by the cycle of the day, and what was left out is not."""

    def without_harfang(opened: Book) -> Book:
        run = opened.dun(as_of=FIRST, recorded_at=MOMENT)
        harfang = next(notice for notice in run.notices if notice.customer == "C-2")
        return released(opened, FIRST, RunExclusion(notice=harfang.event, reason="called"))

    record(collecting, plugins, without_harfang)
    first = cycle(FIRST)
    written = papers(collecting)
    again = cycle(FIRST)

    assert {letter.recipient[0] for letter in first.letters} == {
        *("Quincaillerie Dupont SARL", "Jeanne Petit", "Luces del Norte SL")
    }
    assert first.added == again.added == 0
    assert papers(collecting) == written
    assert {one.customer for one in cycle("2026-09-11").run.notices} == {"C-2"}


def test_a_cycle_may_wait_for_a_person(
    collecting: Path,
    plugins: Plugins,
    cycle: Callable[..., CycleResult],
    settle: Callable[..., None],
) -> None:
    """Where the settings say so, a cycle sends nothing that nobody released."""
    settle('\n[dunning]\nprocedure = "france-business"\ncycle-releases = false\n')

    waiting = cycle(FIRST)
    record(collecting, plugins, lambda opened: released(opened, FIRST))
    after = cycle(FIRST)

    assert waiting.is_done
    assert len(waiting.run.notices) == 4
    assert waiting.letters == ()
    assert len(after.letters) == 4


def test_letters_are_tried_before_a_release(book: Callable[[], Book], collecting: Path) -> None:
    """A notice whose letter has no text, or no customer, is a problem before anything is recorded."""
    path = collecting / "customers.csv"
    text = path.read_text(encoding="utf-8").replace("es-ES", "de-DE")
    path.write_text("".join([*text.splitlines(keepends=True)[:2], text.splitlines()[-1]]), "utf-8")
    opened = released(book(), FIRST)

    problems = letter_problems(opened, opened.ledger.notices())

    assert {problem.code for problem in problems} == {
        *("customer.unknown", "letter.translation-missing")
    }


def test_several_procedures_and_their_rules(
    book: Callable[[], Book], settle: Callable[..., None]
) -> None:
    """Consumers get the procedure for consumers, and letters find the deadline of whichever it was."""
    settle(
        '\n[dunning]\ndefault = "france-business"\n'
        'rules = [{ name = "consumers", procedure = "france-consumer", consumer = true }]\n'
    )
    opened = book()
    for day in (FIRST, SECOND):
        opened = released(opened, day)
    run = opened.dun(as_of=THIRD, recorded_at=MOMENT)
    by_customer = {notice.customer: notice for notice in run.notices}

    assert opened.settings.dunning.default.name == "france-business"
    assert by_customer["C-1"].procedure == "france-business"
    assert by_customer["C-3"].procedure == "france-consumer"
    assert by_customer["C-3"].charges == ()
    chosen = {one.customer: one.rule for one in run.chosen}
    assert chosen["C-3"] == "consumers"


def test_a_run_says_of_everybody_why_not(book: Callable[[], Book]) -> None:
    """Five days after the second letter nobody is written to, and each is said with the reason."""
    opened = book()
    for day in (FIRST, SECOND):
        opened = released(opened, day)

    run = opened.dun(as_of="2026-09-25", recorded_at=MOMENT)

    assert run.notices == ()
    assert {one.reason for one in run.skipped} <= {SkipReason.NOT_YET, SkipReason.TOO_SOON}
    assert {one.customer for one in run.skipped} == {"C-1", "C-2", "C-3", "C-4"}


def test_killed_while_it_charges_the_journal_is_before_or_after(
    collecting: Path,
    plugins: Plugins,
    cycle: Callable[..., CycleResult],
    settle: Callable[..., None],
) -> None:
    """A cycle killed at any moment leaves no charge without its notice, and goes through after."""
    settle(CHARGING)
    whole = cycle(FIRST).book.ledger
    command = [sys.executable, "-m", "receivables.cli", "cycle", str(collecting)]
    options = ["--as-of", FIRST, "--out", str(collecting.parent / "papers")]
    for seconds in (0.5, 0.8, 1.0):
        for path in collecting.glob("receivables.db*"):
            path.unlink()
        process = subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        process.kill()
        process.wait()
        found = read_journal(collecting, plugins=plugins)
        notices = [event for event in found.events if isinstance(event, NoticeSent)]

        assert len(found) in {0, len(whole)}
        assert {number for one in notices for number in one.charges} == issued(found)
    assert cycle(FIRST).is_done
    assert len(read_journal(collecting, plugins=plugins)) == len(whole)
