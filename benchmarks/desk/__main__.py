"""Twenty coordinators at one desk of 1,000 therapists for five minutes: ``python -m benchmarks.desk``.

Prints the median and the 95th percentile of each page, and the number of errors. The shortlist is also a ratio to the
warm library call under the same load, in the same run. The last run is kept in ``.cache/desk-load.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from benchmarks.desk.library_load import measure_library_calls
from benchmarks.speed.speed_clinics import find_clinic
from tests.browser.conftest import find_free_port, serve

RESULT = Path(__file__).resolve().parents[2] / ".cache" / "desk-load.json"
CLIENTS, THERAPISTS, WAITING = 300, 1_000, 100


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "clinic"
        shutil.copytree(find_clinic(CLIENTS, THERAPISTS, waiting=WAITING), folder)
        pages = measure_pages(folder, Path(temporary), given.users, given.seconds)
        library = measure_library_calls(folder, given.users, given.seconds / 4)
    report = {"users": given.users, "seconds": given.seconds, "therapists": THERAPISTS, "pages": pages,
              "library": summarize(library)}  # fmt: skip
    RESULT.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print_report(report)


def measure_pages(folder: Path, temporary: Path, users: int, seconds: int) -> list[dict[str, Any]]:
    """Run the desk and Locust, each in its own process; return the figures of each page."""
    from attune_fit.app.desk.security.desk_settings import DeskSettings
    from attune_fit.workspace import open_clinic

    clients = open_clinic(folder).list_client_ids(waiting_only=True)
    file = Path(__file__).with_name("coordinators.py")
    with serve(folder, temporary / "desk.log", find_free_port()) as desk:
        port = urlsplit(desk.address).port or 0
        sessions = begin_sessions(folder, users, DeskSettings(port=port).cookie)
        environment = {**os.environ, "DESK_SESSIONS": json.dumps(sessions), "DESK_CLIENTS": json.dumps(clients)}
        words = ["-f", str(file), "--headless", "-u", str(users), "-r", "2", "-t", f"{seconds}s", "--only-summary"]
        target = ["--host", desk.address, "--csv", str(temporary / "load")]
        subprocess.run([sys.executable, "-m", "locust", *words, *target], check=False, env=environment)
    return read_figures(temporary / "load_stats.csv")


def begin_sessions(folder: Path, users: int, cookie: str) -> list[tuple[str, str]]:
    """Make an account and a session for each user; return the name ``cookie`` and the value of each cookie."""
    from attune_fit.data.accounts.account_store import AccountStore
    from attune_fit.data.accounts.desk_database import open_desk_database
    from attune_fit.data.accounts.passwords import hash_password
    from attune_fit.data.accounts.session_store import SessionStore
    from attune_fit.workspace import open_clinic

    desk = open_desk_database(open_clinic(folder).clinic)
    accounts, sessions, now = AccountStore(desk), SessionStore(desk), time.time()
    hashed = hash_password("four quiet words here")
    cookies = []
    for number in range(users):
        name = f"intake-{number:02d}"
        accounts.use_link(accounts.add(name, "coordinator", None, now), name, hashed, now)
        cookies.append((cookie, sessions.begin(name, "127.0.0.1", now)))
    return cookies


def read_figures(file: Path) -> list[dict[str, Any]]:
    """Return page, requests, errors and the percentiles in milliseconds, from Locust's table."""
    import pandas as pd

    table = pd.read_csv(file)
    names = {"Name": "page", "Request Count": "requests", "Failure Count": "errors", "50%": "p50", "95%": "p95"}
    rows: list[dict[str, Any]] = json.loads(table[list(names)].rename(columns=names).to_json(orient="records"))
    return rows


def summarize(seconds: list[float]) -> dict[str, float]:
    """Return the number of calls, and their median and 95th percentile in milliseconds."""
    p50, p95 = np.percentile(np.asarray(seconds) * 1_000, [50, 95])
    return {"requests": len(seconds), "p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def print_report(report: dict[str, Any]) -> None:
    """Print the figures as a table, with the ratio that the aim is about."""
    print(f"{report['users']} coordinators for {report['seconds']} s, {report['therapists']:,} therapists")
    for row in (*report["pages"], {"page": "library: rank, logged", "errors": 0, **report["library"]}):
        counts = f"{row['requests']:6} requests {row['errors']:3} errors"
        print(f"{row['page']:24} {counts}  p50 {row['p50']:7} ms  p95 {row['p95']:7} ms")
    shortlist = next(row for row in report["pages"] if row["page"] == "shortlist")
    print(f"shortlist p95 / library p95: {shortlist['p95'] / report['library']['p95']:.2f} (aim: at most 3)")


if __name__ == "__main__":
    main()
