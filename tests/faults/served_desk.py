"""A desk in a process of its own, for tests that kill it or take its disk away, and a visitor without a browser."""

from __future__ import annotations

import http.client
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from tests.browser.conftest import PASSWORD, Served

SEEN = re.compile(r'name="seen" value="(\d+)"')


class KeepRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to the test: it is the sign that something was recorded."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass
class Visitor:
    """Sends requests with the cookie of one account."""

    address: str
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def send(self, path: str, form: dict[str, str] | list[tuple[str, str]] | None = None) -> tuple[int, str, str]:
        """Return status, text and the address of a redirect; status 0 where no whole answer came."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), KeepRedirect())
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"{self.address}{path}", data, {"Sec-Fetch-Site": "same-origin"})  # noqa: S310
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers.get("location", "")
        except (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException):
            return 0, "", ""

    def set_up(self, desk: Served) -> None:
        """Make the first account."""
        link = urllib.parse.parse_qs(urllib.parse.urlsplit(desk.link).query)["link"][0]
        form = {"link": link, "name": "intake-02", "password": PASSWORD, "repeated": PASSWORD}
        status, text, _ = self.send("/set-up", form)
        assert status == 303, text

    def sign_in(self) -> None:
        """Sign in to the account that :meth:`set_up` made."""
        status, text, _ = self.send("/sign-in", {"name": "intake-02", "password": PASSWORD, "next": ""})
        assert status == 303, text

    def offer(self, client: str, therapist: str, seen: str) -> tuple[int, str, str]:
        return self.send(f"/clients/{client}/offer", {"t": therapist, "seen": seen})

    def preview_placement(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Return the pairs of the placement of the whole waiting list, and the form that commits them as offers."""
        status, text, _ = self.send("/placement")
        assert status == 200, text
        seen = SEEN.search(text)
        pairs = re.findall(r'name="pair" value="([^"]+)"', text)
        assert seen is not None
        return pairs, [("seen", seen.group(1)), *(("pair", pair) for pair in pairs)]
