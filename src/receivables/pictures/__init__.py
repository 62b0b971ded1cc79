"""Pictures of results, by Altair: safe for the colour-blind, readable in print, titled in the reader's language."""

__all__: list[str] = []
