"""Who may be contacted, when and how often: the law as rules, with the evidence kept."""
