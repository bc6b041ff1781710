"""What tiles are made of is named in full, fetched with ordinary clients, and kept."""

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_digits.errors import DataError
from train.data import fonts
from train.data.picture import backgrounds

REGULAR = "package/files/caveat-latin-400-normal.woff2"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edge-digits"


def _caveat() -> fonts.Font:
    return next(font for font in fonts.listed_fonts() if font.name == "caveat")


def test_every_font_has_a_kind_a_version_and_an_open_licence() -> None:
    listed = fonts.listed_fonts()
    assert len(listed) == len({font.name for font in listed}) > 60
    assert {font.kind for font in listed} == set(fonts.KINDS)
    assert {font.licence for font in listed} == {"OFL-1.1", "Apache-2.0", "UFL-1.0"}
    assert all(font.version[0].isdigit() for font in listed)


def test_every_background_names_its_commit_and_licence() -> None:
    listed = backgrounds.listed_backgrounds()
    assert len(listed) == len({background.file for background in listed}) > 300
    assert all(len(background.commit) == 40 and "/" in background.repo and background.path for background in listed)
    assert all(background.licence for background in listed)


@pytest.mark.slow
def test_a_font_that_is_there_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    font = _caveat()
    font.path.parent.mkdir(parents=True)
    font.path.write_bytes(b"a font")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("npm was asked"))
    assert fonts.fetch_font(font).read_bytes() == b"a font"
    assert fonts.fetched_fonts() == [font]


def test_without_npm_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.shutil, "which", lambda _: None)
    with pytest.raises(DataError, match="npm is not installed"):
        fonts.fetch_font(_caveat())


@pytest.mark.slow
def test_a_font_that_npm_does_not_deliver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.shutil, "which", lambda _: "npm")
    failed = subprocess.CompletedProcess([], 1, "", "npm error 404 Not Found\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(DataError, match=r"@fontsource/caveat@.*404 Not Found"):
        fonts.fetch_font(_caveat())


@pytest.mark.slow
def test_a_package_becomes_a_truetype_file_with_its_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib", reason="fetching fonts needs fonttools and brotli")
    pytest.importorskip("brotli", reason="fetching fonts needs fonttools and brotli")
    matplotlib = pytest.importorskip("matplotlib", reason="takes its font as a sample")
    sample = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "cmss10.ttf"

    def pack(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        face, woff = ttlib.TTFont(sample), io.BytesIO()
        face.flavor = "woff2"
        face.save(woff)
        with tarfile.open(Path(command[-1]) / "caveat.tgz", "w:gz") as archive:
            for name, content in ((REGULAR, woff.getvalue()), ("package/LICENSE", b"OFL")):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fonts.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(subprocess, "run", pack)
    path = fonts.fetch_font(_caveat())
    assert ttlib.TTFont(path).flavor is None
    assert path.with_suffix(".LICENSE").read_bytes() == b"OFL"


def test_a_background_is_fetched_by_its_commit_and_made_small(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    background = backgrounds.listed_backgrounds()[0]
    asked: list[str] = []

    def answer(address: str, timeout: float) -> io.BytesIO:
        asked.append(address)
        return io.BytesIO(cv2.imencode(".png", np.zeros((3000, 1500, 3), np.uint8))[1].tobytes())

    monkeypatch.setattr(backgrounds.urllib.request, "urlopen", answer)
    path = backgrounds.fetch_background(background)
    assert backgrounds.fetch_background(background) == path == cache / "backgrounds" / background.file
    assert asked == [f"https://raw.githubusercontent.com/{background.repo}/{background.commit}/{background.path}"]
    picture = cv2.imread(str(path))
    assert picture is not None and picture.shape == (1024, 512, 3)
    assert backgrounds.background_files(cache) == [path]


def test_what_is_no_picture_is_not_kept(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(backgrounds.urllib.request, "urlopen", lambda *_, **__: io.BytesIO(b"<html>gone</html>"))
    with pytest.raises(DataError, match="not a picture"):
        backgrounds.fetch_background(backgrounds.listed_backgrounds()[0])
    assert not list(cache.rglob("*.jpg"))
