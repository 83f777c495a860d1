"""Still in, PNG, JPEG or WEBP out."""

from screentest.media.jpeg import jpeg
from screentest.media.picture import draw_still
from screentest.media.png import png
from screentest.media.raster import Raster, raster
from screentest.media.still import Still
from screentest.media.webp import webp
from screentest.media.wording import title


def render(still: Still) -> bytes:
    """The complete file. The same still is the same bytes in every process."""
    blocks, mosaic = draw_still(still)
    picture = raster(blocks, still.width, still.height, mosaic if still.transparent else None)
    comment = " | ".join([*still.facts(), *([f"prompt: {still.prompt}"] if still.prompt else [])])
    return encoded(picture, still.format, title(still), comment)


def encoded(picture: Raster, form: str, heading: str, comment: str) -> bytes:
    """A picture as a file of the format ``form``; heading and comment go where the format has a place for them."""
    if form == "jpeg":
        return jpeg(picture, f"{heading} | {comment}")
    if form == "webp":
        return webp(picture)
    return png(picture, {"Title": heading, "Comment": comment})
