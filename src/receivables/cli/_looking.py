"""The commands that look at the machinery: `plugins`, `verify`."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from receivables.cli._terminal import ERR, OUT, app, print_problems


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
    OUT.print(table)
    for broken in loaded.broken:
        ERR.print(f"broken: {broken.name}: {broken.reason}", style="red", markup=False)
    return 1 if loaded.broken else 0


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
