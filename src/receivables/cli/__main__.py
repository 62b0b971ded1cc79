"""``python -m receivables.cli`` is the command `receivables`."""

from receivables.cli import main

main()
