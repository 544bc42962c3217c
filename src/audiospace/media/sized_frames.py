"""Pictures of a video in several sizes, from decoding it once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from audiospace.media.layout import StereoLayout
from audiospace.media.on_screen import decode_pictures, on_screen, one_view
from audiospace.media.opening import open_media
from audiospace.media.timeline import first_video
from audiospace.media.video import Frame


@dataclass(frozen=True)
class SizedTime:
    """One picture that is wanted.

    Attributes:
        time: Seconds from the first picture of the video.
        height: Pixels, of one eye's view; None as in `read_frames`.
        width: Pixels, of one eye's view; None as in `read_frames`.
    """

    time: float
    height: int | None = None
    width: int | None = None


def read_sized_frames(
    path: str | Path, wanted: Iterable[SizedTime], *, start: float, stereo: StereoLayout = "mono"
) -> Iterator[Frame]:
    """Decode a video once and give the pictures on screen at given times, each in its own size.

    Args:
        path: A video file.
        wanted: What to give; times do not decrease. After the last one nothing more is decoded.
        start: When the first picture is shown, seconds on the container's clock, as `probe` finds it.
        stereo: Where the left eye's view is, which is what is given.

    Yields:
        One frame for each that is wanted, in order; the last picture also for times after the end.

    Raises:
        UserError: The file cannot be read or decoded or has no video stream.
    """
    due = list(wanted)
    with open_media(path) as container:
        stream = first_video(container, path)
        stream.thread_type = "AUTO"
        shown = decode_pictures(container, stream, Fraction(start))
        pictures = on_screen(shown, [one.time for one in due], path)
        for one, (time, picture) in zip(due, pictures, strict=False):
            image = one_view(picture, height=one.height, width=one.width, stereo=stereo)
            yield Frame(time, image)
