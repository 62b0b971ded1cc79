"""Public holidays of countries and regions, from the package ``holidays``."""
