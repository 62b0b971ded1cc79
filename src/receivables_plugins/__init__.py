"""Adapters that ship along: each a folder and an entry point, on public names only."""
