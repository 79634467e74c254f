"""The cases: sets of stubs, the requests that hit them, and the expected answers."""

import json
from dataclasses import dataclass, field

FIRST_ID = 10000


def body(number=0):
    """Returns 315 bytes of JSON with some twenty members, which differ in `id`."""
    members = {"id": FIRST_ID + number, "kind": "order", "customer": "Ada Lovelace", "city": "London", "paid": True}
    members |= {"total": 129.5, "currency": "GBP", "items": 3, "express": False, "discount": None, "channel": "web"}
    members |= {"coupon": "SPRING", "weight": 2.75, "language": "en", "country": "GB", "store": 17, "gift": False}
    members |= {"source": "catalogue", "version": 4, "note": ""}
    text = json.dumps(members, separators=(",", ":"))
    return text[:-2] + "x" * (315 - len(text)) + text[-2:]


@dataclass
class Stub:
    """Returns a stub for POST that answers its number, or the `response` in Cannery's format."""

    number: int
    path: str = "/items"
    conditions: dict = field(default_factory=dict)
    includes: dict = None
    response: str = None

    @property
    def answer(self):
        return f'{{"stub":{self.number}}}'

    def toml(self):
        lines = [f'[[stub]]\nname = "{self.number}"\nrequest.path = "{self.path}"\n']
        lines += [f"request.{key} = {json.dumps(value)}\n" for key, value in self.conditions.items()]
        if self.includes:
            lines.append(f"request.json_includes = '{json.dumps(self.includes)}'\n")
        lines.append(f"response.json = {self.response or repr(self.answer)}\n")
        return "".join(lines)


@dataclass
class Set:
    """The stubs of a server: a list, or a folder of scenarios below the root of the repository."""

    name: str
    stubs: list = None
    folder: str = None

    def toml(self):
        return '[request]\nmethod = "POST"\n\n' + "\n".join(stub.toml() for stub in self.stubs)

    def plain(self):
        """Returns the stubs for the other servers."""
        return [{"path": stub.path, "includes": stub.includes, "answer": stub.answer} for stub in self.stubs]


@dataclass
class Case:
    """One request to a set. `one` names the case of a single stub that it is compared with."""

    name: str
    hit: str
    set: Set
    target: str
    body: str
    headers: dict
    status: int
    answer: str
    peers: bool = False
    one: str = None

    @property
    def title(self):
        return f"{self.name} {self.hit}".strip()


JSON = {"Content-Type": "application/json"}
TRACKS = ["music.A83EB907-0100-11DB-89CA-0019B92A3933", "music.873FB507-0100-11DB-89CA-0019B92A3933"]
GROOVE = "/1/content/music/collection/add?accessToken=Bearer+made-up"
USER = {"Authorization": "XBL3.0 x=663179813;eyJlbmMiOiJB"}
GROOVE_XML = (
    '<TrackActionRequest xmlns="http://schemas.microsoft.com/xboxmusic/2013/10/platform"><TrackIds '
    'xmlns:d2p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays">'
    + "".join(f"<d2p1:string>{track}</d2p1:string>" for track in TRACKS)
    + "</TrackIds></TrackActionRequest>"
)
# The condition in which the stubs of a kind differ: the stub with a number, and the request that hits it.
KINDS = {
    "path": (lambda n: Stub(n, path=f"/items/{n}"), lambda n: (f"/items/{n}", {})),
    "header": (
        lambda n: Stub(n, conditions={"headers.X-Item": f"item-{n}"}),
        lambda n: ("/items", {"X-Item": f"item-{n}"}),
    ),
    "query": (lambda n: Stub(n, conditions={"query.item": f"item-{n}"}), lambda n: (f"/items?item=item-{n}", {})),
    "json": (lambda n: Stub(n, includes={"id": FIRST_ID + n}), lambda n: ("/items", {})),
    "template": (
        lambda n: Stub(n, path="/shops/{shop}/items", conditions={"path_params.shop": f"shop-{n}"}),
        lambda n: (f"/shops/shop-{n}/items", {}),
    ),
}
# The case "path" has one stub with the same condition; the other kinds have no such case.
ONE = {kind: f"1-{kind}" for kind in KINDS} | {"path": "path"}


def told_apart(kind, count, prefix, hits, peers=False, one=True):
    """Returns the cases of a set of many stubs of a kind."""
    make, request = KINDS[kind]
    stubs = Set(f"{prefix}-{kind}", [make(number) for number in range(count)])
    places = {"first": 0, "middle": count // 2, "last": count - 1, "": 0}
    for hit in hits:
        number = places[hit]
        target, headers = request(number)
        yield Case(
            *(f"{prefix}-{kind}", hit, stubs, target, body(number), JSON | headers, 200, f'{{"stub":{number}}}'),
            **{"peers": peers and hit != "middle", "one": ONE[kind] if one else None},
        )


def single():
    """Returns the cases of one stub, and those of Groove."""
    path = Set("path", [Stub(0, path="/items/0")])
    conditions = Set("json", [Stub(0, includes={"kind": "order", "city": "London", "items": 3})])
    made = '{ item = "{{request.path_params.item}}", customer = "{{request.json.customer}}" }'
    template = Set("template", [Stub(0, path="/items/{item}", response=made)])
    groove = Set("groove", folder="scenarios/groove")
    tracks = json.dumps({"TrackIds": TRACKS})
    yield Case("path", "", path, "/items/0", body(), JSON, 200, '{"stub":0}', peers=True)
    yield Case("json", "", conditions, "/items", body(), JSON, 200, '{"stub":0}', peers=True)
    results = '{"TrackActionResults":[{"InputId":"music.A83EB907'
    yield Case("groove", "", groove, GROOVE, tracks, JSON | USER, 200, results)
    xml = {"Content-Type": "application/xml"}
    yield Case("groove-xml", "", groove, GROOVE, GROOVE_XML, xml | USER, 200, "<TrackActionResponse")
    yield Case("template", "", template, "/items/7", body(), JSON, 200, '{"item":"7","customer":"Ada Lovelace"}')
    yield Case("miss", "", path, "/nowhere", body(), JSON, 404, "")
    for kind in KINDS:
        if kind != "path":
            yield from told_apart(kind, 1, "1", [""], one=False)


def every(large, quick):
    """Returns all cases. A quick run leaves out the hits in the middle."""
    hits = ["first", "last"] if quick else ["first", "middle", "last"]
    cases = list(single())
    cases += told_apart("json", 1000, "1k", ["first", "last"], peers=True)
    for kind in KINDS:
        cases += told_apart(kind, 10000, "10k", hits, peers=kind == "path")
    many = next(case.set for case in cases if case.name == "10k-path")
    cases.append(Case("10k-miss", "", many, "/items/nowhere", body(), JSON, 404, "", one="miss"))
    if large:
        cases += told_apart("path", 100000, "100k", hits)
    return cases
