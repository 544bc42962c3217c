import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest
from media_samples import correlation, in_blocks, lag, regular, tones, write_pictures

from audiospace.ambisonics import from_stereo
from audiospace.errors import UserError
from audiospace.media import (
    AudioStream,
    SpatialTags,
    SphericalVideo,
    export_sound,
    export_spatial,
    fit_length,
    probe,
    read_audio,
    read_spatial,
    tag_movie,
    video_duration,
)
from audiospace.media.original_sound import as_ambisonics, as_stereo, require_keepable, require_original
from audiospace.media.remux import digest_video

SECONDS = 2
FORMATS = [("mp4-aac", ".mp4"), ("mp4-opus", ".mp4"), ("webm-opus", ".webm"), ("mov-pcm", ".mov")]
RATES = [Fraction(12), Fraction(16), Fraction(24), Fraction(30000, 1001), Fraction(60)]


@pytest.fixture
def vp9(tmp_path):
    times = regular(24, SECONDS)
    return write_pictures(
        tmp_path / "vp9.webm", times, codec="libvpx-vp9", rate=Fraction(24), sound=tones(SECONDS, 2)
    )


@pytest.fixture
def h264(tmp_path):
    times = regular(24, SECONDS)
    options = {"bf": "2", "preset": "medium"}
    return write_pictures(tmp_path / "h264.mp4", times, rate=Fraction(24), sound=tones(SECONDS, 2), **options)


def source_for(kind, vp9, h264):
    return h264 if kind == "mov-pcm" else vp9


@pytest.mark.parametrize(("kind", "suffix"), FORMATS)
def test_channels_come_back_in_order_in_time_and_at_their_level(tmp_path, kind, suffix, vp9, h264):
    foa = tones(SECONDS)
    source = source_for(kind, vp9, h264)
    report = export_spatial(source, foa, 48_000, tmp_path / f"out{suffix}", format=kind)
    read = read_audio(report.path, channels=4)
    assert read.sample_rate == 48_000
    matrix = correlation(foa, read.samples)
    assert (np.diag(matrix) > 0.98).all()
    assert (np.abs(matrix - np.diag(np.diag(matrix))) < 0.1).all()
    assert [lag(foa[c], read.samples[c]) for c in range(4)] == [0, 0, 0, 0]
    np.testing.assert_allclose(read.samples.std(axis=1) / foa.std(axis=1), 1, atol=0.03)


