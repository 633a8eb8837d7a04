"""Every kind of picture file becomes uint8 by its stated rule."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from gansmith.data.decode import decode
from gansmith.data.file import File
from gansmith.data.plan import Plan, choose_resolution, make_plan, parse_settings
from gansmith.data.survey import look

RAMP = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))


def plan(channels=3, background=(255, 255, 255), size=32, bits=16):
    return Plan(width=size, height=size, channels=channels, background=background, reason="test", bits=bits)


def packed(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seen(content):
    return look(File("x", (0, 0), lambda: content))


def test_grey_and_colour_keep_their_values():
    grey = packed(Image.fromarray(RAMP))
    assert np.array_equal(decode(grey, plan(1))[..., 0], RAMP)
    assert np.array_equal(decode(grey, plan(3)), np.repeat(RAMP[..., None], 3, axis=2))
    colour = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.array_equal(decode(packed(Image.fromarray(colour)), plan(3)), colour)


def test_one_bit_becomes_black_and_white():
    bits = Image.fromarray(RAMP > 100)
    assert set(np.unique(decode(packed(bits), plan(1)))) == {0, 255}


@pytest.mark.parametrize(("bits", "top"), [(16, 65535), (12, 4095), (10, 1023)])
def test_wide_grey_is_scaled_from_its_depth(bits, top):
    wide = np.linspace(0, top, 32 * 32).round().astype(np.uint16).reshape(32, 32)
    content = packed(Image.fromarray(wide))
    assert seen(content).mode.startswith("I") and seen(content).peak == top
    result = decode(content, plan(1, bits=bits))[..., 0]
    assert result.min() == 0 and result.max() == 255
    assert (np.diff(result.ravel().astype(int)) >= 0).all()


def test_float_pictures_run_from_0_to_1_or_are_refused():
    good = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    assert decode(packed(Image.fromarray(good), "TIFF"), plan(1)).max() == 255
    with pytest.raises(ValueError, match="pixel values outside 0 to 1"):
        decode(packed(Image.fromarray(good * 300), "TIFF"), plan(1))


def test_cmyk_becomes_rgb():
    content = packed(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95)
    red = decode(content, plan(3)).reshape(-1, 3).mean(axis=0)
    assert red[0] > 200 and red[1] < 60 and red[2] < 60


def test_palette_with_a_transparent_colour_is_composited():
    image = Image.new("P", (32, 32), 1)
    image.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    image.paste(0, (0, 0, 16, 32))
    content = packed(image, transparency=0)
    assert seen(content).mode == "PA"
    result = decode(content, plan(3, background=(0, 255, 0)))
    assert tuple(result[5, 5]) == (0, 255, 0) and tuple(result[5, 25]) == (0, 0, 255)


def test_grey_with_alpha_is_composited_on_the_background():
    pixels = np.stack([np.full((32, 32), 100, np.uint8), np.zeros((32, 32), np.uint8)], axis=2)
    pixels[:, 16:, 1] = 255
    result = decode(packed(Image.fromarray(pixels, "LA")), plan(1, background=(7, 7, 7)))
    assert result[0, 0, 0] == 7 and result[0, 20, 0] == 100


def test_kept_alpha_hides_no_colours():
    pixels = np.full((32, 32, 4), 200, np.uint8)
    pixels[:16, :, 3] = 0
    result = decode(packed(Image.fromarray(pixels)), plan(4))
    assert result.shape == (32, 32, 4) and not result[:16].any() and (result[16:, :, 3] == 200).all()


def test_transparent_colours_do_not_bleed_when_resized():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :32] = (255, 0, 0, 0)
    pixels[:, 32:] = (0, 0, 255, 255)
    result = decode(packed(Image.fromarray(pixels)), plan(3, background=(0, 0, 0)))
    assert not result[..., 0].any()


def test_exif_orientation_is_applied():
    image = Image.fromarray(np.repeat(np.repeat(RAMP[:, :16, None], 3, axis=2), 2, axis=0))
    exif = Image.Exif()
    exif[0x0112] = 6
    content = packed(image, exif=exif)
    found = seen(content)
    assert found.turned and (found.width, found.height) == (64, 16)
    tall = Plan(width=64, height=16, channels=3, background=(0, 0, 0), reason="test")
    expected = np.asarray(image.transpose(Image.Transpose.ROTATE_270))
    assert np.array_equal(decode(content, tall), expected)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_used(kind):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "green")]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = packed(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert seen(content).animated
    assert (decode(content, plan(3)) == (255, 0, 0)).all()


def test_crop_is_centred_and_resize_antialiased():
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, 32:64] = 255
    assert (decode(packed(Image.fromarray(wide)), plan(3)) == 255).all()
    checks = Image.fromarray(np.indices((256, 256)).sum(axis=0).astype(np.uint8) % 2 * 255)
    assert np.abs(decode(packed(checks), plan(1)).astype(int) - 127).max() <= 3


def test_large_pictures_are_refused_by_their_header_alone():
    def chunk(kind, data):
        import zlib

        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    assert "67,108,864 pixels" in str(seen(bomb))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({(28, 28): 9}, (28, 28)),
        ({(48, 64): 9}, (48, 64)),
        ({(37, 41): 9}, (32, 32)),
        ({(500, 300): 9}, (64, 64)),
        ({(40, 50): 9, (45, 60): 2}, (32, 32)),
        ({(16, 16): 9}, (32, 32)),
        ({(300, 300): 5, (20, 400): 2}, (64, 64)),
    ],
)
def test_chosen_resolution(sizes, expected):
    from collections import Counter

    width, height, reason = choose_resolution(Counter(sizes))
    assert (width, height) == expected and reason


@pytest.mark.parametrize("text", ["0", "27", "257", "64x", "axb", "-64", "64x300", "64.5", "", "²"])
def test_bad_resolutions_are_wrong_input(text):
    with pytest.raises(ValueError, match="--resolution"):
        parse_settings(text, "composite", "white")


def test_channels_follow_the_data():
    from collections import Counter

    sizes, settings = Counter({(32, 32): 9}), parse_settings(None, "composite", "white")
    assert make_plan(settings, sizes, Counter(L=9)).channels == 1
    assert make_plan(settings, sizes, Counter(L=8, RGB=1)).channels == 3
    assert make_plan(settings, sizes, Counter(LA=9)).channels == 1
    assert make_plan(parse_settings(None, "composite", "red"), sizes, Counter(LA=9)).channels == 3
    assert make_plan(parse_settings(None, "keep", "white"), sizes, Counter(L=9)).channels == 4
