"""The segment on the wire is red when a door that it calls closed is open."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("LocalCluster(security=keys, **loopback) as locked", 'LocalCluster(protocol="tcp", **loopback) as locked', ""),
        ("foreign = Security.temporary()", "foreign = keys", "another authority's"),
        ('protocol="tls" if security else "tcp", **loopback) as local', 'protocol="tcp", **loopback) as local', ""),
        ("begins(**required)}", "begins()}", ""),
    ],
    ids=["no TLS", "its own authority", "nothing encrypted", "nothing required"],
)
def test_an_open_door_is_found_out(broken, old, new, said):
    done = broken("what-crosses-the-wire", old, new)
    assert done.returncode == 1
    assert "raised " in done.stderr
    assert said in done.stderr