@pytest.mark.parametrize(("kind", "suffix"), FORMATS)
def test_video_packets_are_bit_identical_and_there_is_one_sound_track(tmp_path, kind, suffix, vp9, h264):
    source = source_for(kind, vp9, h264)
    report = export_spatial(source, tones(SECONDS), 48_000, tmp_path / f"out{suffix}", format=kind)
    assert report.video_identical
    assert digest_video(source) == digest_video(report.path)
    info = probe(report.path)
    assert len(info.audio) == 1
    assert info.projection == "erp"
    assert "Spherical" in info.evidence
    assert info.spatial_audio.channel_map == (0, 1, 2, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h264.mp4", f"out{suffix}", "vp9.webm"]


def test_vp8_goes_into_mp4_and_decodes_to_the_same_pictures(tmp_path):
    options = {"auto-alt-ref": "1", "lag-in-frames": "8", "deadline": "good"}
    source = write_pictures(
        tmp_path / "a.webm", regular(30, 1), codec="libvpx", first=Fraction(1, 25), **options
    )
    report = export_spatial(source, tones(1), 48_000, tmp_path / "out.mp4")
    assert report.video_identical
    assert any("VP8" in note for note in report.notes)
    with av.open(str(source)) as before, av.open(str(report.path)) as after:
        assert after.streams.video[0].codec_context.codec.canonical_name == "vp8"
        pictures = zip(before.decode(video=0), after.decode(video=0), strict=True)
        for a, b in pictures:
            np.testing.assert_array_equal(a.to_ndarray(), b.to_ndarray())
            assert b.time == pytest.approx(a.time - 0.04, abs=0.0015)


@pytest.fixture(scope="module", params=RATES, ids=str)
def at_rate(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rate")
    times = regular(request.param, 0.6)
    return request.param, {
        codec: write_pictures(folder / name, times, codec=codec, rate=request.param)
        for codec, name in (("libvpx", "s.webm"), ("h264", "s.mp4"))
    }


@pytest.mark.parametrize(("kind", "suffix"), FORMATS)
def test_sound_ends_with_the_video(tmp_path, kind, suffix, at_rate):
    rate, sources = at_rate
    source = sources["h264" if kind == "mov-pcm" else "libvpx"]
    for seconds in (0.3, 2.0):
        report = export_spatial(source, tones(seconds), 48_000, tmp_path / f"out{suffix}", format=kind)
        frame = 1 / float(rate)
        assert video_duration(report.path) == pytest.approx(video_duration(source), abs=0.002)
        assert read_audio(report.path).duration == pytest.approx(video_duration(report.path), abs=frame / 2)
        assert report.duration == pytest.approx(video_duration(source), abs=1e-4)


def test_variable_rate_video(tmp_path):
    gaps = [1, 1, 8, 1, 3, 1, 12, 2, 2, 6, 1, 1, 9]
    times = [Fraction(sum(gaps[:k]), 30) for k in range(len(gaps))]
    source = write_pictures(tmp_path / "s.webm", times, codec="libvpx")
    report = export_spatial(source, tones(2), 48_000, tmp_path / "out.mp4")
    with av.open(str(source)) as before, av.open(str(report.path)) as after:
        for a, b in zip(before.decode(video=0), after.decode(video=0), strict=True):
            assert b.time == pytest.approx(a.time, abs=0.0015)


@pytest.mark.parametrize("rate", [44_100, 16_000])
def test_other_sample_rates_are_resampled(tmp_path, rate, vp9):
    foa = tones(SECONDS, sample_rate=rate)
    report = export_spatial(vp9, foa, rate, tmp_path / "out.mp4")
    assert read_audio(report.path).samples.shape[1] == round(video_duration(vp9) * 48_000)


def test_original_stereo_mixed_in(tmp_path, vp9):
    foa = 0.2 * tones(SECONDS, 6)[:4]
    report = export_spatial(vp9, foa, 48_000, tmp_path / "out.mp4", original="mix")
    read = read_audio(report.path).samples
    expected = foa + from_stereo(read_audio(vp9).samples[:, : foa.shape[1]])
    np.testing.assert_array_less(0.97, np.diag(correlation(expected, read)))


@pytest.mark.parametrize(("kind", "suffix"), FORMATS[1:])
def test_original_kept_as_head_locked_stereo(tmp_path, kind, suffix, vp9, h264):
    source = source_for(kind, vp9, h264)
    foa = tones(SECONDS)
    report = export_spatial(
        source, foa, 48_000, tmp_path / f"out{suffix}", format=kind, original="head-locked"
    )
    read = read_audio(report.path, channels=6).samples
    own = read_audio(source, sample_rate=48_000).samples
    assert (np.diag(correlation(foa, read[:4])) > 0.98).all()
    assert (np.diag(correlation(own, read[4:])) > 0.98).all()
    assert abs(lag(own[0], read[4])) <= 48
    assert read_spatial(report.path).audio.head_locked


@pytest.mark.parametrize(
    ("kind", "suffix", "original"),
    [
        ("mp4-aac", ".mp4", "drop"),
        ("mp4-aac", ".mp4", "mix"),
        ("mov-pcm", ".mov", "mix"),
        ("mov-pcm", ".mov", "head-locked"),
    ],
)
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_in_blocks_it_is_the_same_file(tmp_path, kind, suffix, original, rate, h264):
    foa = 4 * tones(1.7, sample_rate=rate)
    written = [
        export(h264, *sound, tmp_path / f"{name}{suffix}", format=kind, original=original)
        for name, export, sound in (
            ("whole", export_spatial, (foa, rate)),
            ("blocks", export_sound, (in_blocks(foa, 997, rate),)),
        )
    ]
    assert written[0].gain < 1
    assert written[0].gain == pytest.approx(written[1].gain, rel=1e-6)
    first, second = (read_audio(report.path).samples for report in written)
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-4 if kind == "mp4-aac" else 2**-22)


def test_lossless_it_is_exactly_what_was_asked_for(tmp_path, h264):
    foa = tones(1.7)
    own = read_audio(h264, sample_rate=48_000).samples
    expected = {
        "mix": fit_length(foa, 96_000) + as_ambisonics(fit_length(own, 96_000)),
        "head-locked": np.concatenate([fit_length(foa, 96_000), as_stereo(fit_length(own, 96_000))]),
    }
    for original, sound in expected.items():
        out = tmp_path / f"{original}.mov"
        report = export_sound(h264, in_blocks(foa, 1009), out, format="mov-pcm", original=original)
        assert report.gain == 1
        np.testing.assert_allclose(read_audio(out).samples, sound, rtol=0, atol=2**-22)


def test_aac_cannot_hold_head_locked_stereo(tmp_path, vp9):
    with pytest.raises(UserError, match=r"head-locked stereo.*mp4-opus or webm-opus"):
        export_spatial(vp9, tones(1), 48_000, tmp_path / "out.mp4", original="head-locked")


@pytest.mark.parametrize(
    ("kind", "suffix", "able"), [("webm-opus", ".webm", "mov-pcm"), ("mov-pcm", ".mov", "webm")]
)
def test_a_format_that_cannot_hold_the_video_names_those_that_can(tmp_path, kind, suffix, able, vp9, h264):
    source = vp9 if kind == "mov-pcm" else h264
    with pytest.raises(UserError, match=f"cannot hold .* video.*{able}"):
        export_spatial(source, tones(1), 48_000, tmp_path / f"out{suffix}", format=kind)


def test_too_loud_sound_gets_one_gain(tmp_path, vp9):
    foa = 8 * tones(SECONDS)
    report = export_spatial(vp9, foa, 48_000, tmp_path / "out.webm", format="webm-opus")
    assert report.gain == pytest.approx(1 / np.abs(foa).max(), rel=1e-4)
    read = read_audio(report.path).samples
    np.testing.assert_allclose(read.std(axis=1) / foa.std(axis=1), report.gain, rtol=0.05)


def test_silence_stays_silence(tmp_path, vp9):
    report = export_spatial(vp9, np.zeros((4, 100)), 48_000, tmp_path / "out.mp4")
    assert np.abs(read_audio(report.path).samples).max() == 0
    assert report.gain == 1


@pytest.mark.parametrize("shape", [(2, 100), (100,), (4, 0, 3)])
def test_wrong_shapes_are_refused(tmp_path, vp9, shape):
    with pytest.raises(ValueError, match="shape"):
        export_spatial(vp9, np.zeros(shape), 48_000, tmp_path / "out.mp4")


def test_only_four_finite_channels_are_taken(tmp_path, vp9):
    with pytest.raises(ValueError, match="4 channels"):
        export_sound(vp9, in_blocks(tones(1, 2), 100), tmp_path / "out.mp4")
    with pytest.raises(ValueError, match="finite"):
        export_sound(vp9, in_blocks(np.full((4, 100), np.nan), 7), tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["vp9.webm"]


def test_wrong_ending_missing_folder_and_own_source(tmp_path, vp9):
    with pytest.raises(UserError, match=r"end in \.mp4"):
        export_spatial(vp9, tones(1), 48_000, tmp_path / "out.webm")
    with pytest.raises(UserError, match="does not exist"):
        export_spatial(vp9, tones(1), 48_000, tmp_path / "no" / "out.mp4")
    with pytest.raises(UserError, match="overwrite"):
        export_spatial(vp9, tones(1), 48_000, vp9, format="webm-opus")


def test_no_sound_of_its_own(tmp_path):
    source = write_pictures(tmp_path / "s.mp4", regular(10, 0.5), rate=Fraction(10))
    with pytest.raises(UserError, match="no sound of its own"):
        export_spatial(source, tones(1), 48_000, tmp_path / "out.mp4", original="mix")


@pytest.mark.parametrize(("channels", "layout"), [(6, "5.1(side)"), (3, "2.1"), (8, "7.1")])
def test_loudspeaker_layouts_cannot_be_kept(channels, layout):
    with pytest.raises(UserError, match="cannot be kept"):
        require_keepable(AudioStream(channels, 48_000, "aac", layout), "a.mp4")


def test_a_sound_track_with_nothing_in_it_cannot_be_kept(tmp_path, vp9):
    require_original(probe(vp9))
    empty = tmp_path / "empty.webm"
    with av.open(str(vp9)) as source, av.open(str(empty), "w") as target:
        pictures = target.add_stream_from_template(source.streams.video[0])
        target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
    info = probe(empty)
    assert len(info.audio) == 1
    with pytest.raises(UserError, match="nothing in its own sound can be decoded"):
        require_original(info)


@pytest.mark.parametrize(("channels", "layout"), [(6, "ambisonic 1+stereo"), (4, "quad"), (1, "mono")])
def test_ambisonics_and_less_can_be_kept(channels, layout):
    require_keepable(AudioStream(channels, 48_000, "opus", layout), "a.webm")
    sound = tones(0.1, channels)
    assert as_ambisonics(sound).shape[0] == 4
    assert as_stereo(sound).shape[0] == 2


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path, vp9):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(UserError, match="disk is full"):
            export_spatial(vp9, tones(SECONDS), 48_000, small / "out.mp4")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)  # noqa: S603, S607


