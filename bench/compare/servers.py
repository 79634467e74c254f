"""The servers: how each is built or installed, and how it gets its stubs."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from processes import PATIENCE, Failed, Running

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = HERE / ".cache"
JSON = {"Content-Type": "application/json"}


def build(folder, package):
    """Builds the binary of a package."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics", "-p", package]
    built = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=1800)
    messages = map(json.loads, built.stdout.splitlines())
    found = [message["executable"] for message in messages if message.get("executable")]
    if built.returncode != 0 or not found:
        raise Failed(f"{package} does not build")
    return found[-1]


def install(command, installed):
    """Installs a package into the cache, unless an earlier run did."""
    if not installed.exists():
        if shutil.which(command[0]) is None:
            raise Failed(f"there is no {command[0]} on this machine")
        # Its output goes to standard error, because standard output is for the table.
        done = subprocess.run(command, stdout=subprocess.DEVNULL, timeout=1800)
        if done.returncode != 0 or not installed.exists():
            raise Failed(f"`{' '.join(map(str, command))}` does not work")
    return installed


class Bare:
    """hyper, without a mock server."""

    name = "bare"
    # A peer is optional; this server and Cannery are not.
    must = True
    # Seconds of load before it is measured.
    warm = 1

    def __init__(self, scratch):
        self.scratch = scratch
        self.binary = self.get()

    def get(self):
        return build(HERE, "bare")

    def can(self, case):
        """Returns whether it takes part in a case."""
        return True

    def expected(self, case):
        """Returns the expected status for a case, and the start of the expected text."""
        return 200, ""

    def start(self, stubs):
        return Running([self.binary])

    def write(self, stubs, name, text):
        """Returns a file of a set, and writes it when it is first needed."""
        path = self.scratch / f"{stubs.name}-{self.name.replace(' ', '')}" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text())
        return path


class BareHalf(Bare):
    """hyper on as many threads as Cannery has: half of the processors."""

    name = "bare, half"

    def can(self, case):
        return case.name in ("path", "groove")

    def start(self, stubs):
        threads = (os.cpu_count() + 1) // 2
        return Running(["env", f"TOKIO_WORKER_THREADS={threads}", self.binary])


class Cannery(Bare):
    """The command of this repository, as released."""

    name = "cannery"

    def __init__(self, scratch, binary=None):
        self.given = binary
        super().__init__(scratch)

    def get(self):
        return self.given or build(ROOT, "cannery-cli")

    def expected(self, case):
        return case.status, case.answer

    def options(self):
        return []

    def scenarios(self, stubs):
        """Returns the file or the folder with the stubs."""
        return ROOT / stubs.folder if stubs.folder else self.write(stubs, "stubs.toml", stubs.toml)

    def start(self, stubs):
        return Running([self.binary, "serve", "--port", 0, *self.options(), self.scenarios(stubs)])


class Unjournaled(Cannery):
    """Cannery with an empty journal."""

    name = "cannery, limit 0"

    def can(self, case):
        return case.name in ("path", "json")

    def options(self):
        return ["--journal-limit", 0]


class Unlogged(Cannery):
    """Cannery without a log, like the other servers."""

    name = "cannery, no log"

    def can(self, case):
        return case.name in ("path", "json", "groove", "groove-xml", "template")

    def options(self):
        return ["--log-format", "off"]


class Peer(Bare):
    """Another mock server. It takes part in the cases that all of them can express, and may fail in them."""

    must = False

    def can(self, case):
        return case.peers

    def expected(self, case):
        return case.status, case.answer


class Crate(Peer):
    """A library, in a program in the folder with its name."""

    def get(self):
        return build(HERE, f"peer-{self.name}")

    def start(self, stubs):
        return Running([self.binary, self.write(stubs, "stubs.json", lambda: json.dumps(stubs.plain()))])


class WiremockCrate(Crate):
    name = "wiremock"


class Httpmock(Crate):
    name = "httpmock"


class Mockito(Crate):
    name = "mockito"


class Rift(Peer):
    """mountebank, or a server with its API. Its record of requests is off, which is the default."""

    name = "rift"
    # Later versions need a newer compiler than Cannery.
    version = "0.19.0"

    def get(self):
        root = CACHE / f"rift-{self.version}"
        command = ["cargo", "install", "rift-http-proxy", "--version", self.version, "--locked", "--root", root]
        return install(command, root / "bin" / "rift-http-proxy")

    def start(self, stubs):
        admin, metrics, port = free_ports(3)
        options = ["--host", "127.0.0.1", "--port", admin, "--metrics-port", metrics, "--nologfile"]
        running = Running([self.binary, *options], pattern=None)
        try:
            listed = [self.stub(stub) for stub in stubs.stubs]
            imposter = {"protocol": "http", "host": "127.0.0.1", "port": port, "stubs": listed}
            until_taken(running, admin, "POST", "/imposters", json.dumps(imposter), 201)
            running.port = port
        except BaseException:
            running.stop()
            raise
        return running

    def stub(self, stub):
        predicates = [{"equals": {"method": "POST", "path": stub.path}}]
        predicates += [{"equals": {"body": stub.includes}}] if stub.includes else []
        answer = {"statusCode": 200, "headers": JSON, "body": stub.answer}
        return {"predicates": predicates, "responses": [{"is": answer}]}


class WireMock(Peer):
    """The Java server, from the npm package with its jar."""

    name = "wiremock-java"
    # Until the JIT has compiled the hot code.
    warm = 8
    version = "3.13.2"

    def get(self):
        if shutil.which("java") is None:
            raise Failed("there is no java on this machine")
        root = CACHE / f"wiremock-{self.version}"
        jar = root / f"node_modules/wiremock/build/wiremock-standalone-{self.version}.jar"
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        return install(["npm", "install", "--prefix", root, *quiet, f"wiremock@{self.version}"], jar)

    def start(self, stubs):
        def mappings():
            return json.dumps({"mappings": [self.mapping(stub) for stub in stubs.stubs]})

        root = self.write(stubs, "mappings/stubs.json", mappings).parent.parent
        options = ["--port", 0, "--bind-address", "127.0.0.1", "--disable-banner", "--root-dir", root]
        return Running(["java", "-jar", self.binary, *options], pattern=r"port: +(\d+)")

    def mapping(self, stub):
        request = {"method": "POST", "urlPath": stub.path}
        if stub.includes:
            request["bodyPatterns"] = [{"equalToJson": stub.includes, "ignoreExtraElements": True}]
        return {"request": request, "response": {"status": 200, "headers": JSON, "body": stub.answer}}


PEERS = {peer.name: peer for peer in (WiremockCrate, Httpmock, Mockito, Rift, WireMock)}


def free_ports(count):
    """Returns free ports, for a server that cannot report its port."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until_taken(running, port, method, path, body, status):
    """Makes a call as soon as the port is open."""
    until = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, JSON)
            answer = connection.getresponse()
            text = answer.read()
            break
        except ConnectionRefusedError:
            if time.monotonic() > until or running.process.poll() is not None:
                raise Failed(f"does not start; run it by hand to see why: {running.process.args}") from None
            time.sleep(0.02)
        finally:
            connection.close()
    if answer.status != status:
        raise Failed(f"{method} {path}: {answer.status} {text[:200]}")
