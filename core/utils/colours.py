"""Colour management: pictures with a wider colour space are converted to sRGB."""

from io import BytesIO

from PIL import Image, ImageCms

# Which profiles fit which modes (ICC.1:2022, 7.2.6).
_SPACES = {"RGB": "RGB ", "RGBA": "RGB ", "L": "GRAY", "CMYK": "CMYK"}


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB or RGBA in sRGB. A profile that is broken or does not fit the picture is ignored."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            if given.profile.xcolor_space == _SPACES.get(picture.mode):
                transform = ImageCms.buildTransform(
                    given,
                    ImageCms.createProfile("sRGB"),
                    picture.mode,
                    "RGBA" if picture.mode == "RGBA" else "RGB",
                    ImageCms.Intent.RELATIVE_COLORIMETRIC,
                    ImageCms.Flags.BLACKPOINTCOMPENSATION,
                )
                return transform.apply(picture)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture if picture.mode in {"RGB", "RGBA"} else picture.convert("RGB")
