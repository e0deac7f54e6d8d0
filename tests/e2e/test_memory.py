"""Memory does not grow with the project."""
import pytest

import rig
import peak

CEILING = 64 * 1024  # KiB


@pytest.mark.skipif(rig.SANITIZED, reason="a sanitizer's shadow memory is not the product's")
def test_peak_of_a_scrape(start_sim, product):
    few, many = 2_000, rig.long_or_short(400_000, 100_000)
    peaks = []
    for count in (few, many):
        sim = start_sim("--generate", f"HADOOP:{count}")
        jd = product(sim)
        status, kib = peak.of(jd.command(*jd.scrape_args("--projects", "HADOOP")), cwd=jd.box, env=rig.clean_env(**jd.env))
        assert status == 0
        assert len(jd.issue_files()) == count
        peaks.append(kib)
        sim.stop()
    print(f"peak memory of a scrape: {peaks[0]} KiB for {few} issues, {peaks[1]} KiB for {many}")
    assert max(peaks) <= CEILING


@pytest.mark.skipif(rig.SANITIZED, reason="a sanitizer's shadow memory is not the product's")
def test_peak_of_a_transform(start_sim, product):
    sim = start_sim("--generate", f"HADOOP:{rig.long_or_short(50_000, 4_000)}")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    status, kib = peak.of(jd.command("transform", "--input-dir", jd.raw, "--output", jd.box / "c.jsonl"), cwd=jd.box, env=rig.clean_env())
    assert status == 0 and kib <= CEILING, f"{kib} KiB"
