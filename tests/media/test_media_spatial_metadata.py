"""The boxes, byte by byte against Google's spatial-media RFCs, parsed here without the project's parser."""

import json
import shutil
import struct
import subprocess
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from media_samples import regular, tones, write_pictures

from audiospace.media import (
    SpatialAudio,
    SpatialTags,
    SphericalVideo,
    export_spatial,
    read_spatial,
    tag_movie,
)
from audiospace.media.boxes import parse_box
from audiospace.media.movie_file import read_movie, write_movie
from audiospace.media.remux import digest_video

PLAIN = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"sv3d", b"proj")
HEADS = {b"stsd": 8, b"avc1": 78, b"vp08": 78, b"vp09": 78, b"mp4a": 28, b"Opus": 28}


def boxes(data, path=()):
    """(path of types, payload) of every box below the top level: a second, independent parser."""
    position = 0
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        assert size >= 8, (path, kind)
        assert position + size <= len(data), (path, kind)
        payload = data[position + 8 : position + size]
        yield (*path, kind), payload
        if kind in PLAIN or kind in HEADS:
            yield from boxes(payload[HEADS.get(kind, 0) :], (*path, kind))
        position += size


def find(path, *tail):
    return [payload for where, payload in boxes(path.read_bytes()) if where[-len(tail) :] == tail]


@pytest.fixture
def flat(tmp_path):
    return write_pictures(tmp_path / "flat.mp4", regular(24, 1), rate=Fraction(24), sound=tones(1, 2))


def tagged(flat, tags):
    target = flat.with_name("tagged.mp4")
    tag_movie(flat, target, tags)
    return target


def test_v2_bytes(flat):
    path = tagged(flat, SpatialTags(video=SphericalVideo()))
    assert find(path, b"avc1", b"st3d") == [bytes(4) + b"\x00"]
    assert find(path, b"avc1", b"sv3d", b"svhd") == [bytes(4) + b"AudioSpace\x00"]
    assert find(path, b"sv3d", b"proj", b"prhd") == [bytes(4) + bytes(12)]
    assert find(path, b"sv3d", b"proj", b"equi") == [bytes(4) + bytes(16)]


def test_v2_pose_and_stereo_bytes(flat):
    tags = SpatialTags(video=SphericalVideo(stereo="top-bottom", yaw=90, pitch=-45.5, roll=1))
    path = tagged(flat, tags)
    assert find(path, b"st3d") == [bytes(4) + b"\x01"]
    assert find(path, b"prhd") == [bytes(4) + struct.pack(">iii", 90 << 16, -45 * 65536 - 32768, 1 << 16)]
    assert read_spatial(path) == tags
    assert find(tagged(flat, SpatialTags(video=SphericalVideo(stereo="left-right"))), b"st3d")[0][4] == 2


def test_v2_comes_after_the_codec_box_and_before_the_optional_ones(flat):
    path = tagged(flat, SpatialTags(video=SphericalVideo()))
    kinds = [where[-1] for where, _ in boxes(path.read_bytes()) if len(where) >= 2 and where[-2] == b"avc1"]
    assert kinds.index(b"avcC") < kinds.index(b"st3d") < kinds.index(b"sv3d")
    assert all(kinds.index(b"sv3d") < kinds.index(kind) for kind in (b"pasp", b"btrt") if kind in kinds)


def test_v1_bytes(flat):
    path = tagged(flat, SpatialTags(video=SphericalVideo(stereo="top-bottom")))
    (uuid,) = find(path, b"moov", b"trak", b"uuid")
    assert uuid[:16].hex() == "ffcc8263f8554a938814587a02521fdd"
    root = ElementTree.fromstring(uuid[16:].decode())  # noqa: S314 (our own bytes)
    assert root.tag == "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}SphericalVideo"
    values = {
        child.tag.removeprefix("{http://ns.google.com/videos/1.0/spherical/}"): child.text for child in root
    }
    assert values == {
        "Spherical": "true",
        "Stitched": "true",
        "StitchingSoftware": "AudioSpace",
        "ProjectionType": "equirectangular",
        "StereoMode": "top-bottom",
    }


