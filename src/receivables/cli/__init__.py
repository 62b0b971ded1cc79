"""The command `receivables`: a thin layer, everything it does is a documented call of the library.

Exit status: 0 done, 1 problems in the data (or a journal that does not verify), 2 wrong use.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from receivables.cli import (
    _cases,
    _collecting,
    _credit,
    _cycle,
    _dunning,
    _looking,
    _losses,
    _match,
    _papers,
    _portfolio,
    _posting,
    _scorecard,
)
from receivables.cli._terminal import ERR, CycloptsError, app
from receivables.errors import ReceivablesError

__all__ = ["app", "main"]

_COMMANDS = (
    _cycle,
    _match,
    _dunning,
    _collecting,
    _cases,
    _credit,
    _losses,
    _portfolio,
    _scorecard,
    _papers,
    _posting,
    _looking,
)
"""The modules whose commands the app has."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command, and say what is wrong in one line where it is the user's to mend.

    `arguments` are those of the process, where none are given.  Ends with `SystemExit`.
    """
    try:
        sys.exit(app(arguments, exit_on_error=False, print_error=False))
    except (ReceivablesError, CycloptsError, OSError) as error:
        said = " ".join(str(error).split())
        ERR.print(f"error: {said}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
