"""The writer's segment is red when the control shows nothing, and when the new version is seen although the writer died."""

WHOLE = (
    'subprocess.run([sys.executable, "-c", PROGRAM, "versioned", place, str(folder), store.endpoint, json.dumps(access)],'
    " check=True, stdout=subprocess.DEVNULL)"
)


def test_a_control_that_shows_nothing_is_found_out(broken):
    done = broken("a-writer-dies", 'kill_at(half, "plain", place)', 'kill_at("0", "plain", place)\n    fill(plain(place))')
    assert done.returncode == 1
    assert "the control shows nothing" in done.stderr


def test_a_writer_that_is_not_killed_is_found_out(broken):
    done = broken("a-writer-dies", 'kill_at(half, "versioned", place)', WHOLE)
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr
