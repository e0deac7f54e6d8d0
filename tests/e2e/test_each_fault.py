"""Each fault alone, in both flavours and with every kind of sign-in: the mirror is whole, or the verdict says that it is not and one calm
run makes it so. No secret is left anywhere on the way."""
import collections

import pytest

import rig
import signin
from test_faults import SAID, assert_every_issue, assert_pauses_kept, assert_truthful, fired, spoil

PROJECTS = ["HADOOP", "KAFKA"]
EACH = rig.long_or_short(600, 60)
PAGE = rig.long_or_short(40, 10)
SIGNED_OUT = {77}  # a truthful word, too, where the server takes the credentials for nobody's

Fault = collections.namedtuple("Fault", "script same says anybody", defaults=(True, frozenset(), True))

# family -> name -> what goes wrong. What a fault leaves in an issue's text is what the server said: there (same False) the mirror need only
# have every issue.
BOTH = {
    "refused": {
        "429 in seconds": Fault("search every 4 times 2: 429 retry 1"),
        "429 as a date": Fault("search every 5 times 2: 429 date 1"),
        "429 without a word": Fault("search every 3: 429"),
        "429 as a web page": Fault("search every 3: 429 html"),
        "503 as a web page": Fault("search every 3: 503 html"),
        "503 with a pause": Fault("search nth 5: 503 retry 1"),
        "500": Fault("search every 3: 500"),
        "401 in the middle": Fault("search nth 5: 401", says=SIGNED_OUT),
        "403 in the middle": Fault("search nth 5: 403", says=SIGNED_OUT),
        "the account cannot be asked": Fault("path myself every 2: 503\npath serverInfo nth 1: 500\npath project nth 1: 502"),
    },
    "connection": {
        "dropped": Fault("search every 3: drop"),
        "reset": Fault("search every 3: reset"),
        "cut": Fault("search every 3: cut 40%"),
        "reset in the body": Fault("search every 3: reset-body 60%"),
        "stall": Fault("search every 9 times 3: stall 0.3"),
        "hang in the body": Fault("search every 9 times 3: hang 0.3"),
        "stall past the time-out": Fault("search every 7 times 2: stall 3"),
        "hang past the time-out": Fault("search every 7 times 2: hang 3"),
        "drip": Fault("search nth 4: drip 400000"),
        "promises more than it sends": Fault("search every 4: longer 100"),
    },
    "body": {
        "login page": Fault("search every 4: login"),
        "truncated JSON": Fault("search every 3: truncate 50%"),
        "gzip": Fault("search: gzip"),
        "chunked": Fault("search: chunked"),
        "byte order mark": Fault("search every 2: bom"),
    },
    "page": {
        "empty pages": Fault("search every 3: empty"),
        "duplicate rows": Fault("search: duplicate 5"),
        "total too large": Fault("search every 2: total +3"),
        "total too small": Fault("search every 5: total -3"),
    },
    "issue": {
        "one issue of the wrong shape": Fault("has HADOOP-12: shape no-fields"),
        "a page that fails with one issue on it": Fault("search has HADOOP-40: 500"),
        "the children fail": Fault("issue every 2: 503\ncomment every 2: 503\nworklog every 2: 503\npath changelog every 2: 503"),
        "the children are cut off": Fault("comment every 3: cut\nworklog every 2: truncate\npath changelog every 2: drop"),
        "a huge issue": Fault("has KAFKA-7: big 20", same=False),
        "bad UTF-8": Fault("has KAFKA-7: bad-utf8", same=False),
        "half a surrogate pair": Fault("has KAFKA-7: surrogate", same=False),
        "a NUL": Fault("has KAFKA-7: nul", same=False),
    },
}
# what only Cloud has; its count is an estimate
CLOUD = {
    "page": {
        "total too large": Fault("path approximate-count every 2: total +3"),
        "total too small": Fault("path approximate-count every 3: total -3"),
        "the count fails": Fault("path approximate-count every 2: 500"),
    },
    "issue": {"histories fail in bulk": Fault("path changelog/bulkfetch: 500", anybody=False),
              "histories in bulk are cut off": Fault("path changelog/bulkfetch every 2: truncate 70%", anybody=False)},
    "refused": {"429 for a burst": Fault("search every 4 times 2: 429 retry 1 reason burst"),
                "429 for the quota": Fault("search every 4 times 2: 429 retry 1 reason tenant")},
}
OAUTH = {
    "tokens are refused for now": Fault("token every 2: 503"),
    "tokens are limited": Fault("token nth 1: 429 retry 1"),
    "the token's answer is lost": Fault("token every 2: drop"),
    "the token's answer is cut off": Fault("token every 3: cut 50%"),
    "the token's answer is no JSON": Fault("token every 2: truncate 40%"),
    "a web page for a token": Fault("token every 2: login"),
    "the token is refused": Fault("token nth 2: 403", says=SIGNED_OUT),
    "the gateway forgets tokens": Fault("search every 9: 401", says=SIGNED_OUT),
}


