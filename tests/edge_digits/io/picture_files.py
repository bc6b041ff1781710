"""Picture files of every kind, made byte by byte where OpenCV does not write them."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np

# A picture whose only dark part is its top left corner: it tells all eight EXIF orientations apart.
CORNER = np.full((40, 60), 230, np.uint8)
CORNER[4:20, 4:12] = 20

NOISE = np.random.default_rng(1).integers(0, 255, (300, 400), dtype=np.uint8)


def encoded(extension: str, image: np.ndarray) -> bytes:
    return cv2.imencode(extension, image)[1].tobytes()


def exif(orientation: int) -> bytes:
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def jpeg_turned(orientation: int) -> bytes:
    block = b"Exif\0\0" + exif(orientation)
    jpeg = encoded(".jpg", CORNER)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_turned(orientation: int) -> bytes:
    rows = b"".join(b"\0" + row.tobytes() for row in CORNER)
    return png(60, 40, 8, 0, rows, chunk(b"eXIf", exif(orientation)))


def palette_png(transparent: bool) -> bytes:
    """Four pixels: paper, ink, paper, and a black that is fully transparent if asked for."""
    extra = chunk(b"PLTE", bytes([250, 250, 250, 20, 20, 20, 0, 0, 0]))
    if transparent:
        extra += chunk(b"tRNS", bytes([255, 255, 0]))
    return png(4, 1, 8, 3, b"\0" + bytes([0, 1, 0, 2]), extra)


def webp_turned(orientation: int) -> bytes:
    """A lossless WebP, wrapped as the extended format with an EXIF chunk."""
    simple = cv2.imencode(".webp", cv2.merge([CORNER] * 3), [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    size = struct.pack("<I", 59)[:3] + struct.pack("<I", 39)[:3]
    extended = b"VP8X" + struct.pack("<IB3x", 10, 0x08) + size
    block = exif(orientation)
    body = b"WEBP" + extended + simple[12:] + b"EXIF" + struct.pack("<I", len(block)) + block
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff_of_two(kind: tuple[int, int]) -> bytes:
    """``CORNER`` and a second picture like it, which the tag and value ``kind`` tells about."""
    pixels = CORNER.tobytes()
    data, start = b"II*\0", 8
    for place, tags in enumerate([[], [kind]]):
        entries = [*tags, (256, 60), (257, 40), (258, 8), (259, 1), (262, 1), (277, 1), (278, 40), (279, len(pixels))]
        at = start + 2 + 12 * (len(entries) + 1) + 4
        following = at + len(pixels) if place == 0 else 0
        directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted([*entries, (273, at)]))
        data += (struct.pack("<I", start) if place == 0 else b"") + struct.pack("<H", len(entries) + 1)
        data += directory + struct.pack("<I", following) + pixels
        start = following
    return data


def animated_png() -> bytes:
    rows = b"".join(b"\0" + row.tobytes() for row in CORNER)
    return png(60, 40, 8, 0, rows, chunk(b"acTL", struct.pack(">II", 2, 0)))


def animated_webp() -> bytes:
    """The header alone, as RFC 9649 has it in section 2.7.1."""
    size = struct.pack("<I", 59)[:3] + struct.pack("<I", 39)[:3]
    body = b"WEBPVP8X" + struct.pack("<IB3x", 10, 0x02) + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def without_a_restart() -> bytes:
    """A JPEG of ``NOISE`` that lacks what stands between two of its restart markers."""
    data = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_RST_INTERVAL, 10])[1].tobytes()
    first = data.index(b"\xff\xd1")
    return data[:first] + data[data.index(b"\xff\xd2") :]
