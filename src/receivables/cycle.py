"""The first full cycle: read, match, age, remind; the journal first, then the papers.

Everything is decided in memory, every letter composed and rendered, before the journal gets all
events of the cycle in one atomic append; only then are the files put in their place.  A cycle that
is stopped at any moment leaves the journal as it was before or after.  Running it again adds
nothing and writes the same files, because they are made from the journal.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from receivables.adapters import Appended, EventStore
from receivables.aging.model import Aging
from receivables.book import Applied, Book
from receivables.days import to_day
from receivables.dunning import DunningRun, release, review
from receivables.errors import DocumentError, PolicyError, TranslationMissingError
from receivables.explaining import matches_csv
from receivables.ledger.model import DocumentIssued, Event, NoticeSent, period_account
from receivables.ledger.objects import Ledger
from receivables.letters.model import Letter
from receivables.matching.model import Proposals
from receivables.opening import open_folder, open_store, read_settings
from receivables.papers import Rendered, Renderers
from receivables.plugins import Plugins, load_plugins
from receivables.problems import Place, Problem
from receivables.transports.model import Runtime

__all__ = ["CycleResult", "append_new", "letter_problems", "moment_after", "run_cycle"]

_MANIFEST: Final = "cycle.json"
_CYCLE: Final = "cycle"


@attrs.frozen(kw_only=True)
class CycleResult:
    """What a cycle did, or would not do.

    Where `problems` holds an error and incomplete books were not accepted, nothing was recorded and
    nothing written: `is_done` is false.  `added` counts new events, `known` all that were there.
    """

    book: Book
    aging: Aging | None = None
    proposals: Proposals = attrs.field(factory=Proposals)
    run: DunningRun | None = None
    letters: tuple[Letter, ...] = attrs.field(default=(), repr=False)
    added: int = 0
    known: int = 0
    files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_done: bool = True


def run_cycle(
    folder: str | Path,
    *,
    as_of: dt.date | str,
    out: str | Path,
    plugins: Plugins | None = None,
    recorded_at: dt.datetime | None = None,
    accept_incomplete: bool = False,
    runtime: Runtime | None = None,
    progress: Callable[[str], object] = lambda _step: None,
) -> CycleResult:
    """Run the cycle of a folder for a day, and write its papers to `out`.

    Errors in the data stop it before anything is recorded, unless `accept_incomplete` says that
    what was read is to be used all the same.  `recorded_at` is now, where it is not given;
    `progress` is told each step; `runtime` is the way to the services that the settings name.
    Raises `PolicyError` for impossible settings and for services without a way to them,
    `ConcurrencyError` where somebody else wrote on the journal meanwhile.
    """
    day = to_day(as_of, name="as_of")
    loaded = plugins or load_plugins()
    settings = read_settings(folder, plugins=loaded)
    if runtime is None and (said := [*settings.services, *settings.payout_services]):
        msg = f"runtime must be given to read {said[0].adapter}, got none"
        raise PolicyError(msg)
    store = open_store(folder, settings, loaded)
    try:
        before = Ledger.replay(store.events())
        moment = recorded_at or moment_after(before)
        progress("read")
        book = open_folder(
            folder, plugins=loaded, ledger=before, recorded_at=moment, runtime=runtime
        )
        if book.errors and not accept_incomplete:
            return CycleResult(book=book, problems=book.problems, is_done=False)
        if accept_incomplete:
            book = book.accepting_incomplete()
        cycle = _Cycle(day, moment, Path(out), loaded, accept_incomplete, progress)
        return cycle.run(book, store, before)
    finally:
        store.close()


def append_new(store: EventStore, ledger: Ledger, *, before: Ledger) -> Appended:
    """Append to a journal what a ledger has beyond `before`, all of it at once.

    Raises `ConcurrencyError`, appending nothing, where somebody wrote on one of the accounts, or
    closed or reopened a period, since `before` was read.
    """
    events = ledger.since(before)
    versions = before.versions
    touched = {account for event in events for account in event.accounts}
    # Nobody may have closed a period meanwhile, either.
    touched |= {period_account(account.partition("|")[0]) for account in touched}
    return store.append(events, expected={account: versions.get(account, 0) for account in touched})


def letter_problems(book: Book, notices: Iterable[NoticeSent]) -> tuple[Problem, ...]:
    """Why the letters of notices cannot be composed, a problem for each; none where all can.

    The charges that the notices list must be in the book.
    """
    attempts = ((notice, _composed(book, notice)) for notice in notices)
    return tuple(made for _, made in attempts if isinstance(made, Problem))


def moment_after(ledger: Ledger) -> dt.datetime:
    """Now, or the moment of the last recording where the machine's clock runs behind it."""
    now = dt.datetime.now(dt.UTC)
    return max(now, ledger.last_recorded_at or now)


