"""The queue's segment is red when what it says of the queue is not so."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        (
            "months = np.random.default_rng(seed)",
            "months = np.random.default_rng(os.getpid() + seed)",
            "assert result.tobytes() == control.tobytes()",
        ),
        ('told("scancel", "1")', 'told("scontrol", "show", "job", "1")', '["CANCELLED"] + ["PREEMPTED", "CANCELLED"] * 2'),
        (
            'PriorityWeightFairshare=1000", "PriorityWeightFairshare=0"',
            'PriorityWeightFairshare=1000", "PriorityWeightFairshare=999"',
            'without[1] == ["forecast", "research"]',
        ),
    ],
    ids=["a result of the run", "no job is cancelled", "fair share is on in the control"],
)
def test_a_queue_that_does_otherwise_is_found_out(red, old, new, assertion):
    red("hpc-queue", old, new, assertion)
