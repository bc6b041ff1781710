"""The blocks of a TOML file: each table with what belongs to it, and nothing is lost."""

from __future__ import annotations

import pytest

from device.web.toml_blocks import Block, blocks

REGION = '[[region]]  # the counter\nname = "score"\n'


def test_blocks_joined_are_the_file() -> None:
    text = f"# the desk\r\nsource = 'demo'\n\n{REGION}\n# the camera\n[camera]\nwidth = 640\n\n# the end"
    assert "".join(block.above + block.text for block in blocks(text)) == text


def test_a_comment_above_a_table_belongs_to_it() -> None:
    camera = "[camera]\nwidth = 640\n"
    assert blocks(f"{REGION}\n# far\n\n# near\n{camera}") == [
        Block("", REGION, is_region=True),
        Block("\n# far\n\n# near\n", camera),
    ]
    assert blocks(f"{REGION}# close to both\n{camera}")[1] == Block("# close to both\n", camera)


def test_a_comment_directly_below_the_last_key_belongs_to_its_table() -> None:
    assert blocks(f"{REGION}# digits = 4\n\n[camera]\n")[0].text == f"{REGION}# digits = 4\n"
    assert blocks(f"{REGION}# digits = 4\n") == [Block("", f"{REGION}# digits = 4\n", is_region=True)]


def test_a_comment_at_the_end_belongs_to_nothing() -> None:
    assert blocks(f"{REGION}\n# the end") == [Block("", REGION, is_region=True), Block("\n# the end", "")]


@pytest.mark.parametrize(
    "value",
    ['"""\n[camera]\n# no comment"""', "'''\n\n# no comment\n\n# nor this'''", "[\n[1],\n# a comment\n[2],\n]"],
    ids=["string", "literal", "array"],
)
def test_what_looks_like_a_table_or_a_comment_within_a_value_is_none(value: str) -> None:
    assert blocks(f"{REGION}text = {value}\n") == [Block("", f"{REGION}text = {value}\n", is_region=True)]


@pytest.mark.parametrize("header", ["[[ region ]]", '[["region"]]', " [[region]]#"])
def test_a_region_is_known_however_its_header_is_written(header: str) -> None:
    assert [block.is_region for block in blocks(f"a = 1\n{header}\nb = 1\n[region-1]\n[[x.region]]\n")] == [
        False,
        True,
        False,
        False,
    ]


def test_an_odd_end_of_line_in_a_comment_is_none() -> None:
    assert len(blocks(f"# one\u2028[[region]]\n{REGION}")) == 1
