"""The portfolio for a board: a workbook that foots and one page that needs no network."""

__all__: list[str] = []
