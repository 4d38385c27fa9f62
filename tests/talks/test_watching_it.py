"""The segment on watching is red when the metrics saw nothing."""


def test_metrics_that_saw_no_work_are_found_out(broken):
    done = broken(
        "watching-it", "    scraper.start()\n", "    scraper.seen.append({})\n    scraper.start()\n    scraper.over.set()\n"
    )
    assert done.returncode == 1
    assert "the metrics saw no work" in done.stderr
