"""Headers of each answer: what a page can load, who can show it in a frame, and that no copy of it is kept."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
        *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",  # not none: browsers would then send a form without its origin
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
KEPT, NOT_KEPT = "no-cache", "no-store"  # files of the look are asked for again; pages hold health data


class ResponseHeaders:
    """The layer that adds the headers. It is the outermost one, so errors have them too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**HEADERS, "cache-control": KEPT if is_file(scope) else NOT_KEPT})
            await send(message)

        await self.app(scope, receive, send_with_headers)


def is_file(scope: Scope) -> bool:
    """Return whether a request is for a file of the look, which anybody can read."""
    return str(scope.get("path", "")).startswith("/static/")
