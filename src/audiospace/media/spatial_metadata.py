"""Read what a file says about being spherical, and write it into an MP4 or MOV as the last step.

A remux drops these boxes, so nothing may touch a file after ``tag_movie``.
"""

from pathlib import Path

import av

from audiospace.errors import UserError
from audiospace.media.boxes import Box, media_tracks, sample_entry
from audiospace.media.matroska import read_matroska
from audiospace.media.movie_file import Movie, read_movie, write_movie
from audiospace.media.spherical_tags import (
    V1_UUID,
    SpatialAudio,
    SpatialTags,
    SphericalVideo,
    build_sa3d,
    build_v1,
    build_v2,
    parse_sa3d,
    parse_v1,
    parse_v2,
)

# The V2 RFC wants st3d and sv3d after the codec's box and before the optional ones.
_AFTER_SPHERICAL = (b"clap", b"pasp", b"colr", b"fiel", b"btrt", b"mdcv", b"clli")


def read_spatial(path: str | Path) -> SpatialTags:
    """Read Spherical Video V1, V2, SA3D, Opus ambisonics and Matroska's projection, whichever is there.

    Where V1 and V2 are both there, V2 wins (Spherical Video V2 RFC).

    Args:
        path: Any media file.

    Returns:
        The tags; its parts are None where the file says nothing.
    """
    file = Path(path)
    try:
        movie = read_movie(file)
        if movie is None:
            return SpatialTags(video=read_matroska(file), audio=_read_opus(file))
        return SpatialTags(video=_read_video(movie.moov), audio=_read_audio(movie.moov) or _read_opus(file))
    except ValueError as error:
        raise UserError(f"its metadata is damaged ({error})", file=file) from error


def tag_movie(source: str | Path, target: str | Path, tags: SpatialTags) -> None:
    """Copy an MP4 or MOV with spherical metadata: V1 and V2 for the pictures, SA3D for the sound.

    Tags that are there already are replaced. ``moov`` is put before the media.

    Args:
        source: The file to copy.
        target: The file to write, another one.
        tags: What to say; a part that is None is left as it is in the source.

    Raises:
        ValueError: The source is no MP4 or MOV, lacks the track to tag, or the pictures are not
            equirectangular, which is all that V1 can say.
    """
    movie = read_movie(source)
    if movie is None:
        raise ValueError(f"{source} is not an MP4 or MOV file")
    if tags.video is not None:
        _tag_video(movie, tags.video)
    if tags.audio is not None:
        _tag_audio(movie, tags.audio)
    write_movie(movie, movie.moov, target)


def _tag_video(movie: Movie, video: SphericalVideo) -> None:
    if video.projection != "equirectangular":
        raise ValueError(f"only equirectangular pictures can be tagged, not {video.projection}")
    for trak in media_tracks(movie.moov, b"vide")[:1]:
        trak.children = [box for box in trak.children if not _is_v1(box)]
        trak.children.append(build_v1(video.stereo))
        entry = sample_entry(trak)
        boxes = [box for box in entry.children if box.kind not in (b"st3d", b"sv3d")]
        place = next((i for i, box in enumerate(boxes) if box.kind in _AFTER_SPHERICAL), len(boxes))
        entry.children = boxes[:place] + build_v2(video) + boxes[place:]
        return
    raise ValueError("there is no video track to tag")


def _tag_audio(movie: Movie, audio: SpatialAudio) -> None:
    for trak in media_tracks(movie.moov, b"soun")[:1]:
        entry = sample_entry(trak)
        entry.children = [box for box in entry.children if box.kind != b"SA3D"]
        entry.children.append(build_sa3d(audio))
        return
    raise ValueError("there is no sound track to tag")


def _is_v1(box: Box) -> bool:
    return box.kind == b"uuid" and box.head.startswith(V1_UUID)


def _read_video(moov: Box) -> SphericalVideo | None:
    for trak in media_tracks(moov, b"vide"):
        entry = sample_entry(trak)
        found = parse_v2(entry)
        if found is None:
            found = next((tag for tag in map(parse_v1, trak.children) if tag is not None), None)
        if found is not None:
            return found
    return None


def _read_audio(moov: Box) -> SpatialAudio | None:
    for trak in media_tracks(moov, b"soun"):
        box = sample_entry(trak).child(b"SA3D")
        if box is not None:
            return parse_sa3d(box)
    return None


def _read_opus(file: Path) -> SpatialAudio | None:
    """Ambisonics that Opus itself declares: its channel layout is 'ambisonic 1', with or without stereo."""
    try:
        with av.open(str(file), metadata_errors="replace") as container:
            for stream in container.streams.audio:
                layout = stream.codec_context.layout
                if layout.name.startswith("ambisonic 1"):
                    channels = layout.nb_channels
                    mapped = tuple(range(channels))
                    return SpatialAudio(channels, mapped, channels == 6, source="Opus mapping family 2")
    except av.error.FFmpegError:
        return None
    return None
