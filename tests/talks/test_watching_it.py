"""The segment on watching is red when the metrics saw nothing."""


def test_metrics_that_saw_no_work_are_found_out(red):
    begin = "    scraper.start()\n"
    blind = "    scraper.seen.append({})\n    scraper.start()\n    scraper.over.set()\n"
    red("watching-it", begin, blind, "the metrics saw no work")


def test_a_worker_that_nobody_kills_is_found_out(red):
    red("watching-it", "signal.SIGKILL)", "0)", "no worker came back")
