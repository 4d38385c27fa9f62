"""The pipeline's segment is red when a reader could see half a product, and when the product depends on the run."""


def test_a_product_written_in_place_is_found_out(broken):
    done = broken("every-cycle-a-product", 'renamed": watched(step.write)', 'renamed": watched(in_place)')
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr


def test_a_step_that_is_not_killed_is_found_out(broken):
    done = broken("every-cycle-a-product", "victim.send_signal(signal.SIGKILL)", "victim.wait()")
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr
