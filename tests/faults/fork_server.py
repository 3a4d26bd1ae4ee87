"""Runs commands of Attune, each in a process of its own, without the seconds that its libraries take to load.

``python -m tests.faults.fork_server`` is one process that has loaded them all. It reads batches of jobs, one JSON line
each, from standard input. It forks a child for each job, all children of a batch at once, and answers with one line.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.snapshots import Snapshots
from tests.faults.write_events import Seen, WriteEvents, build_fault

HOME = Path(__file__).resolve().parent.parent.parent
TIME_LIMIT_SECONDS = 150  # a command that takes longer hangs
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
QUIET = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUNBUFFERED": ""}
DEMO_SIZE = (60, 8)  # clients and therapists: a demo has 600 clients otherwise
MODULES = (
    "attune_fit.app.cli", "attune_fit.workspace", "attune_fit.training.train", "attune_fit.demo_clinic",
    "attune_fit.data.synthetic.calibration.calibration_page", "tests.faults.clinic_state",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One process to run.

    Attributes
    ----------
    words : sequence of str
        The words after ``attune``; or ``["state", FOLDER]``, which prints what :mod:`clinic_state` reads, as JSON.
    cwd : str
        Folder in which it runs.
    root : str
        Writes below this folder are counted; empty: nothing is counted.
    fault, at : str, int
        What happens, and at which event; empty: nothing happens.
    snapshots : str
        Folder that receives a copy of ``root`` for each state that a kill can leave; empty: no copies.
    moves : sequence of str, optional
        Two paths: at event ``at`` the first is renamed to the second, as when a network share goes away.
    file_limit : int, optional
        No file can grow beyond so many bytes.
    unprivileged : bool
        Whether permissions bind this process even where the user is root.
    """

    words: Sequence[str]
    cwd: str
    root: str = ""
    fault: str = ""
    at: int = 0
    snapshots: str = ""
    moves: Sequence[str] = ()
    file_limit: int | None = None
    unprivileged: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What a process left: exit code (negative: the signal; None: it was stopped because it hung), and its output."""

    code: int | None
    out: str
    err: str


class ForkServer:
    """The server as the tests use it; they close it at the end."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("wb")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.fork_server"], cwd=HOME, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._log, text=True, env={**os.environ, **ONE_THREAD, **QUIET},
        )  # fmt: skip

    def run(self, *jobs: Job) -> list[Done]:
        """Run jobs at the same time; return when all have ended."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([asdict(job) for job in jobs]) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, f"the server ended: {Path(self._log.name).read_text()[-2000:]}"
        return [Done(**one) for one in json.loads(answer)]

    def close(self) -> None:
        """End the server."""
        self._server.communicate()
        self._log.close()


def main() -> None:
    """Serve jobs until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints while it loads is no answer
    _load_libraries()
    for line in sys.stdin:
        results = _run_all([Job(**one) for one in json.loads(line)])
        answers.write(json.dumps([asdict(done) for done in results]) + "\n")
        answers.flush()


def _load_libraries() -> None:
    """Load what the commands load; a first child finds out which modules a training loads on its way."""
    from attune_fit.models.lightgbm_loading import load_lightgbm, suppress_scikit_learn

    suppress_scikit_learn()
    load_lightgbm()
    for name in MODULES:
        importlib.import_module(name)
    warm_up = Path(os.environ["FAULTS_WARM_UP"])
    here = str(warm_up.parent)
    words = (
        ["simulate", "w", "--clients", "60", "--therapists", "8"],
        ["train", "w", "--jobs", "1"],
        ["rank", "w", "--waiting", "--full"],
        ["assign", "w", "--out", "a.csv"],
        ["fairness", "w", "--all", "--out", "f.html"],
    )
    for one in words:
        _run_all([Job(one, here, env={"FAULTS_LIST_MODULES": str(warm_up)})])
        for name in warm_up.read_text().split():
            if name not in sys.modules and not name.startswith(("__main__", "sklearn")):
                try:
                    importlib.import_module(name)
                except Exception:  # noqa: S112  (a name that only its own package can make)
                    continue
    import gc

    gc.collect()
    gc.freeze()  # a child does not copy what its collector looks at


