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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from receivables.adapters import AdapterSpec, Attachment, EventStore, LetterRenderer
from receivables.aging.model import Aging
from receivables.book import Book, open_folder, open_store, read_settings
from receivables.dunning.model import DunningRun
from receivables.errors import DocumentError, PolicyError, TranslationMissingError
from receivables.explaining import matches_csv
from receivables.ledger.model import NoticeSent
from receivables.ledger.objects import Ledger
from receivables.letters.model import Letter
from receivables.matching.model import Proposals
from receivables.plugins import Plugins, load_plugins
from receivables.problems import Place, Problem

__all__ = ["CycleResult", "run_cycle"]

_MANIFEST: Final = "cycle.json"


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
    as_of: dt.date,
    out: str | Path,
    plugins: Plugins | None = None,
    recorded_at: dt.datetime | None = None,
    accept_incomplete: bool = False,
    progress: Callable[[str], object] = lambda _step: None,
) -> CycleResult:
    """Run the cycle of a folder for a day, and write its papers to `out`.

    Errors in the data stop it before anything is recorded, unless `accept_incomplete` says that
    what was read is to be used all the same.  `recorded_at` is now, where it is not given;
    `progress` is told each step.  Raises `PolicyError` for impossible settings, `ConcurrencyError`
    where somebody else wrote on the journal meanwhile.
    """
    loaded = plugins or load_plugins()
    store = open_store(folder, read_settings(folder, plugins=loaded), loaded)
    try:
        before = Ledger.replay(store.events())
        moment = recorded_at or _now(before)
        progress("read")
        book = open_folder(folder, plugins=loaded, ledger=before, recorded_at=moment)
        if book.errors and not accept_incomplete:
            return CycleResult(book=book, problems=book.problems, is_done=False)
        work = _work(book, as_of, moment, progress)
        papers = _Papers(work, as_of, loaded)
        if work.problems and not accept_incomplete:
            problems = (*book.problems, *work.problems)
            return CycleResult(book=book, problems=problems, is_done=False)
        files = papers.render(progress)
        return _release(work, before, store, files, Path(out), progress)
    finally:
        store.close()


def _now(ledger: Ledger) -> dt.datetime:
    """Now, or the moment of the last recording where the machine's clock runs behind it."""
    now = dt.datetime.now(dt.UTC)
    return max(now, ledger.last_recorded_at or now)


@attrs.frozen(kw_only=True)
class _Work:
    """What was decided, before anything is written."""

    book: Book
    aging: Aging
    proposals: Proposals
    run: DunningRun
    letters: Mapping[str, Letter]
    problems: tuple[Problem, ...]


def _work(
    book: Book, as_of: dt.date, recorded_at: dt.datetime, progress: Callable[[str], object]
) -> _Work:
    progress("match")
    matched = book.apply_certain(as_of=as_of, recorded_at=recorded_at)
    progress("dun")
    run = matched.book.dun(as_of=as_of, recorded_at=recorded_at)
    reminded = matched.book.record(*run.notices)
    letters, problems = _letters(reminded, as_of)
    return _Work(
        book=reminded,
        aging=reminded.aging(as_of=as_of),
        proposals=matched.proposals,
        run=run,
        letters=letters,
        problems=problems,
    )


def _letters(book: Book, as_of: dt.date) -> tuple[Mapping[str, Letter], tuple[Problem, ...]]:
    """The letters of every notice of the day, whichever run recorded it, by event."""
    letters: dict[str, Letter] = {}
    problems: list[Problem] = []
    for notice in book.ledger.notices():
        if notice.effective_on != as_of:
            continue
        try:
            letters[notice.event] = book.letter(notice)
        except TranslationMissingError as error:
            problems.append(_problem("letter.translation-missing", error, notice))
        except (DocumentError, PolicyError) as error:
            code = "customer.unknown" if notice.customer not in book.customers else "letter.invalid"
            problems.append(_problem(code, error, notice))
    return letters, tuple(problems)


def _problem(code: str, error: Exception, notice: NoticeSent) -> Problem:
    place = Place(f"customer {notice.customer}", field="locale" if "letter" in code else None)
    return Problem(code, str(error), place=place)


@attrs.frozen
class _Papers:
    """The files of a cycle, rendered in memory one by one into a folder."""

    work: _Work
    as_of: dt.date
    plugins: Plugins

    def render(self, progress: Callable[[str], object]) -> Iterator[tuple[str, bytes]]:
        """Each file's name below the output folder, and its bytes."""
        progress("report")
        yield from self._reports()
        yield "matches.csv", matches_csv(self.work.book, self.work.proposals, as_of=self.as_of)
        progress("letters")
        yield from self._letters()

    def _reports(self) -> Iterator[tuple[str, bytes]]:
        book = self.work.book
        for name in book.settings.reports:
            writer = self.plugins.build("report-writer", name)
            content = writer.write(self.work.aging, names=book.names, locale=book.creditor.locale)
            yield f"aging{writer.suffix}", content

    def _letters(self) -> Iterator[tuple[str, bytes]]:
        names = self.work.book.settings.renderers
        specs = [self.plugins.find("letter-renderer", name) for name in names]
        renderers = [(spec, spec.build()) for spec in specs]
        for letter in self.work.letters.values():
            yield from _rendered(letter, renderers)


def _rendered(
    letter: Letter, renderers: Sequence[tuple[AdapterSpec[Any], LetterRenderer]]
) -> Iterator[tuple[str, bytes]]:
    """One letter in every form; forms that carry attachments carry the ones before them."""
    attachments: list[Attachment] = []
    for spec, renderer in renderers:
        carries = "attachments" in spec.capabilities
        content = renderer.render(letter, attachments=attachments if carries else ())
        name = f"{letter.file_stem}{renderer.suffix}"
        yield f"letters/{name}", content
        if not carries:
            attachments.append(
                Attachment(name=name, media_type=renderer.media_type, content=content)
            )


def _release(
    work: _Work,
    before: Ledger,
    store: EventStore,
    files: Iterator[tuple[str, bytes]],
    out: Path,
    progress: Callable[[str], object],
) -> CycleResult:
    """Render into a folder beside `out`, append to the journal, then put the files in place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        names = [_write(staging, name, content) for name, content in files]
        events = work.book.ledger.since(before)
        touched = {account for event in events for account in event.accounts}
        expected = {account: before.versions.get(account, 0) for account in touched}
        progress("record")
        appended = store.append(events, expected=expected)
        manifest = {"files": sorted(names), "head": appended.head}
        names.append(_write(staging, _MANIFEST, _json(manifest)))
        _put_in_place(staging, out, names)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return CycleResult(
        book=work.book,
        aging=work.aging,
        proposals=work.proposals,
        run=work.run,
        letters=tuple(work.letters.values()),
        added=appended.added,
        known=len(before),
        files=tuple(out / name for name in sorted(names)),
        problems=(*work.book.problems, *work.problems),
    )


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


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
