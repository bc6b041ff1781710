"""Picture files come out grey, upright and on white; what cannot be read is refused in one clear line."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_files import (
    CORNER,
    NOISE,
    animated_png,
    animated_webp,
    chunk,
    encoded,
    jpeg_turned,
    palette_png,
    png,
    png_turned,
    tiff_of_two,
    webp_turned,
    without_a_restart,
)

from edge_digits.errors import ImageError
from edge_digits.io.header import read_header
from edge_digits.io.image import MAX_BYTES, decode_grey, load_grey, to_grey

DATA = Path(__file__).parents[2] / "data"
EXTENSIONS = (".jpg", ".png", ".tif", ".webp", ".bmp")

# What stored pixels must become to be upright, for each EXIF orientation.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a.T, 2),
    8: lambda a: np.rot90(a),
}


class TestReads:
    def test_a_cmyk_jpeg(self) -> None:
        """tests/data/cmyk.jpg: 64 x 48, light, with a dark bar at x 8..23, y 8..39; written with Pillow."""
        grey = load_grey(DATA / "cmyk.jpg")
        assert grey.shape == (48, 64)
        assert grey[12:36, 12:20].max() < 60
        assert grey[:, 32:].min() > 230

    @pytest.mark.parametrize("extension", [".png", ".tif", ".bmp", ".webp"])
    def test_every_lossless_format_alike(self, extension: str) -> None:
        options = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == ".webp" else []
        data = cv2.imencode(extension, CORNER, options)[1].tobytes()
        assert np.array_equal(decode_grey(data), CORNER)

    @pytest.mark.parametrize("extension", [".png", ".tif"])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_16_bit_pictures(self, extension: str, channels: int) -> None:
        deep = CORNER.astype(np.uint16) * 257
        data = encoded(extension, deep if channels == 1 else cv2.merge([deep] * 3))
        assert np.array_equal(decode_grey(data), CORNER)

    def test_a_palette_png(self) -> None:
        assert decode_grey(palette_png(transparent=False)).tolist() == [[250, 20, 250, 0]]

    def test_a_palette_png_with_a_transparent_colour_on_white(self) -> None:
        assert decode_grey(palette_png(transparent=True)).tolist() == [[250, 20, 250, 255]]

    def test_a_png_of_one_bit(self) -> None:
        assert decode_grey(png(4, 1, 1, 0, b"\0\xa0")).tolist() == [[255, 0, 255, 0]]

    @pytest.mark.parametrize("depth", [8, 16])
    def test_ink_on_a_transparent_ground_as_ink_on_white(self, depth: int) -> None:
        alpha = np.zeros((20, 20), np.uint8)
        alpha[5:10, 5:10] = 255
        alpha[12:15, 12:15] = 128
        black = np.zeros_like(alpha)
        image = cv2.merge([black, black, black, alpha])
        data = encoded(".png", image if depth == 8 else image.astype(np.uint16) * 257)
        grey = decode_grey(data)
        assert grey[0, 0] == 255
        assert grey[7, 7] == 0
        assert abs(int(grey[13, 13]) - 127) <= 1

    def test_grey_with_alpha(self) -> None:
        assert decode_grey(png(2, 1, 8, 4, b"\0" + bytes([0, 0, 40, 255]))).tolist() == [[255, 40]]

    @pytest.mark.parametrize("orientation", UPRIGHT)
    @pytest.mark.parametrize("make", [jpeg_turned, png_turned, webp_turned])
    def test_a_turned_photograph_as_it_is_displayed(self, make, orientation: int) -> None:
        expected = UPRIGHT[orientation](CORNER)
        grey = decode_grey(make(orientation))
        assert grey.shape == expected.shape
        assert np.abs(grey.astype(int) - expected).max() < 40

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_a_photograph_with_a_senseless_orientation_unturned(self, orientation: int) -> None:
        assert decode_grey(jpeg_turned(orientation)).shape == CORNER.shape

    def test_a_turned_tiff_once(self) -> None:
        """OpenCV's TIFF decoder turns the picture itself, whatever the flags say."""
        pixels = CORNER.tobytes()
        entries = [(256, 60), (257, 40), (258, 8), (259, 1), (262, 1), (273, 8), (274, 6), (277, 1)]
        entries += [(278, 40), (279, len(pixels))]
        directory = struct.pack("<H", len(entries))
        for tag, value in entries:
            directory += struct.pack("<HHII", tag, 4 if tag in (273, 279) else 3, 1, value)
        data = b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + directory + struct.pack("<I", 0)
        assert np.array_equal(decode_grey(data), UPRIGHT[6](CORNER))

    @pytest.mark.parametrize("kind", [(254, 1), (254, 4), (255, 2)], ids=["reduced", "mask", "reduced, of old"])
    def test_a_tiff_with_a_second_picture_that_is_no_page(self, kind: tuple[int, int]) -> None:
        assert np.array_equal(decode_grey(tiff_of_two(kind)), CORNER)

    @pytest.mark.parametrize("following", [8, 26])
    def test_a_tiff_whose_directories_go_round_in_a_circle(self, following: int) -> None:
        """From the one at 8 to the one at 26, and from there back, or to itself."""
        data = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 256, 3, 1, 60, 0, 26) + struct.pack("<HI", 0, following)
        with pytest.raises(ValueError, match="header is damaged"):
            read_header(data)

    def test_a_picture_with_bytes_behind_its_end(self) -> None:
        assert decode_grey(encoded(".jpg", CORNER) + b"motion picture" * 100).shape == CORNER.shape

    def test_a_jpeg_with_bytes_too_many_before_its_end_and_warns(self, caplog: pytest.LogCaptureFixture) -> None:
        """As some webcams write every picture; the decoder cannot tell them from damage."""
        jpeg = encoded(".jpg", CORNER)
        assert np.array_equal(decode_grey(jpeg[:-2] + bytes(50) + jpeg[-2:], "a.jpg"), decode_grey(jpeg))
        assert len(caplog.messages) == 1
        assert caplog.messages[0].startswith("a.jpg: the JPEG picture is damaged; what is read in it may be wrong")

    def test_a_jpeg_that_jumps_a_restart_and_warns(self, caplog: pytest.LogCaptureFixture) -> None:
        assert decode_grey(without_a_restart(), "a.jpg").shape == NOISE.shape
        assert caplog.messages[0].startswith("a.jpg: the JPEG picture is damaged")

    def test_a_whole_picture_without_a_warning(self, caplog: pytest.LogCaptureFixture) -> None:
        for extension in EXTENSIONS:
            decode_grey(encoded(extension, CORNER))
        assert not caplog.messages

    def test_what_decoders_mutter_stays_off_standard_error(self, capfd) -> None:
        rows = b"".join(b"\0" + row.tobytes() for row in CORNER)
        broken_profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile"))
        assert np.array_equal(decode_grey(png(60, 40, 8, 0, rows, broken_profile)), CORNER)
        assert capfd.readouterr().err == ""
        print("still heard", file=sys.stderr)
        assert capfd.readouterr().err == "still heard\n"

    @pytest.mark.slow
    def test_without_any_standard_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(encoded(".png", CORNER))
        code = "from edge_digits.io.image import load_grey; print(load_grey('a.png').shape)"
        environment = {**os.environ, "PYTHONPATH": str(DATA.parent.parent)}
        command = f'exec 2>&-; exec "{sys.executable}" -c "{code}"'
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.stdout == "(40, 60)\n"