def _run_all(jobs: Sequence[Job]) -> list[Done]:
    """Fork a child for each job, and read what they print until all have ended."""
    sys.stdout.flush()
    sys.stderr.flush()
    children = [_fork(job) for job in jobs]
    texts: dict[int, list[bytes]] = {handle: [] for _, *handles in children for handle in handles}
    end, is_late = time.monotonic() + TIME_LIMIT_SECONDS, False
    with selectors.DefaultSelector() as selector:
        for handle in texts:
            selector.register(handle, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(timeout=1.0):
                part = os.read(key.fd, 65_536)
                texts[key.fd].append(part)
                if not part:
                    selector.unregister(key.fd)
                    os.close(key.fd)
            if time.monotonic() > end and not is_late:
                is_late = True
                for child, *_ in children:
                    os.kill(child, signal.SIGKILL)  # not reaped yet, so the number is still that of the child
    results = []
    for child, *handles in children:
        _, status = os.waitpid(child, 0)
        out, err = (b"".join(texts[handle]).decode(errors="replace") for handle in handles)
        results.append(Done(None if is_late else os.waitstatus_to_exitcode(status), out, err))
    return results


def _fork(job: Job) -> tuple[int, int, int]:
    """Fork the child of a job; return its id and where to read its output and its errors."""
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    child = os.fork()
    if child:
        os.close(out_write)
        os.close(err_write)
        return child, out_read, err_read
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out_write, 1)
        os.dup2(err_write, 2)
        for handle in (out_read, err_read, out_write, err_write):
            os.close(handle)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(handle, mode) for handle, mode in ((0, "r"), (1, "w"), (2, "w")))
        code = _run(job)
    except BaseException:
        traceback.print_exc()
    finally:
        for close in (atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush):
            try:
                close()
            except BaseException:
                os.write(2, traceback.format_exc().encode())
        os._exit(code)


def _run(job: Job) -> int:
    """Run a job in this process, and return its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(job.cwd)
    os.environ.update(job.env)
    modules = job.env.get("FAULTS_LIST_MODULES", "")
    if job.words[0] == "state":
        from tests.faults.clinic_state import read_state

        sys.stdout.write(json.dumps(read_state(Path(job.words[1]))))
        return 0
    from attune_fit import demo_clinic
    from attune_fit.app.cli import main as run_attune

    demo_clinic.N_CLIENTS, demo_clinic.N_THERAPISTS = DEMO_SIZE
    _limit_process(job)
    sys.argv = ["attune", *job.words]
    copies = _watch(job)
    try:
        run_attune()
    except SystemExit as stopped:
        code = stopped.code
        return code if isinstance(code, int) else 0 if code is None else 1
    finally:
        if modules:
            Path(modules).write_text("\n".join(sys.modules))
        if copies is not None:
            copies.close()
    return 0


def _watch(job: Job) -> Snapshots | None:
    """Begin to count the writes of this process; return the copies that it makes at each, if any."""
    if not job.root:
        return None
    copies = Snapshots(Path(job.root), Path(job.snapshots)) if job.snapshots else None
    WriteEvents(os.path.realpath(job.root), copies.take if copies else _choose_fault(job)).start()
    return copies


def _choose_fault(job: Job) -> Seen:
    """Return what happens at the events of a job."""
    if not job.moves:
        return build_fault(job.fault, job.at)
    before, after = job.moves

    def move(number: int, kind: str, path: str) -> None:
        if number == job.at:
            os.rename(before, after)

    return move


def _limit_process(job: Job) -> None:
    """Set the limits of a job on this process."""
    if job.file_limit is not None:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_limit, hard))
    if job.unprivileged and os.geteuid() == 0:
        drop_capabilities()


def drop_capabilities() -> None:
    """Let permissions bind root too (Linux): without capabilities, root is the owner of its files and no more."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3 of the call, this process
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    main()