def catalogue(flavour):
    """family -> name -> fault, as this flavour has it."""
    return {family: {**faults, **(CLOUD.get(family, {}) if flavour == "cloud" else {})} for family, faults in BOTH.items()}


def cases():
    """(way, name, fault): with JD_LONG every fault in every way; else each fault once in each flavour, the ways in turn, so that every
    family is met by every way."""
    for flavour in ("dc", "cloud"):
        for turn, (family, faults) in enumerate(catalogue(flavour).items()):
            for i, (name, fault) in enumerate(faults.items()):
                ways = [way for way in signin.ways(flavour) if fault.anybody or "anonymous" not in way]
                for way in ways if rig.LONG else [ways[(i + turn) % len(ways)]]:
                    yield way, name, fault
    for name, fault in OAUTH.items():
        yield "cloud oauth", name, fault


CASES = list(cases())


def test_every_way_meets_every_family():
    met = {(way, family) for way, name, _ in CASES for family in BOTH if name in catalogue(way.split()[0])[family]}
    assert met == {(way, family) for way in signin.WAYS for family in BOTH}


def scrape(jd, *args, **how):
    return jd.scrape("--projects", *PROJECTS, "--page-size", PAGE, "--concurrency", "4", "--log-level", "debug",
                     "--metrics", jd.box / "m.prom", *args, **how)


def assert_mirror(jd, sim, flavour):
    rig.assert_mirror(jd, sim) if flavour == "dc" else rig.assert_cloud_mirror(jd, sim)


@pytest.mark.parametrize("way, name, fault", CASES, ids=[f"{way}: {name}" for way, name, _ in CASES])
def test_each_fault_alone(start_sim, product, box, way, name, fault):
    me = signin.SignIn(way, box)
    clock = {"clock": "real"} if name in OAUTH else {}
    sim = me.start(start_sim, *(a for p in PROJECTS for a in ("--generate", f"{p}:{EACH}")), "--page-cap", PAGE, "--embed-comments", "4",
                   "--embed-changelog", "1" if me.flavour == "cloud" else "0", "--threads", "4", "--tune", f"rich_cap={PAGE}",
                   *(("access_s=1", "leeway_ms=600000") if name in OAUTH else ()), **clock)
    jd = me.product(product, sim)
    spoil(sim, fault.script)
    pace = ("--delay", "0.02") if name in OAUTH else ()  # so long that tokens are renewed on the way
    done = scrape(jd, "--timeout", "1.5" if "time-out" in name else "10", *pace, expect=None)
    assert fired(sim), "the fault never happened: the test shows nothing"
    assert_truthful(jd, done, SAID | fault.says)
    assert_pauses_kept(sim)
    if done.status == 0:
        assert_mirror(jd, sim, me.flavour) if fault.same else assert_every_issue(jd, sim)
    me.assert_unseen(jd, done.out, done.err)
    spoil(sim, "")
    calm = scrape(jd)
    assert_mirror(jd, sim, me.flavour) if fault.same else assert_every_issue(jd, sim)
    me.assert_unseen(jd, calm.out, calm.err)
    if me.how == "oauth":
        assert sim.control("oauth", check=me.tokens()["refresh_token"])["state"] == "live"
