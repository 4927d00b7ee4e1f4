"""A screenshot with at most 256 colours, stored by their numbers: a third of the bytes, the same pixels. PNG as in ISO/IEC 15948.

Rarer colours (the rims of letters) become the nearest of the 256 most frequent.
"""
import struct
import zlib

import numpy


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(row, above, width):
    for i in range(len(row)):
        a, b, c = (int(row[i - width]), int(above[i]), int(above[i - width])) if i >= width else (0, int(above[i]), 0)
        p = a + b - c
        near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        row[i] = (int(row[i]) + near) % 256


def average(row, above, width):
    for i in range(len(row)):
        row[i] = (int(row[i]) + (int(row[i - width] if i >= width else 0) + int(above[i]))//2) % 256


def pixels(data):
    """Height x width x 3 of a PNG with 8 bits of red, green, blue and perhaps opacity."""
    found = list(chunks(data))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", found[0][1])
    assert depth == 8 and kind in (2, 6) and not interlaced, "not what Chromium writes"
    channels = 3 if kind == 2 else 4
    rows = numpy.frombuffer(zlib.decompress(b"".join(d for k, d in found if k == b"IDAT")), numpy.uint8).reshape(height, -1)
    out = numpy.zeros((height, width*channels), numpy.uint8)
    for y in range(height):
        row, above = rows[y, 1:].copy(), out[y - 1] if y else numpy.zeros(width*channels, numpy.uint8)
        if rows[y, 0] == 1:
            row = numpy.add.accumulate(row.reshape(width, channels), axis=0, dtype=numpy.uint8).ravel()
        elif rows[y, 0] == 2:
            row = row + above
        elif rows[y, 0]:
            (average if rows[y, 0] == 3 else paeth)(row, above, channels)
        out[y] = row
    return out.reshape(height, width, channels)[:, :, :3]


def with_palette(data):
    image = pixels(data)
    colours, places, counts = numpy.unique(image.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    kept = numpy.argsort(-counts, kind="stable")[:256]
    far = ((colours[:, None].astype(int) - colours[kept].astype(int))**2).sum(axis=2)
    numbers = far.argmin(axis=1).astype(numpy.uint8)[places.ravel()].reshape(image.shape[:2])
    rows = numpy.hstack([numpy.zeros((len(numbers), 1), numpy.uint8), numbers])
    head = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 3, 0, 0, 0)
    return (data[:8] + chunk(b"IHDR", head) + chunk(b"PLTE", colours[kept].tobytes())
            + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + chunk(b"IEND", b""))
