"""The tables."""

from statistics import median

MB = 1e6


def title(text, columns):
    print(f"\n{text:<36}" + "".join(f"{name:>{width}}" for name, width in columns))


def of(measured, case, server, what):
    return [getattr(one, what) for one in measured[case, server]]


def against(measured, case, server, what):
    """Returns ratios for each round, so that a slow minute of the machine affects both sides."""
    pairs = zip(of(measured, case, server, what), of(measured, case, "bare", what))
    return sorted(own / bare for own, bare in pairs)


def load(measured, cases, servers):
    """Prints CPU, requests per second and memory, by case and server."""
    columns = [("CPU us", 8), ("x bare", 8), ("least-most", 17), ("x one", 7), ("req/s", 9), ("x bare", 8)]
    columns += [("MB before", 11), ("MB after", 10), ("B kept", 8)]
    title("", columns)
    for case in cases:
        # After an interrupted run, a case may lack one of the servers.
        for server in servers if (case.title, "bare") in measured else []:
            if (case.title, server.name) not in measured:
                continue
            shown = [f"{median(of(measured, case.title, server.name, 'cpu_each')):8.1f}"]
            cpu = against(measured, case.title, server.name, "cpu_each")
            spread = f"{cpu[0]:.2f}-{cpu[-1]:.2f}"
            shown.append(f"{median(cpu):8.2f}{spread:>17}{one(measured, case, server.name):>7}")
            rates = of(measured, case.title, server.name, "rate")
            share = against(measured, case.title, server.name, "rate")
            shown.append(f"{median(rates):9.0f}{median(share):8.2f}")
            kept = ("before", "after", "kept_each")
            before, after, each = (median(of(measured, case.title, server.name, what)) for what in kept)
            # With few requests, a single page of memory would dominate.
            few = min(of(measured, case.title, server.name, "requests")) < 10_000
            shown.append(f"{before / MB:11.1f}{after / MB:10.1f}" + (f"{'-':>8}" if few else f"{each:8.0f}"))
            # A blank line separates the cases.
            apart = "\n" if server is servers[0] and case is not cases[0] else ""
            print(f"{apart}{case.title:<19}{server.name:<17}" + "".join(shown))


def one(measured, case, server):
    """Prints the CPU relative to the same server with one stub of the kind."""
    if server == "bare" or (case.one, server) not in measured:
        return "-"
    pairs = zip(of(measured, case.title, server, "cpu_each"), of(measured, case.one, server, "cpu_each"))
    return f"{median(many / few for many, few in pairs):.2f}"


def journal(measured):
    """Prints the cost of the journal: for each round, the ratio with and without it."""
    title("journal of 10,000 to one of 0", [("CPU", 8), ("least-most", 12)])
    for case, server in measured:
        if server == "cannery, limit 0" and (case, "cannery") in measured:
            pairs = zip(of(measured, case, "cannery", "cpu_each"), of(measured, case, server, "cpu_each"))
            ratios = sorted(on / off for on, off in pairs)
            print(f"{case:<36}{median(ratios):8.2f}{f'{ratios[0]:.2f}-{ratios[-1]:.2f}':>12}")


def start(seen):
    title("to the first answer", [("ms", 10), ("- bare", 10), ("MB then", 10)])
    for (server, case), (took, resident) in seen.items():
        more = took - seen["bare", case][0]
        print(f"{case:<19}{server:<17}{took:10.1f}{more:10.1f}{resident / MB:10.1f}")


def growth(seen):
    title("memory under load", [("requests", 12), ("MB", 8)])
    for requests, resident in seen:
        print(f"{'cannery, path':<36}{requests:12,}{resident / MB:8.1f}")


def tail(rate, seen):
    names = ["p50", "p99", "p999", "max", "late"]
    columns = [(f"{name} us", 10) for name in names] + [("p99 ratio", 11), ("to", 4), ("times", 26)]
    title(f"at {rate:,.0f} requests/s", columns)
    p99 = {name: marks["p99"] for (name, _), marks in seen.items()}
    for (name, other), marks in seen.items():
        shown = "".join(f"{marks[mark]:10.0f}" for mark in names)
        times = f"{marks['times']:.0f}" if marks["times"] else ""
        print(f"{name:<36}{shown}{marks['p99'] / p99[other]:11.2f}  {other:<22}{times:>6}")
