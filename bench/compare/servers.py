"""The servers: how each is built and started, and what its process has used."""

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
# Ten thousand stubs take the slowest of them half a minute.
PATIENCE = 120
PACKAGES = {"bare": "bare", "wiremock": "peer-wiremock", "httpmock": "peer-httpmock", "mockito": "peer-mockito"}
# Of this process's own, so that a run by hand does not change the table.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("CANNERY_", "HTTPMOCK_"))}

alive = set()


class Failed(Exception):
    """A server that did not do what it was asked for."""


class Running:
    """A server that listens."""

    def __init__(self, command):
        # In a session of its own: Ctrl-C is for `run`, which then ends them all.
        self.process = subprocess.Popen(
            [str(part) for part in command],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL},
            **{"env": ENVIRONMENT, "start_new_session": True},
        )
        alive.add(self)
        try:
            self.port = json.loads(self.line())["port"]
        except BaseException:
            self.stop()
            raise

    def line(self):
        """The line by which it says where it listens."""
        until, read = time.monotonic() + PATIENCE, b""
        while not read.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise Failed(f"{self.process.args[0]} did not start; run it by hand to see why: {self.process.args}")
            read += piece
        return read

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


def build(folder, package):
    """The binary of a package."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics", "-p", package]
    built = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=1800)
    messages = map(json.loads, built.stdout.splitlines())
    found = [message["executable"] for message in messages if message.get("executable")]
    if built.returncode != 0 or not found:
        raise Failed(f"{package} does not build")
    return found[-1]


class Server:
    """What can be started with a set of stubs. `journal` is Cannery's option, where it is not the default."""

    def __init__(self, name, binary, scratch, journal=None):
        self.name, self.binary, self.scratch, self.journal = name, binary, scratch, journal
        self.is_cannery = name.startswith("cannery")

    def can(self, case):
        """Whether it takes part in a case."""
        if self.journal is not None:
            return case.name in ("path", "json")
        return case.peers or self.is_cannery or self.name == "bare"

    def command(self, stubs):
        if not self.is_cannery:
            return [self.binary] + [self.written(stubs)] * (self.name != "bare")
        limit = [] if self.journal is None else ["--journal-limit", self.journal]
        return [self.binary, "serve", "--port", 0, *limit, self.written(stubs)]

    def written(self, stubs):
        """The file, or the folder, with the stubs."""
        if stubs.folder:
            return ROOT / stubs.folder
        path = self.scratch / f"{stubs.name}.{'toml' if self.is_cannery else 'json'}"
        if not path.exists():
            path.write_text(stubs.toml() if self.is_cannery else json.dumps(stubs.plain()))
        return path

    def start(self, stubs):
        return Running(self.command(stubs))
