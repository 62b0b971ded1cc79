"""The command `receivables`: a thin layer, everything it does is a documented call of the library.

Exit status: 0 done, 1 problems in the data (or a journal that does not verify), 2 wrong use.
"""

from __future__ import annotations

import sys

from receivables.cli import (
    _cases,
    _collecting,
    _cycle,
    _dunning,
    _looking,
    _match,
    _papers,
)
from receivables.cli._terminal import ERR, app
from receivables.errors import ReceivablesError

__all__ = ["app", "main"]

_COMMANDS = (_cycle, _match, _dunning, _collecting, _cases, _papers, _looking)
"""The modules whose commands the app has."""


def main() -> None:
    """Run the command, and say what is wrong in one line where it is the user's to mend."""
    try:
        sys.exit(app())
    except ReceivablesError as error:
        ERR.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
