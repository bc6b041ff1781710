"""What a picture file says of itself: its format, its size, how it is turned. No decoder is touched."""

from __future__ import annotations

import struct
from dataclasses import dataclass

READABLE = "JPEG, PNG, TIFF, WebP or BMP"
"""The formats that `read_header` knows, for messages."""

_KIND, _OLD_KIND, _WIDTH, _HEIGHT, _ORIENTATION = 254, 255, 256, 257, 274
_MOST_DIRECTORIES = 16
"""Of a TIFF file; a made-up one could have us read them for hours."""
_EXIF = b"Exif\0\0"
_ANIMATED = "animated pictures are not read; save one of its frames as PNG"
_FOREIGN = {
    b"GIF8": "GIF pictures are not read; save it as PNG",
    b"%PDF": "this is a PDF; turn its pages into pictures first, for example: pdftoppm -r 150 -png FILE page",
}


@dataclass(frozen=True, slots=True)
class Header:
    """format: as in `READABLE`. width, height: in pixels as stored. orientation: EXIF tag 274, 1..8 (Exif
    2.32, section 4.6.4), 1 being upright; always 1 for TIFF, whose decoder turns the picture itself."""

    format: str
    width: int
    height: int
    orientation: int = 1


def read_header(data: bytes) -> Header:
    """Read the header of a picture file's bytes. Raises ValueError with the reason if that cannot be done."""
    try:
        header = _read(data)
    except (struct.error, IndexError) as error:
        raise ValueError("the picture is cut short (truncated)") from error
    if header.width < 1 or header.height < 1:
        raise ValueError("the picture's header is damaged")
    return header


def _read(data: bytes) -> Header:
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(data)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[:2] == b"BM":
        return _bmp(data)
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"avif", b"avis"):
            raise ValueError("AVIF pictures are not read; save it as JPEG or PNG")
        if data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
            raise ValueError(
                "HEIC pictures are not read; set the phone's camera to 'Most Compatible' (JPEG), "
                "or convert it: heif-convert FILE.heic FILE.jpg"
            )
    if data[:4] in _FOREIGN:
        raise ValueError(_FOREIGN[data[:4]])
    raise ValueError(f"not a picture that can be read: expected {READABLE}")


def _jpeg(data: bytes) -> Header:
    """Walk the segments (ITU-T T.81, annex B) up to the frame header; Exif stands in an APP1 before it."""
    orientation, at = 1, 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        start, marker = data[at], data[at + 1]
        if start != 0xFF or marker in (0xD9, 0xDA):
            raise ValueError("the picture's header is damaged")
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Header("JPEG", width, height, orientation)
        if marker == 0xE1 and data[at + 4 : at + 10] == _EXIF:
            orientation = _orientation(data[at + 10 : at + 2 + length])
        at += 2 + length


def _png(data: bytes) -> Header:
    """Size from the IHDR chunk; orientation from eXIf, which may stand before or after the pixels."""
    width, height = struct.unpack_from(">II", data, 16)
    if data[12:16] != b"IHDR":
        raise ValueError("the picture's header is damaged")
    orientation, at = 1, 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if at + 8 + length > len(data):
            # Decoders take the memory that a chunk asks for before they see that it is not there.
            raise ValueError("the PNG picture is damaged or cut short (truncated)")
        if kind == b"IEND":
            break
        if kind == b"acTL" and struct.unpack_from(">I", data, at + 8)[0] > 1:
            raise ValueError(_ANIMATED)
        if kind == b"eXIf":
            orientation = _orientation(data[at + 8 : at + 8 + length])
        at += 12 + length
    return Header("PNG", width, height, orientation)


def _webp(data: bytes) -> Header:
    """RFC 9649, section 2: one of three first chunks; EXIF in a chunk of its own."""
    kind = data[12:16]
    if kind == b"VP8X":
        if data[20] & 0x02:
            raise ValueError(_ANIMATED)
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    orientation, at = 1, 12
    while kind == b"VP8X" and at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        if data[at : at + 4] == b"EXIF":
            orientation = _orientation(data[at + 8 : at + 8 + length].removeprefix(_EXIF))
        at += 8 + length + length % 2
    return Header("WebP", width, height, orientation)


def _bmp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header("BMP", width, abs(height))


def _tiff(data: bytes) -> Header:
    """Size from the first directory. A second page is refused, since only the first would be read; reduced pictures and
    masks are no pages (TIFF 6.0, section 8, NewSubfileType and SubfileType)."""
    start = _first_directory(data)
    tags, following = _tiff_tags(data, start)
    seen = {0, start}
    while following not in seen and len(seen) <= _MOST_DIRECTORIES:
        seen.add(following)
        other, following = _tiff_tags(data, following)
        if _WIDTH in other and not other.get(_KIND, 0) & 0b101 and other.get(_OLD_KIND) != 2:
            raise ValueError("this TIFF holds several pages; take them apart first, for example: tiffsplit FILE page")
    return Header("TIFF", tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0))


def _orientation(exif: bytes) -> int:
    """Tag 274 of an Exif block, which is a small TIFF file; 1 if missing or senseless, as viewers do."""
    try:
        value = _tiff_tags(exif, _first_directory(exif))[0].get(_ORIENTATION, 1)
    except struct.error:
        return 1
    return value if 1 <= value <= 8 else 1


def _first_directory(data: bytes) -> int:
    """Where the first directory of a TIFF file stands."""
    return struct.unpack_from(_order(data) + "I", data, 4)[0]


def _tiff_tags(data: bytes, start: int) -> tuple[dict[int, int], int]:
    """Tag -> first value of the SHORT and LONG entries of the directory at ``start``, and where the next one stands, 0
    if there is none (TIFF 6.0, section 2)."""
    order = _order(data)
    (count,) = struct.unpack_from(order + "H", data, start)
    end = start + 2 + 12 * count
    tags = {}
    for at in range(start + 2, end, 12):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        if kind in (3, 4):
            (tags[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + 8)
    # Some writers end the file, or an Exif block, without saying that nothing follows.
    following = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else 0
    return tags, following


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"
