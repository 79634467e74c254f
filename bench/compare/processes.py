"""Processes that serve: how they start and end, and what they have used."""

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
# For a server to start with all its stubs.
PATIENCE = 120
# Of this process's own, so that a run by hand does not change the table.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("CANNERY_", "HTTPMOCK_", "MB_", "RIFT_"))}

alive = set()


class Failed(Exception):
    """A server that did not do what it was asked for."""


class Running:
    """A server that runs. `says` finds its port in what it prints; without it nothing is waited for."""

    def __init__(self, command, says=r'"port": ?(\d+)'):
        # In a session of its own: Ctrl-C is for `run`, which then ends them all.
        self.process = subprocess.Popen(
            [str(part) for part in command],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE if says else subprocess.DEVNULL},
            **{"stderr": subprocess.DEVNULL, "env": ENVIRONMENT, "start_new_session": True},
        )
        alive.add(self)
        try:
            self.port = self.told(says) if says else None
        except BaseException:
            self.stop()
            raise

    def told(self, says):
        """The port, once it is printed."""
        until, read = time.monotonic() + PATIENCE, ""
        while not (found := re.search(says + r"\D", read)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise Failed(f"does not start; run it by hand to see why: {self.process.args}")
            read += piece.decode()
        return int(found[1])

    def settle(self):
        """Waits until it has done what is left of an earlier load, but not for ever."""
        for _ in range(100):
            before = self.cpu()
            time.sleep(0.05)
            if self.cpu() - before <= 1 / TICKS:
                return

    def cpu(self):
        """Seconds of user and system time, of all its threads and of its children."""
        return sum(ticks(pid) for pid in family(self.process.pid)) / TICKS

    def resident(self):
        """Bytes in memory."""
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
    """A process and all that it has started."""
    pids = [pid]
    for one in pids:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    return pids


def ticks(pid):
    # The name of the program may have spaces in it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


