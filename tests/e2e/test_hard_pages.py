"""Ties, races and caps: what offset paging and minute-grained clocks lose."""
import threading

import rig


def ties(count, **how):
    return [rig.plain_issue(n, **how) for n in range(1, count + 1)]


def test_more_than_a_thousand_in_the_same_second(start_sim, product, box):
    count = rig.long_or_short(6000, 1300)
    data = rig.write_lines(box / "ties.jsonl", ties(count) + [
        rig.plain_issue(count + 1, created="2024-03-05T09:59:59.000+0000"),
        rig.plain_issue(count + 2, created="2024-03-05T10:00:01.000+0000"),
        rig.plain_issue(count + 3, created="2024-03-05T10:01:00.000+0000"),
    ])
    sim = start_sim("--data", data, "--page-cap", "100")
    jd = product(sim)
    jd.scrape("--projects", "TIE")
    assert rig.assert_mirror(jd, sim) == count + 3

    sim.advance(86400)
    for number in range(1, 1101):  # 1,100 changed within one second
        sim.touch(f"TIE-{number}")
    jd.scrape("--projects", "TIE")
    rig.assert_mirror(jd, sim)


def test_an_issue_touched_at_every_request(start_sim, product):
    sim = start_sim("--generate", "HADOOP:400", "--page-cap", "20", clock="real")
    sim.touch_at_every_request("HADOOP-200")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    jd.scrape("--projects", "HADOOP")
    assert len(jd.issue_files()) == 400
    sim.touch_at_every_request(None)
    jd.scrape("--projects", "HADOOP")
    assert rig.assert_mirror(jd, sim) == 400


def test_issues_that_change_while_a_backfill_pages(start_sim, product):
    """Others touch, comment, move and create all the time: an offset would slide under our feet."""
    sim = start_sim("--generate", "HADOOP:300", "--generate", "SPARK:300", "--page-cap", "20", clock="real")
    chance, stop = rig.dice("changes under way"), threading.Event()

    def meddle():
        http = rig.requests.Session()
        for _ in range(3000):  # bounded: it must not outrun every walk for ever
            if stop.wait(0.002):
                break
            what = chance.choice(["touch"] * 6 + ["comment", "move", "create"])
            body = {"key": f"HADOOP-{chance.randint(1, 300)}", "project": "SPARK", "body": "and so on"}
            http.post(f"{sim.root}/_sim/{what}", json=body, timeout=rig.PATIENCE)

    jd = product(sim)
    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        for _ in range(3):
            done = jd.scrape("--projects", "HADOOP", "SPARK", expect=None)
            assert done.status in (0, 3), done.err  # 3: the server has more by now, and it is said
    finally:
        stop.set()
        thread.join()
    jd.scrape("--projects", "HADOOP", "SPARK")
    rig.assert_mirror(jd, sim)


def test_a_page_cap_smaller_than_what_was_asked(start_sim, product):
    sim = start_sim("--generate", "HADOOP:150", "--page-cap", "7")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "--page-size", "1000")
    assert rig.assert_mirror(jd, sim) == 150


def test_an_empty_project_is_complete(start_sim, product):
    sim = start_sim("--generate", "HADOOP:5", "--generate", "EMPTY:0")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "EMPTY")
    assert rig.assert_mirror(jd, sim) == 5