def test_cubemap_video_is_not_tagged_as_equirectangular(tmp_path):
    times = regular(10, 0.5)
    source = write_pictures(tmp_path / "s.mp4", times, rate=Fraction(10), size=(64, 96))
    report = export_spatial(source, tones(0.5), 48_000, tmp_path / "out.mp4")
    assert not report.spherical
    assert report.notes
    tags = read_spatial(report.path)
    assert tags.video is None
    assert tags.audio.channels == 4


def test_pose_of_the_source_is_kept(tmp_path, h264):
    posed = tmp_path / "posed.mp4"
    tag_movie(h264, posed, SpatialTags(video=SphericalVideo(yaw=30, pitch=-10)))
    report = export_spatial(posed, tones(SECONDS), 48_000, tmp_path / "out.mp4")
    assert read_spatial(report.path).video == SphericalVideo(yaw=30, pitch=-10)


@pytest.mark.parametrize("first", [Fraction(0), Fraction(1, 4)])
def test_original_sound_stays_with_its_pictures(tmp_path, first):
    own = tones(SECONDS, 2)
    times = regular(20, 1)
    source = write_pictures(tmp_path / "s.mkv", times, codec="libvpx", sound=own, first=first)
    report = export_spatial(
        source, tones(1), 48_000, tmp_path / "out.webm", format="webm-opus", original="head-locked"
    )
    kept = read_audio(report.path).samples[4:]
    begins = int(first * 48_000)
    assert abs(lag(own[0, begins : begins + 40_000], kept[0, :40_000], limit=20_000)) <= 48
