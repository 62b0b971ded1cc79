"""Letters as plain text, for e-mail bodies, scripts and comparison."""
