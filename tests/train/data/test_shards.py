"""Shards of tiles: reproducible, resumable, and refused where they do not fit together."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_digits.errors import ConfigError, DataError
from train.data import pool as pools
from train.data import shards
from train.data.build_pool import tiny_pool
from train.data.pool import Pool
from train.data.shards import Order

ORDER = Order(count=6, pages=2, seed=3, part="train", pool="tiny", code="this")


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool()


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    """Shards of few tiles, made in this process."""

    class Here:
        def __init__(self, *_: object, initializer: object = None, initargs: tuple[object, ...] = ()) -> None:
            shards._pool, shards._order = pool, initargs[1]  # pyright: ignore

        def __enter__(self) -> "Here":
            return self

        def __exit__(self, *_: object) -> None: ...

        def shutdown(self, **_: object) -> None: ...

        map = staticmethod(map)

    monkeypatch.setattr(shards, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(shards, "TILES_EACH", 3)
    monkeypatch.setattr(shards, "PAGES_EACH", 2)


def test_tiles_of_another_version_of_the_code_lie_elsewhere() -> None:
    assert shards.tiles_of(ORDER) == shards.tiles_of(replace(ORDER, count=9))
    assert shards.tiles_of(ORDER) != shards.tiles_of(replace(ORDER, code="that"))


def test_a_shard_gives_back_what_was_written(tmp_path: Path, pool: Pool) -> None:
    tiles = [shards.make_one(pool, ORDER, kind, n) for kind in ("tiles", "pages") for n in range(3)]
    shards.write_shard(tmp_path / "some.npz", tiles)
    back = list(shards.read_shard(tmp_path / "some.npz"))
    for tile, again in zip(tiles, back, strict=True):
        assert np.array_equal(tile.image, again.image)
        assert np.array_equal(tile.boxes, again.boxes) and np.array_equal(tile.labels, again.labels)
        assert tile.kind == again.kind and again.turn == pytest.approx(tile.turn)


@pytest.mark.usefixtures("small_shards")
def test_the_same_order_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        shards.make(tmp_path, tmp_path / name, ORDER, 1, 10**9)
    first = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert sorted(first) == ["pages-0000000.npz", "tiles-0000000.npz", "tiles-0000003.npz", "tiles.json"]


@pytest.mark.usefixtures("small_shards")
def test_an_interrupted_order_goes_on_with_the_missing_shards(tmp_path: Path) -> None:
    shards.make(tmp_path, tmp_path / "out", ORDER, 1, 10**9)
    kept, lost = tmp_path / "out" / "tiles-0000000.npz", tmp_path / "out" / "tiles-0000003.npz"
    before, when = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    shards.make(tmp_path, tmp_path / "out", ORDER, 1, 10**9)
    assert lost.read_bytes() == before and kept.stat().st_mtime_ns == when


@pytest.mark.usefixtures("small_shards")
def test_a_folder_of_another_seed_is_refused(tmp_path: Path) -> None:
    shards.make(tmp_path, tmp_path / "out", ORDER, 1, 10**9)
    with pytest.raises(ConfigError, match=r"tiles\.json.*another --out"):
        shards.make(tmp_path, tmp_path / "out", Order(6, 2, 4, "train", "tiny", "this"), 1, 10**9)


@pytest.mark.usefixtures("small_shards")
def test_whole_shards_stay_where_the_limit_is_reached(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="raise --limit"):
        shards.make(tmp_path, tmp_path / "out", ORDER, 1, 1000)
    assert len(list(shards.read(tmp_path / "out"))) == 3


@pytest.mark.usefixtures("small_shards")
def test_the_manifest_says_what_made_the_tiles(tmp_path: Path) -> None:
    shards.make(tmp_path, tmp_path / "out", ORDER, 1, 10**9)
    said = json.loads((tmp_path / "out" / "tiles.json").read_text())
    assert said == {"count": 6, "pages": 2, "seed": 3, "part": "train", "pool": "tiny", "code": "this"}


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiles-0000000.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match=r"tiles-0000000\.npz: not a whole shard"):
        list(shards.read(tmp_path))


def test_a_pool_comes_back_from_its_folder(tmp_path: Path, pool: Pool) -> None:
    pools.save(pool, tmp_path)
    again = pools.load(tmp_path)
    one, other = (shards.make_one(p, ORDER, "tiles", 1) for p in (pool, again))
    assert np.array_equal(one.image, other.image)