class TestRefuses:
    def refusal(self, data: bytes, name: str = "some.file") -> str:
        with pytest.raises(ImageError) as caught:
            decode_grey(data, name)
        message = str(caught.value)
        assert message.startswith(f"{name}: ")
        assert "\n" not in message
        return message

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match=r"none\.png: no such file"):
            load_grey(tmp_path / "none.png")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="is a folder"):
            load_grey(tmp_path)

    def test_a_name_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="cannot be opened: File name too long"):
            load_grey(tmp_path / ("x" * 300))

    def test_an_empty_file(self) -> None:
        assert "the file is empty" in self.refusal(b"")

    def test_a_text_file_named_png(self) -> None:
        assert "expected JPEG, PNG, TIFF, WebP or BMP" in self.refusal(b"1 2 3 4\n" * 40, "list.png")

    @pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc"])
    def test_heic_and_says_what_to_do(self, brand: bytes) -> None:
        message = self.refusal(b"\0\0\0\x18ftyp" + brand + bytes(100))
        assert "Most Compatible" in message
        assert "heif-convert" in message

    @pytest.mark.parametrize(
        ("start", "advice"),
        [(b"\0\0\0\x18ftypavif", "save it as"), (b"GIF89a", "save it as"), (b"%PDF-1.7", "pdftoppm")],
    )
    def test_other_formats_and_says_what_to_do(self, start: bytes, advice: str) -> None:
        assert advice in self.refusal(start + bytes(100))

    @pytest.mark.parametrize(
        "header",
        [
            png(40_000, 40_000, 8, 0, b""),
            b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, 40_000, 40_000, 1) + b"\1\x11\0",
            b"BM" + struct.pack("<IIIIii", 99, 0, 54, 40, 40_000, -40_000) + bytes(40),
            b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 256, 4, 1, 40_000, 257, 4, 1, 40_000, 0),
            b"RIFF\x64\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\x3f\x9c\0\x3f\x9c\0",
        ],
        ids=["png", "jpeg", "bmp", "tiff", "webp"],
    )
    def test_a_huge_picture_by_its_header_alone(self, header: bytes) -> None:
        start = time.perf_counter()
        message = self.refusal(header)
        assert time.perf_counter() - start < 2.0
        assert "40000 x 40000 pixels are more than the 100 million" in message

    def test_an_endless_file(self) -> None:
        with pytest.raises(ImageError, match=f"larger than {MAX_BYTES >> 20} MB"):
            load_grey("/dev/zero")

    @pytest.mark.parametrize("extension", EXTENSIONS)
    @pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9, 0.995])
    def test_a_truncated_picture(self, extension: str, kept: float, capfd) -> None:
        image = np.random.default_rng(1).integers(0, 255, (300, 400), dtype=np.uint8)
        data = encoded(extension, cv2.GaussianBlur(image, (0, 0), 3))
        message = self.refusal(data[: int(len(data) * kept)])
        assert "cut short" in message or "damaged" in message
        assert capfd.readouterr().err == ""

    def test_a_tiff_of_several_pages_and_says_what_to_do(self, tmp_path: Path) -> None:
        """Only the first would be read, and nobody would know of the numbers on the others."""
        cv2.imwritemulti(str(tmp_path / "a.tif"), [CORNER, CORNER, CORNER])
        pages = (tmp_path / "a.tif").read_bytes()
        assert "several pages; take them apart first, for example: tiffsplit" in self.refusal(pages)
        assert "several pages" in self.refusal(tiff_of_two((254, 2)))

    def test_a_tiff_that_ends_before_its_next_page(self) -> None:
        assert "cut short" in self.refusal(tiff_of_two((254, 2))[: -CORNER.size - 60])

    @pytest.mark.parametrize("make", [animated_png, animated_webp])
    def test_animated_pictures(self, make: Callable[[], bytes]) -> None:
        assert "animated pictures are not read; save one" in self.refusal(make())

    def test_a_tiff_of_floats(self) -> None:
        assert "float32" in self.refusal(encoded(".tif", CORNER.astype(np.float32)))

    def test_a_jpeg_without_its_last_two_bytes(self) -> None:
        assert "cut short" in self.refusal(encoded(".jpg", CORNER)[:-2])

    def test_a_jpeg_that_is_damaged_before_it_is_cut_short(self) -> None:
        """The decoder only tells of what it meets with first, and that is no reason to refuse a picture."""
        data = without_a_restart()
        assert "cut short" in self.refusal(data[: len(data) * 3 // 4])

    def test_half_a_jpeg_that_was_closed_again(self) -> None:
        """Some cameras end a file they could not finish; the decoder would fill the rest with grey."""
        image = np.random.default_rng(1).integers(0, 255, (300, 400), dtype=np.uint8)
        data = encoded(".jpg", image)
        assert "cut short" in self.refusal(data[: len(data) // 2] + b"\xff\xd9")

    def test_a_png_whose_chunk_is_longer_than_the_file_takes_no_memory(self) -> None:
        data = bytearray(encoded(".png", CORNER))
        place = data.index(b"IDAT") - 4
        data[place : place + 4] = b"\xff\xff\xff\xf0"
        with pytest.raises(ValueError, match="the PNG picture is damaged or cut short"):
            read_header(bytes(data))
        assert "the PNG picture is damaged" in self.refusal(bytes(data))

    def test_a_png_with_damaged_pixels(self) -> None:
        data = bytearray(encoded(".png", CORNER))
        data[len(data) // 2] ^= 0x55
        assert "damaged" in self.refusal(bytes(data))

    @settings(max_examples=100, deadline=None)
    @given(
        st.sampled_from([encoded(e, CORNER) for e in EXTENSIONS] + [jpeg_turned(6)]),
        st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
        st.integers(0, 3000),
    )
    def test_damage_anywhere_never_with_another_error(self, data: bytes, changes: list, length: int) -> None:
        damaged = bytearray(data)
        for at, value in changes:
            damaged[min(at, len(damaged) - 1)] = value
        try:
            grey = decode_grey(bytes(damaged[:length]))
        except ImageError:
            return
        assert grey.dtype == np.uint8
        assert grey.ndim == 2


class TestToGrey:
    def test_leaves_a_grey_picture_as_it_is(self) -> None:
        assert to_grey(CORNER) is CORNER

    def test_weighs_colours_as_the_eye_does(self) -> None:
        """Rec. 601, section 2.5.1: 0.299 red, 0.587 green, 0.114 blue; arrays are BGR."""
        image = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
        assert to_grey(image).tolist() == [[29, 150, 76]]

    def test_takes_a_single_channel(self) -> None:
        assert np.array_equal(to_grey(CORNER[:, :, None]), CORNER)

    def test_spreads_16_bits_over_8(self) -> None:
        assert to_grey(np.array([[0, 257, 65535]], np.uint16)).tolist() == [[0, 1, 255]]

    @pytest.mark.parametrize(
        "image",
        [
            np.zeros((4, 4, 2), np.uint8),
            np.zeros(4, np.uint8),
            np.zeros((4, 4), np.float32),
            np.zeros((0, 4), np.uint8),
            np.zeros((1, 4, 4, 3), np.uint8),
        ],
        ids=["two channels", "one dimension", "float", "empty", "batch"],
    )
    def test_refuses_what_is_no_picture(self, image: np.ndarray) -> None:
        with pytest.raises(ImageError):
            to_grey(image)
