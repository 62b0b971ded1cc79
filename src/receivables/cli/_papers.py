"""The commands that write papers: `journal`, `statements`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter

from receivables.cli._terminal import ERR, OUT, app, print_problems
from receivables.errors import ReceivablesError


@app.command
def journal(
    folder: Path,
    /,
    *,
    first: dt.date,
    last: dt.date,
    out: Path,
    writer: str = "journal-csv",
) -> int:
    """Write the double-entry journal of a folder's days as a file; nothing is recorded.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    first
        The first day, as YYYY-MM-DD.
    last
        The last day, as YYYY-MM-DD.
    out
        The file to write; one that is there is replaced.
    writer
        The journal writer: `fec`, `journal-csv`, `beancount`, `hledger`, or one of a plug-in.

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    spec = plugins.find("journal-writer", writer)
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    print_problems(book.problems)
    if book.errors:
        return 1
    made = book.journal(first=first, last=last)
    # A writer that shows names takes them as a setting: the journal has identifiers only.
    shows_names = any(field.name == "names" for field in attrs.fields(spec.settings))
    adapter = spec.build({"names": dict(book.names)} if shows_names else None)
    part = out.with_name(f".{out.name}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            file.writelines(adapter.write(made))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    OUT.print(f"{len(made)} entries are in [bold]{out}[/bold].", highlight=False)
    return 0


@app.command
def statements(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    out: Path,
    since: dt.date | None = None,
    customer: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> int:
    """Write statements of account, each in its customer's language; nothing is recorded.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    out
        Where the statements go; the folder is made.
    since
        Every movement from this day on, instead of what is open.
    customer
        Only this customer; may be given more than once.

    """
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.papers import Renderers  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    print_problems(book.problems)
    if book.errors:
        return 1
    renderers = Renderers.of(
        book.settings.renderers, plugins, settings=book.settings.renderer_settings
    )
    out.mkdir(parents=True, exist_ok=True)
    failed = written = 0
    for statement in book.statements_of(customer or None, as_of=as_of, since=since):
        try:
            files = list(renderers.files(book.statement_letter(statement)))
        except ReceivablesError as error:
            failed += 1
            ERR.print(f"{statement.customer}: {error}", style="red", markup=False, soft_wrap=True)
            continue
        written += 1
        for name, content in files:
            (out / name).write_bytes(content)
    OUT.print(f"{written} statements are in [bold]{out}[/bold].", highlight=False)
    return 1 if failed else 0
