"""Clip in, MP4 out."""

from screentest.media import aac, mp4
from screentest.media.clip import Clip
from screentest.media.h264 import picture_parameters, sequence_parameters
from screentest.media.inter import MotionCoder
from screentest.media.intra import idr
from screentest.media.motion import Pan, fields
from screentest.media.picture import draw
from screentest.media.wording import title


def render(clip: Clip) -> bytes:
    """The complete file: H.264 and, when asked for, AAC. The same clip is the same bytes in every process."""
    picture = draw(clip)
    layout = picture.layout
    pan = None if clip.camera_fixed else Pan(layout, picture.look.pan)
    coder = MotionCoder(layout.columns, layout.rows, pan.fields if pan else ())
    pictures = [idr(picture.rows)]
    for number, field in enumerate(fields(layout, clip.frames, clip.fps), 1):
        pictures.append(coder.picture(number, field, pan.phase(number) if pan else None))
    video = mp4.Video(
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        sequence=sequence_parameters(layout.columns, layout.rows, clip.width, clip.height, clip.fps),
        picture=picture_parameters(),
        pictures=pictures,
    )
    sound = mp4.Sound(aac.beeps(clip.seconds, picture.look.beep), clip.seconds * aac.RATE) if clip.audio else None
    return mp4.movie(video, sound, _tags(clip))


def _tags(clip: Clip) -> dict[bytes, str]:
    """Title and comment, as ffprobe and players show them: here the prompt is whole, in its own script."""
    comment = clip.facts()
    if clip.watermark:
        comment.append(f"watermark: {clip.watermark}")
    if clip.prompt:
        comment.append(f"prompt: {clip.prompt}")
    return {b"\xa9nam": title(clip), b"\xa9cmt": " | ".join(comment)}
