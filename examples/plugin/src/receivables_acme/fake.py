"""An Acme Books that is not there: pages, cursors and keys as the real one has them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from receivables.testing import Serving
from receivables.transports import Request, Response

__all__ = ["FakeAcme"]


class FakeAcme:
    """Serves tables of rows to whoever has the key."""

    def __init__(
        self, tables: Mapping[str, Sequence[dict[str, Any]]], serving: Serving, *, key: str
    ) -> None:
        self._tables = tables
        self._serving = serving
        self._key = key

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.header("X-Acme-Key") != self._key:
            return Response(401, body=b'{"error": "no key"}')
        parts = urlsplit(request.url)
        wanted = parse_qs(parts.query)
        rows = list(self._tables[parts.path.rpartition("/")[2]])
        start = int(base64.b64decode(wanted["cursor"][0]) or b"0") if "cursor" in wanted else 0
        size = min(int(wanted["limit"][0]), self._serving.page_size)
        shown = rows[: self._serving.truncates_at]
        page = shown[start : start + size]
        if self._serving.fails_at is not None and self._serving.fails_at - 1 in range(
            start, start + len(page)
        ):
            page[self._serving.fails_at - 1 - start] = {"error": "lost"}
        said: dict[str, Any] = {"rows": page, "count": len(rows)}
        if start + size < len(shown):
            said["next"] = base64.b64encode(str(start + size).encode()).decode()
        return Response(200, body=json.dumps(said).encode())
