"""What a coordinator does at the desk, for Locust: looks at the day, opens shortlists, offers, and takes it back."""

from __future__ import annotations

import itertools
import json
import os
import random
import re

from locust import HttpUser, between, task

SESSIONS, CLIENTS = (json.loads(os.environ[name]) for name in ("DESK_SESSIONS", "DESK_CLIENTS"))
NEXT = itertools.count()
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
SEEN, OFFERED = re.compile(r'name="seen" value="(\d+)"'), re.compile(r"/decide\?t=([^\"&]+)")


class Coordinator(HttpUser):
    """One coordinator with an account of its own. Between two pages there are 3 to 10 seconds to read."""

    wait_time = between(3, 10)

    def on_start(self) -> None:
        """Take a session, and a share of the clients: two coordinators seldom work on one client."""
        number = next(NEXT) % len(SESSIONS)
        self.client.cookies.set(*SESSIONS[number])
        self.own = CLIENTS[number :: len(SESSIONS)]

    @task(8)
    def open_shortlist(self) -> None:
        """Open the shortlist of a client."""
        self.client.get(f"/clients/{random.choice(self.own)}/shortlist", name="shortlist")  # noqa: S311

    @task(3)
    def look_at_the_day(self) -> None:
        """Open Today."""
        self.client.get("/today", name="today")

    @task(2)
    def open_client(self) -> None:
        """Open a client."""
        self.client.get(f"/clients/{random.choice(self.own)}", name="client")  # noqa: S311

    @task(1)
    def look_at_the_roster(self) -> None:
        """Open the roster."""
        self.client.get("/roster", name="roster")

    @task(2)
    def offer_and_undo(self) -> None:
        """Offer a therapist of the shortlist to the client, and take it back."""
        client = random.choice(self.own)  # noqa: S311
        listed = self.client.get(f"/clients/{client}/shortlist", name="shortlist").text
        therapist, seen = OFFERED.search(listed), SEEN.search(listed)
        if therapist is None:
            return
        page = self.client.get(f"/clients/{client}/decide?t={therapist.group(1)}", name="decide").text
        seen = SEEN.search(page)
        form = {"t": therapist.group(1), "seen": seen.group(1) if seen else "0"}
        done = self.client.post(f"/clients/{client}/offer", form, headers=SAME_SITE, name="offer")
        number = re.search(r"done=(\d+)", done.url)
        if number:
            last = {"events": number.group(1), "seen": number.group(1), "back": "/today"}
            self.client.post("/undo", last, headers=SAME_SITE, name="undo")
