"""On which line a key of a TOML file stands."""

import pytest

from roadshow.lines import line_of

TEXT = '''# a comment = 1
top = 1

[one]
a = "x = y"
b = """
[two]
c = 1
"""
"quoted key" = 2
list = [
  "d = 4",
]

[one.inner]
e = { f = 1 }  # [two]
[[many]]
g = 1
[[many]]
g = 2
[ two . "dotted.name" ]
h = 1
'''


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("top",), 2),
        (("one",), 4),
        (("one", "a"), 5),
        (("one", "b"), 6),
        (("one", "c"), 4),
        (("one", "quoted key"), 10),
        (("one", "list", 0), 11),
        (("one", "list", "d"), 11),
        (("one", "inner", "e", "f"), 16),
        (("many", 0, "g"), 18),
        (("many", 1, "g"), 20),
        (("two", "dotted.name", "h"), 22),
        (("nowhere", "x"), 1),
    ],
)
def test_a_key_has_its_line_and_a_missing_one_that_of_its_table(where, line):
    assert line_of(TEXT, where) == line
