"""Server processes: starting, stopping, and the resources that they have used."""

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
# The time limit for a server to start with all its stubs.
PATIENCE = 120
# A temporary folder for each run, so that a manual run does not change the table.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("CANNERY_", "HTTPMOCK_", "MB_", "RIFT_"))}

alive = set()


class Failed(Exception):
    """The failure of a server."""


class Running:
    """A running server. `pattern` finds its port in its output; without it, nothing is awaited."""

    def __init__(self, command, pattern=r'"port": ?(\d+)'):
        # In its own session, so that Ctrl-C interrupts only `run`, which then stops all servers.
        self.process = subprocess.Popen(
            [str(part) for part in command],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE if pattern else subprocess.DEVNULL},
            **{"stderr": subprocess.DEVNULL, "env": ENVIRONMENT, "start_new_session": True},
        )
        alive.add(self)
        try:
            self.port = self.read_port(pattern) if pattern else None
        except BaseException:
            self.stop()
            raise

    def read_port(self, pattern):
        """Waits for the port."""
        until, read = time.monotonic() + PATIENCE, ""
        while not (found := re.search(pattern + r"\D", read)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise Failed(f"does not start; run it by hand to see why: {self.process.args}")
            read += piece.decode()
        return int(found[1])

    def settle(self):
        """Waits, for a limited time, until it has finished the work of an earlier load."""
        for _ in range(100):
            before = self.cpu()
            time.sleep(0.05)
            if self.cpu() - before <= 1 / TICKS:
                return

    def cpu(self):
        """Returns the seconds of user and system time of all its threads and children."""
        return sum(ticks(pid) for pid in family(self.process.pid)) / TICKS

    def resident(self):
        """Returns the resident memory in bytes."""
        pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in family(self.process.pid))
        return sum(pages) * PAGE

    def stop(self):
        alive.discard(self)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(timeout=10)
        self.process.stdin.close()
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def family(pid):
    """Returns a process and all its descendants."""
    pids = [pid]
    for one in pids:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    return pids


def ticks(pid):
    # The name of the program may have spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


