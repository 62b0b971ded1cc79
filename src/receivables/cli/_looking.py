"""The commands that look at things: `plugins`, `customers`, `texts`, `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.table import Table

from receivables.cli._terminal import ERR, OUT, app, print_problems, print_rows, print_whole

if TYPE_CHECKING:
    from receivables.customers import DuplicateReason


@app.command
def plugins() -> int:
    """List the adapters that are installed, and how each was verified."""
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    loaded = load_plugins()
    table = Table()
    for heading in ("kind", "name", "what it does", "abilities", "verified", "extra"):
        table.add_column(heading, no_wrap=heading in {"kind", "name"})
    for kind, specs in loaded.adapters.items():
        for spec in specs.values():
            abilities = ", ".join(sorted(spec.capabilities))
            table.add_row(kind, spec.name, spec.summary, abilities, spec.verified, spec.extra)
    print_whole(table)
    for broken in loaded.broken:
        ERR.print(f"broken: {broken.name}: {broken.reason}", style="red", markup=False)
    return 1 if loaded.broken else 0


@app.command
def customers(folder: Path, /, *, top: int = 20) -> int:
    """Print which customer records lack what, which may be one customer, and what is wrong in them.

    Parameters
    ----------
    folder
        The folder with the customer list and `receivables.toml`.
    top
        How many records, and how many pairs, to print.

    """
    from receivables.cli._books import look  # noqa: PLC0415  # loads on use
    from receivables.customers import check_customer, completeness, duplicates  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    records = [book.customers[name] for name in sorted(book.customers)]
    judged = sorted(map(completeness, records), key=lambda one: (one.score, one.customer))
    print_rows(
        "Completeness",
        ("customer", "points", "lacks", "why it matters"),
        (
            (one.customer, one.score, f"{gap.need} {gap.of}".strip(), gap.why)
            for one in judged[:top]
            for gap in one.missing[:1]
        ),
    )
    print_rows(
        "May be one customer",
        ("customer", "other", "points", "because"),
        (
            (*pair.customers, pair.score, "; ".join(map(_because, pair.reasons)))
            for pair in duplicates(records)[:top]
        ),
    )
    # What the book has checked already is not said twice.
    known = {problem.message for problem in book.problems}
    found = [
        problem
        for record in records
        for problem in check_customer(record, source=f"customer {record.customer}", digits=False)
    ]
    print_problems(problem for problem in found if problem.message not in known)
    return 0


def _because(reason: DuplicateReason) -> str:
    return f"{reason.sign.value} ({reason.detail})" if reason.detail else reason.sign.value


@app.command
def texts(
    folder: Path,
    /,
    *,
    locale: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    unverified: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Check the letter texts that a folder uses: what is missing, what is wrong.

    Parameters
    ----------
    folder
        The folder with `receivables.toml`.
    locale
        A locale that customers write in; that of the creditor otherwise. May be repeated.
    unverified
        List the sources that nobody has verified, too.

    """
    from receivables.letters import TextFindingKind, check_texts, packaged_texts  # noqa: PLC0415  # loads on use
    from receivables.opening import read_settings  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    settings = read_settings(folder, plugins=load_plugins())
    wanted = locale or (settings.creditor.locale,)
    found = check_texts(settings.texts or packaged_texts(), locales=wanted)
    shown = [one for one in found if unverified or one.finding is not TextFindingKind.UNVERIFIED]
    for one in shown:
        style = "red" if one.finding.is_fault else "yellow"
        ERR.print(f"{one.finding.value}: {one.message}", style=style, markup=False, soft_wrap=True)
    faults = sum(one.finding.is_fault for one in found)
    OUT.print(f"{faults} faults in the texts for {', '.join(wanted)}.", highlight=False)
    return 1 if faults else 0


@app.command
def verify(folder: Path, /) -> int:
    """Check the hash chain over a folder's journal.

    Parameters
    ----------
    folder
        The folder with `receivables.toml`.

    """
    from receivables.opening import open_store, read_settings  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    loaded = load_plugins()
    store = open_store(folder, read_settings(folder, plugins=loaded), loaded)
    try:
        found = store.verify()
    finally:
        store.close()
    print_problems(found.problems)
    if found.problems:
        return 1
    OUT.print(f"The journal holds {found.events} events and verifies.", highlight=False)
    OUT.print(f"Head: {found.head}", highlight=False, soft_wrap=True)
    return 0