@attrs.frozen
class _Cycle:
    """One cycle of one day: everything is made in a folder beside `out`, then released."""

    as_of: dt.date
    recorded_at: dt.datetime
    out: Path
    plugins: Plugins
    accept_incomplete: bool
    progress: Callable[[str], object]

    def run(self, book: Book, store: EventStore, before: Ledger) -> CycleResult:
        """Match, dun, render, record, and put the papers in place, in this order."""
        self.progress("match")
        matched = book.apply_certain(as_of=self.as_of, recorded_at=self.recorded_at)
        self.progress("dun")
        run = matched.book.dun(as_of=self.as_of, recorded_at=self.recorded_at)
        self.out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{self.out.name}-", dir=self.out.parent))
        try:
            # The letters show the charges that go out with them, so both are composed as if recorded.
            released = self._released(matched.book, run)
            written = self._write_letters(matched.book.record(*released), run, staging)
            problems = (*book.problems, *written.problems)
            if written.problems and not self.accept_incomplete:
                return CycleResult(book=book, problems=problems, is_done=False)
            reminded = matched.book.record(*_without_failed(released, written.failed))
            aging = reminded.aging(as_of=self.as_of)
            names = [*written.names, *self._write_reports(reminded, aging, matched, staging)]
            self.progress("record")
            appended = append_new(store, reminded.ledger, before=before)
            names.append(_write(staging, _MANIFEST, _manifest(names, appended)))
            _put_in_place(staging, self.out, names)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return CycleResult(
            book=reminded,
            aging=aging,
            proposals=matched.proposals,
            run=run,
            letters=written.letters,
            added=appended.added,
            known=len(before),
            files=tuple(self.out / name for name in sorted(names)),
            problems=problems,
        )

    def _released(self, book: Book, run: DunningRun) -> tuple[Event, ...]:
        """What the run says, as events: whoever starts a cycle reviews it by doing so.

        Nothing where a person does that: what was left out of the day's run stays out.
        """
        if not book.settings.cycle_releases or _is_released(book.ledger, self.as_of):
            return ()
        return release(review(run, by=_CYCLE), recorded_at=self.recorded_at)

    def _write_letters(self, book: Book, run: DunningRun, staging: Path) -> _Written:
        """Write the letters of every notice of the day, recorded before or proposed now.

        A letter that fails is a problem of its own, and its notice is not sent.
        """
        self.progress("letters")
        written = _Written()
        renderers = Renderers.of(
            book.settings.renderers, self.plugins, settings=book.settings.renderer_settings
        )
        today = [each for each in book.ledger.notices() if each.effective_on == self.as_of]
        proposed = {each.event for each in run.notices}
        for notice in sorted(today, key=lambda each: each.event in proposed):
            made = _rendered(book, notice, renderers)
            if isinstance(made, Problem):
                written.failed.append(notice)
                written.problems.append(made)
                continue
            written.letters += (made.letter,)
            written.names += tuple(
                _write(staging, f"letters/{name}", content) for name, content in made.files
            )
        return written

    def _write_reports(
        self, book: Book, aging: Aging, matched: Applied, staging: Path
    ) -> Iterator[str]:
        self.progress("report")
        for name in book.settings.reports:
            writer = self.plugins.build("report-writer", name)
            content = writer.write(aging, names=book.names, locale=book.creditor.locale)
            yield _write(staging, f"aging{writer.suffix}", content)
        matches = matches_csv(book, matched.proposals, as_of=self.as_of)
        yield _write(staging, "matches.csv", matches)


@attrs.define
class _Written:
    """The letters that were written so far, and those that could not be."""

    letters: tuple[Letter, ...] = ()
    names: tuple[str, ...] = ()
    problems: list[Problem] = attrs.field(factory=list)
    failed: list[NoticeSent] = attrs.field(factory=list)


def _is_released(ledger: Ledger, day: dt.date) -> bool:
    """Whether somebody has released the run of a day by hand."""
    of_the_day = (notice for notice in ledger.notices(as_of=day) if notice.effective_on == day)
    return any(notice.released_by not in {"", _CYCLE} for notice in of_the_day)


def _composed(book: Book, notice: NoticeSent) -> Letter | Problem:
    try:
        return book.letter(notice)
    except (DocumentError, PolicyError) as error:
        return _problem(error, notice, is_known=notice.customer in book.customers)


def _rendered(book: Book, notice: NoticeSent, renderers: Renderers) -> Rendered | Problem:
    letter = _composed(book, notice)
    if isinstance(letter, Problem):
        return letter
    try:
        return Rendered(letter=letter, files=tuple(renderers.files(letter)))
    except (DocumentError, PolicyError) as error:
        return _problem(error, notice, is_known=True)


def _without_failed(events: tuple[Event, ...], failed: Sequence[NoticeSent]) -> tuple[Event, ...]:
    """The events of a run without the notices that could not be written, and without their charges."""
    names = {notice.event for notice in failed}
    charges = {number for notice in failed for number in notice.charges}
    return tuple(
        event
        for event in events
        if event.event not in names
        and not (isinstance(event, DocumentIssued) and event.document.number in charges)
    )


def _problem(error: Exception, notice: NoticeSent, *, is_known: bool) -> Problem:
    """What kept a letter from being written; a missing text is said before a missing customer."""
    code = "letter.invalid" if is_known else "customer.unknown"
    if isinstance(error, TranslationMissingError):
        code = "letter.translation-missing"
    place = Place(f"customer {notice.customer}", field="locale" if "letter" in code else None)
    return Problem(code, str(error), place=place)


def _manifest(names: Sequence[str], appended: Appended) -> bytes:
    """What the cycle wrote, and the head of the journal that it was made from."""
    said = {"files": sorted(names), "journal_head": appended.head}
    return json.dumps(said, indent=2, ensure_ascii=False).encode() + b"\n"


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def _put_in_place(staging: Path, out: Path, names: Sequence[str]) -> None:
    """Replace file by file; what an earlier cycle wrote here and this one did not is removed."""
    for stale in sorted(_written_before(out) - set(names)):
        (out / stale).unlink(missing_ok=True)
    for name in names:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging / name, out / name)  # noqa: PTH105  # its atomicity is the point


def _written_before(out: Path) -> set[str]:
    """What the manifest of an earlier cycle lists, as far as it is below `out`."""
    try:
        listed = json.loads((out / _MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()  # no manifest, or none of ours: nothing here is ours to remove
    root = out.resolve()
    return {
        name
        for name in listed
        if isinstance(name, str) and (root / name).resolve().is_relative_to(root)
    }
