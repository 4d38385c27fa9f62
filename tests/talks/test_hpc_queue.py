"""The queue's segment is red when what it says of the queue is not so."""


def test_a_result_that_depends_on_the_run_is_found_out(broken):
    done = broken("hpc-queue", "months = np.random.default_rng(seed)", "months = np.random.default_rng(os.getpid() + seed)")
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr


def test_a_job_that_is_not_cancelled_is_found_out(broken):
    done = broken("hpc-queue", 'told("scancel", "1")', 'told("scontrol", "show", "job", "1")')
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr
