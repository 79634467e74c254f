"""Measurements without wrk: starting, memory, the journal, and the slowest answers at a steady rate."""

import contextlib
import http.client
import json
import os
import socket
import threading
import time
from statistics import median

import load
from cases import FIRST_ID
from processes import Failed

MIB = 1024 * 1024
BIG = b"x" * (16 * MIB)
HEALTH = "/__admin/health"
# Reads each body in the journal, and accepts that some entries were evicted.
COUNT = "/__admin/requests/count?incomplete=true"
OF_BODY = {"equalToJson": {"id": FIRST_ID}, "ignoreExtraElements": True}
PATTERN = {"method": "POST", "urlPath": "/items/0", "bodyPatterns": [OF_BODY]}


def start(servers, cases, times):
    """Measures the milliseconds until the first answer, and the memory at that time, by server and case, interleaved."""
    seen = {}
    for _ in range(times):
        for case in cases:
            for server in servers:
                # Only the start is measured.
                if server.name == "cannery":
                    server.scenarios(case.set)
                started = time.monotonic()
                with server.start(case.set) as running:
                    load.check(server, running, case)
                    took = (time.monotonic() - started) * 1000
                    seen.setdefault((server.name, case.title), []).append((took, running.resident()))
    return {key: tuple(median(column) for column in zip(*values)) for key, values in seen.items()}


def growth(server, case, requests, scratch):
    """Measures the memory at first, when the journal has long been full, and after as many requests again."""
    with server.start(case.set) as running:
        load.check(server, running, case)
        seen, done, seconds = [(0, running.resident())], 0, 2
        for wanted in (200_000, 200_000 + requests):
            while done < wanted:
                more, rate, _ = load.wrk(running, case, seconds, scratch)
                done += more
                seconds = max(1, min(60, round((wanted - done) / rate)))
            seen.append((done, running.resident()))
    return seen


def ask(port, method, path, body=None, at_once=None):
    """Makes a call on a new connection, and returns the answer. `at_once` limits how many bytes of a body the system accepts before
    the server reads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.connect()
        if at_once:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, at_once)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise Failed(f"{method} {path}: {answer.status} {text[:200]}")
    return text


@contextlib.contextmanager
def again_and_again(action, pause):
    """Repeats an action during the load, with pauses, until the load is over. Returns the number of repetitions."""
    over, counted, failures = threading.Event(), [], []

    def act():
        while not over.is_set():
            try:
                action()
            except (Failed, OSError, http.client.HTTPException) as failure:
                failures.append(failure)
                return
            counted.append(None)
            over.wait(pause)

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    try:
        yield counted
    finally:
        over.set()
        thread.join(timeout=60)
    if failures or not counted:
        raise Failed(f"what was to happen beside the load did not: {failures}")


# The system accepts some megabytes at once from a program, which then uses a processor for milliseconds,
# no matter who reads them.
SMALL_STEPS = 64 * 1024


def situations(plain, many, file):
    """A situation: a title, the server under load, the action during the load, the pause, and the situation to compare with."""

    def count():
        ask(many, "POST", COUNT, json.dumps(PATTERN))

    def post(port, path, at_once=None):
        return lambda: ask(port, "POST", path, BIG, at_once)

    quiet, whose = "cannery, 10,000 stubs", "cannery 10k"
    yield "bare", "bare", None, 0, "bare"
    yield "cannery, 1 stub", "cannery 1", None, 0, "bare"
    yield quiet, whose, None, 0, "bare"
    yield "  while its health is asked", whose, lambda: ask(many, "GET", HEALTH), 0.05, quiet
    yield "  while they are loaded again", whose, lambda: load_again(file, many), 0.2, quiet
    yield "  while a full journal is asked", whose, count, 0.1, quiet
    yield "  while 16 MiB are posted", whose, post(many, "/items/0"), 0.1, quiet
    yield "  ... in steps of 64 KiB", whose, post(many, "/items/0", SMALL_STEPS), 0.1, quiet
    yield "bare, while 16 MiB are posted", "bare", post(plain, "/"), 0.1, "bare"
    yield "  ... in steps of 64 KiB", "bare", post(plain, "/", SMALL_STEPS), 0.1, "bare"


def load_again(file, port):
    """Changes the file and waits until its new contents are served."""

    def served():
        return json.loads(ask(port, "GET", HEALTH))["reload"]["at"]

    before, until = served(), time.monotonic() + 20
    os.utime(file)
    while served() == before:
        if time.monotonic() > until:
            raise Failed("the stubs were not loaded again")
        time.sleep(0.05)


def tail(servers, cases, pace, options, scratch):
    """Measures latencies at a steady rate: half the maximum rate of the slowest server if no rate is given. Returns the rate, and
    the percentiles by situation."""
    bare, cannery = servers
    one, many = cases
    with bare.start(one.set) as plain, cannery.start(one.set) as first, cannery.start(many.set) as second:
        running = {"bare": (plain, one), "cannery 1": (first, one), "cannery 10k": (second, many)}
        most = [load.wrk(process, case, options.seconds, scratch)[1] for process, case in running.values()]
        rate = options.rate or min(most) / 2
        seen, all_of_them = {}, list(situations(plain.port, second.port, cannery.scenarios(many.set)))
        for _ in range(options.rounds):
            for title, whose, action, pause, against in all_of_them:
                process, case = running[whose]
                beside = again_and_again(action, pause) if action else contextlib.nullcontext([])
                with beside as counted:
                    marks = load.pace(pace, process, case, rate, options.seconds, scratch)
                marks["times"] = len(counted)
                seen.setdefault((title, against), []).append(marks)
    return rate, {key: {name: median(run[name] for run in runs) for name in runs[0]} for key, runs in seen.items()}
