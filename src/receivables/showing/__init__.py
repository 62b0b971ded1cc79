"""Results for people, in the words and numbers of their language: tables in HTML and text."""

__all__: list[str] = []
