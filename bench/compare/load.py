"""The load: wrk at the maximum rate, `pace` at a steady rate, and a single request that checks the answer."""

import http.client
import json
import re
import subprocess
from dataclasses import dataclass

from processes import Failed

CONNECTIONS = 32
# The threads of wrk; `run` sets it.
threads = 2


@dataclass
class Load:
    """The result of a server under load."""

    requests: int
    rate: float
    cpu: float
    before: int
    after: int

    @property
    def cpu_each(self):
        """Returns the CPU time of a request in microseconds."""
        return self.cpu / self.requests * 1e6

    @property
    def kept_each(self):
        """Returns the bytes of memory that a request leaves behind."""
        return (self.after - self.before) / self.requests


def check(server, running, case):
    """Sends the request of a case once, because a server with wrong answers must not be compared."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    connection.request("POST", case.target, case.body, case.headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    status, wanted = server.expected(case)
    if answer.status != status or not text.startswith(wanted):
        raise Failed(f"{server.name} answers {case.title} with {answer.status} {text[:200]}")


def wrk(running, case, seconds, scratch):
    """Returns the number of requests, requests per second, and the number of answers that were not 2xx."""
    script = scratch / f"{case.title.replace(' ', '-')}.lua"
    if not script.exists():
        lines = ['wrk.method = "POST"', f"wrk.body = [==[{case.body}]==]"]
        lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in case.headers.items()]
        script.write_text("\n".join(lines))
    command = ["wrk", f"-t{threads}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-s", script]
    command.append(f"http://127.0.0.1:{running.port}{case.target}")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    errors = re.search(r"Socket errors: .*", done.stdout)
    if errors:
        raise Failed(f"{case.title}: {errors[0]}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    requests, rate = re.search(r"(\d+) requests in", done.stdout), re.search(r"Requests/sec: +([\d.]+)", done.stdout)
    return int(requests[1]), float(rate[1]), int(refused[1]) if refused else 0


def measure(server, running, case, seconds, scratch):
    """Warms up, then loads a server with the request of a case."""
    check(server, running, case)
    wrk(running, case, server.warm, scratch)
    running.settle()
    cpu, before = running.cpu(), running.resident()
    requests, rate, refused = wrk(running, case, seconds, scratch)
    cpu, after = running.cpu() - cpu, running.resident()
    expected = 0 if server.expected(case)[0] == 200 else requests
    if requests == 0 or refused != expected:
        raise Failed(f"{server.name}: {refused} of {requests} requests of {case.title} were no 2xx")
    return Load(requests, rate, cpu, before, after)


def raw(case):
    """Returns the bytes of a request."""
    headers = {"Host": "127.0.0.1", "Content-Length": len(case.body.encode())} | case.headers
    lines = [f"POST {case.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + case.body


def pace(binary, running, case, rate, seconds, scratch):
    """Measures latencies at a steady rate, in microseconds."""
    request = scratch / "paced"
    request.write_text(raw(case), newline="")
    command = [binary, str(running.port), str(round(rate)), str(seconds), request]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    return json.loads(done.stdout)
