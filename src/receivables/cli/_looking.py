"""The commands that look at the machinery: `plugins`, `texts`, `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from receivables.cli._terminal import ERR, OUT, app, print_problems, print_whole


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
