"""Where a value of a TOML file stands."""

from __future__ import annotations

import pytest

from device.config.toml_lines import Key, line_of

TEXT = """\
# a comment
source = "demo"

[tracking]  # how to settle
settle = [
  1,
  2,
]
text = '''
[camera]
'''

[[region]]
name = "a"
[[region]]
name = "b"
camera.width = 3
inline = { x = 1, y = 2 }
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("source",), 2),
        (("tracking",), 4),
        (("tracking", "settle"), 5),
        (("tracking", "text"), 9),
        (("region",), 13),
        (("region", 0, "name"), 14),
        (("region", 1), 15),
        (("region", 1, "name"), 16),
        (("region", 1, "camera", "width"), 17),
        (("region", 1, "inline", "y"), 18),
        (("nowhere",), 1),
        (("region", 7), 1),
        ((), 1),
    ],
)
def test_a_value_stands_where_its_statement_begins(key: Key, line: int) -> None:
    assert line_of(TEXT, key) == line


@pytest.mark.parametrize("mark", ["\u2028", "\u0085"])
def test_what_ends_a_line_elsewhere_ends_none_in_toml(mark: str) -> None:
    assert line_of(f"# one{mark}comment\r\nsource = 'demo{mark}'\r\nmodel = 'cnn'\r\n", ("model",)) == 3
