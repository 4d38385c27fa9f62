"""The gateway's segment is red when a limit that it shows is not there."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("c.ClusterConfig.cluster_max_cores = 3", "", "4 workers"),
        ('"worker_cores", default=1, min=1, max=2', '"worker_cores", default=1, min=1, max=9', "it answered ['let in',"),
        ("site = serve(limits)", "site = serve(limits, asks=False)", "'refused: 403', 'refused: 403', 'let in', 'let in']"),
        ('ben = log_in(site, "ana"), log_in(site, "ben")', 'ben = [log_in(site, "ana")] * 2', "'let in', 'let in', 'let in'"),
        ("idle = ana.new_cluster(idle_timeout=5)", "idle = ana.new_cluster()", "idle or not, both run or neither"),
    ],
    ids=["no cores limit", "no worker limit", "no password", "one user", "no idle timeout"],
)
def test_a_limit_that_is_not_there_is_found_out(red, old, new, said):
    red("clusters-within-limits", old, new, said)
