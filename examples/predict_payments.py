"""Say for each open invoice when it will be paid: ``python examples/predict_payments.py HISTORY OPEN OUT``.

The same as ``python -m receivables.predicting``; ``--help`` lists the choices.
"""

from __future__ import annotations

import sys

from receivables.predicting import main

if __name__ == "__main__":
    sys.exit(main())
