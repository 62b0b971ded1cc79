"""What collectors do today: the worklist, the log, requests, warning signs."""
