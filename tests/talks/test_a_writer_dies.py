"""The writer's segment is red when the control shows nothing, and when a reader could see a version that was not committed."""

import pytest

TO_THE_END = (
    'subprocess.run([sys.executable, "-c", PROGRAM, "versioned", place, str(folder), store.endpoint, json.dumps(access)],'
    ' input="\\n", text=True, check=True, stdout=subprocess.DEVNULL)'
)


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ('kill_half_way("plain", place)', "fill(plain(place))", "the control shows nothing"),
        ('kill_half_way("versioned", place)', TO_THE_END, 'assert outcomes["versioned", place] == (months, 0)'),
        ("append(seen(whole(place)))", "append(seen(plain(place)))", '"a mixture"'),
        ("            doomed.kill()\n", "            pass\n", "the writer was not killed in its commit"),
    ],
    ids=["no mixture", "not killed", "no versions", "killed too late"],
)
def test_a_version_that_is_seen_too_early_is_found_out(red, old, new, assertion):
    red("a-writer-dies", old, new, assertion)
