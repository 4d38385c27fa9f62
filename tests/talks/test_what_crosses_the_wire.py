"""The segment on the wire is red when a door that it calls closed is open."""

import pytest

OUTCOME = '["let in", "let in", "refused", "refused", "refused", "let in"]'
WITH_TLS = "keys = Security.temporary()                              # TLS\nwith LocalCluster(security=keys, **loopback) as locked:"
WITHOUT = 'keys = Security()\nwith LocalCluster(protocol="tcp", **loopback) as locked:'


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        (WITH_TLS, WITHOUT, OUTCOME),
        ("foreign = Security.temporary()", "foreign = keys", OUTCOME),
        ("overheard(keys)", "overheard()", "TLS was read along"),
        ("begins(**required)}", "begins()}", '["starts", "refuses to start", "starts"]'),
    ],
    ids=["TLS turned off", "its own authority", "nothing encrypted", "nothing required"],
)
def test_an_open_door_is_found_out(red, old, new, assertion):
    red("what-crosses-the-wire", old, new, assertion)