def test_sa3d_bytes(flat):
    path = tagged(flat, SpatialTags(audio=SpatialAudio()))
    (payload,) = find(path, b"mp4a", b"SA3D")
    expected = "00 00 00000001 00 00 00000004 00000000 00000001 00000002 00000003"
    assert payload == bytes.fromhex(expected)
    assert len(payload) == 28


def test_sa3d_with_head_locked_stereo(flat):
    audio = SpatialAudio(channels=6, channel_map=tuple(range(6)), head_locked=True)
    (payload,) = find(tagged(flat, SpatialTags(audio=audio)), b"SA3D")
    assert payload[:2] == b"\x00\x80"
    assert struct.unpack(">I", payload[8:12]) == (6,)
    assert struct.unpack(">6I", payload[12:]) == (0, 1, 2, 3, 4, 5)


def test_v1_alone_is_read(flat):
    path = tagged(flat, SpatialTags(video=SphericalVideo(stereo="left-right")))
    movie = read_movie(path)
    for box in movie.moov.walk():
        box.children = [child for child in box.children if child.kind not in (b"st3d", b"sv3d")]
    write_movie(movie, movie.moov, flat)
    assert read_spatial(flat).video == SphericalVideo(stereo="left-right", source="V1")


def test_nothing_is_read_where_nothing_is_said(flat):
    assert read_spatial(flat) == SpatialTags()


def test_tagging_twice_replaces(flat):
    once = tagged(flat, SpatialTags(SphericalVideo(), SpatialAudio()))
    again = flat.with_name("again.mp4")
    tag_movie(once, again, SpatialTags(SphericalVideo(), SpatialAudio()))
    assert again.read_bytes() == once.read_bytes()


def test_tagging_moves_moov_first_and_keeps_every_sample(flat):
    path = tagged(flat, SpatialTags(SphericalVideo(), SpatialAudio()))
    order = [where[0] for where, _ in boxes(path.read_bytes()) if len(where) == 1]
    assert order.index(b"moov") < order.index(b"mdat")
    assert digest_video(path) == digest_video(flat)


def test_offsets_become_64_bit_when_they_must(flat, monkeypatch):
    movie = read_movie(flat)
    monkeypatch.setattr("audiospace.media.movie_file._NARROW_LIMIT", 1000)
    target = flat.with_name("wide.mp4")
    write_movie(movie, movie.moov, target)
    assert find(target, b"co64")
    assert not find(target, b"stco")
    assert digest_video(target) == digest_video(flat)


def test_parsing_and_writing_is_the_identity(flat):
    movie = read_movie(flat)
    span = next(span for span in movie.spans if span.kind == b"moov")
    data = flat.read_bytes()[span.start : span.start + span.size]
    assert parse_box(data).to_bytes() == data


@pytest.mark.parametrize("damage", [b"\x00\x00\x00\x04", b"\x7f\xff\xff\xff"])
def test_impossible_sizes_are_refused(flat, damage):
    data = bytearray(flat.read_bytes())
    place = data.index(b"mdia") - 4
    data[place : place + 4] = damage
    flat.write_bytes(data)
    with pytest.raises(ValueError, match="box"):
        read_movie(flat)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs the ffprobe program")
@pytest.mark.parametrize(
    ("kind", "suffix"), [("mp4-aac", ".mp4"), ("mp4-opus", ".mp4"), ("webm-opus", ".webm")]
)
def test_ffprobe_sees_a_sphere_and_four_channels(tmp_path, kind, suffix):
    source = write_pictures(tmp_path / "s.webm", regular(24, 1), codec="libvpx-vp9", rate=Fraction(24))
    path = tmp_path / f"out{suffix}"
    export_spatial(source, tones(1), 48_000, path, format=kind)
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", path]
    streams = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["streams"]  # noqa: S603
    video, sound = streams
    assert any(side.get("projection") == "equirectangular" for side in video["side_data_list"])
    assert sound["channels"] == 4
    assert sound["channel_layout"] == ("4.0" if kind == "mp4-aac" else "ambisonic 1")
    assert sound["sample_rate"] == "48000"
