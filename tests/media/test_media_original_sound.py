from fractions import Fraction

import numpy as np
import pytest
from media_samples import regular, tones, whole, write_pictures

from audiospace.media import fit_length, read_audio
from audiospace.media.decoding import open_sound
from audiospace.media.original_sound import as_ambisonics, as_stereo, read_aligned


@pytest.fixture(scope="module", params=[".mp4", ".webm"])
def video(request, tmp_path_factory):
    """Two seconds of video with three of stereo sound, in AAC or Opus."""
    codec = "h264" if request.param == ".mp4" else "libvpx-vp9"
    path = tmp_path_factory.mktemp("own") / f"a{request.param}"
    return write_pictures(path, regular(12, 2), codec=codec, rate=Fraction(12), sound=tones(3, 2))


@pytest.mark.parametrize("video_start", [Fraction(0), Fraction(-3, 10), Fraction(7, 20), Fraction(9)])
@pytest.mark.parametrize(("rate", "length"), [(48_000, 96_000), (44_100, 200_001)])
def test_it_is_the_whole_sound_moved_to_the_pictures(video, video_start, rate, length):
    audio = read_audio(video, sample_rate=rate)
    shift = round((audio.start - float(video_start)) * rate)
    moved = np.pad(audio.samples, ((0, 0), (max(0, shift), 0)))[:, max(0, -shift) :]
    for form, channels in ((as_ambisonics, 4), (as_stereo, 2)):
        sound = read_aligned(
            video, video_start=video_start, sample_rate=rate, length=length, form=form, channels=channels
        )
        np.testing.assert_allclose(whole(sound), fit_length(form(moved), length), rtol=0, atol=1e-6)


def test_samples_that_only_fill_the_last_packet_are_left_out(video):
    stream = open_sound(video)
    decoded = np.concatenate(list(stream.blocks()), axis=1)
    assert decoded.shape[1] == (3 * 48_000 if stream.length is None else stream.length)
    assert np.array_equal(decoded, read_audio(video).samples)
