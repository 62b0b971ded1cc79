"""Files for an agency, a lawyer, a court or an insurer, and what comes back."""
