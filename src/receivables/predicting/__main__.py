"""``python -m receivables.predicting`` predicts when open invoices will be paid."""

import sys

from receivables.predicting import main

sys.exit(main())
