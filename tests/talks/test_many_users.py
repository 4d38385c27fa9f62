"""The hub's segment is red when a door is open that it calls shut."""

import pytest

ROLE = '"services": ["helpdesk"], "scopes": ["access:servers"]'
LIST = 'c.Authenticator.allowed_users = {"ana", "ben"}'
OPEN = 'c.Authenticator.allow_all = True; c.JupyterHub.authenticator_class = "dummy"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ROLE, ROLE + ', "users": ["ben"]', "the doors answered [200, 200, 403, 200, 403, 403]"),
        (LIST, OPEN, "the doors answered [200, 403, 403, 200, 200, 200]"),
        ('"--timeout=5"', '"--timeout=400"', "idle or not, both run or neither"),
    ],
    ids=["a colleague with the role", "anybody with any password", "nobody culls"],
)
def test_a_door_that_is_open_is_found_out(red, old, new, said):
    red("many-users", old, new, said)
