import subprocess
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_samples import in_blocks, tones, whole

from audiospace.ambisonics import binaural_blocks, measure
from audiospace.errors import UserError
from audiospace.media import Sound, fit_length, held, resample, store, write_sound
from audiospace.media.resampling import resample_blocks
from audiospace.media.sound import joined, skip_blocks


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [(44_100, 48_000), (48_000, 44_100), (16_000, 48_000), (48_000, 8_000), (47_999, 48_000)]
    ),
    st.integers(0, 200_000),
    st.integers(500, 70_000),
)
def test_resampled_in_blocks_it_is_what_it_is_as_a_whole(rates, samples, block):
    source, target = rates
    sound = np.random.default_rng(samples).standard_normal((1, samples)).astype(np.float32)
    streamed = whole(in_blocks(sound, block, source).resampled(target))
    np.testing.assert_allclose(streamed, resample(sound, source, target), rtol=0, atol=1e-6)


def test_resampling_to_the_same_rate_changes_nothing():
    sound = tones(0.1)
    assert np.array_equal(
        np.concatenate(list(resample_blocks([sound[:, :99], sound[:, 99:]], 8, 8)), 1), sound
    )
    assert np.array_equal(whole(held(sound, 48_000).resampled(48_000)), sound)


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 200_000])
def test_fitted_to_a_length(length):
    sound = np.arange(4000, dtype=np.float32).reshape(4, 1000)
    assert np.array_equal(whole(in_blocks(sound, 37).fitted(length)), fit_length(sound, length))


def test_what_is_cut_off_is_not_read():
    def endless():
        while True:
            yield np.ones((2, 100), np.float32)

    assert whole(Sound(2, 48_000, 10**9, endless).fitted(250)).shape == (2, 250)


@pytest.mark.parametrize("count", [0, 1, 37, 38, 500, 2000])
def test_the_beginning_can_be_left_out(count):
    sound = np.arange(1000, dtype=np.float32)[None]
    rest = np.concatenate(list(skip_blocks(in_blocks(sound, 37).blocks(), count)), axis=1)
    assert np.array_equal(rest, sound[:, count:])


def test_stored_sound_is_the_same_and_can_be_read_again(tmp_path):
    sound = tones(2.9)
    stored = store(in_blocks(sound, 1001), tmp_path / "a.f32")
    assert np.array_equal(whole(stored), sound)
    assert np.array_equal(whole(stored.scaled(0.25)), sound * np.float32(0.25))
    assert [path.name for path in tmp_path.iterdir()] == ["a.f32"]


def test_nothing_is_left_of_a_sound_that_fails_while_it_is_stored(tmp_path):
    def broken():
        yield np.ones((1, 10), np.float32)
        raise UserError("is damaged")

    with pytest.raises(UserError, match="damaged"):
        store(Sound(1, 48_000, 20, broken), tmp_path / "a.f32")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(UserError, match="disk is full"):
            store(held(tones(1), 48_000), small / "a.f32")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)  # noqa: S603, S607


def test_two_sounds_become_one_however_they_are_cut():
    a, b = tones(0.5), tones(0.5)[::-1]
    both = joined(in_blocks(a, 700), in_blocks(b, 333), lambda *pair: np.concatenate(pair), 8)
    assert np.array_equal(whole(both), np.concatenate([a, b]))


def test_only_channels_of_samples_can_be_held():
    with pytest.raises(ValueError, match="channels, n"):
        held(np.zeros(5), 48_000)


def test_a_long_sound_is_never_in_memory_as_a_whole(tmp_path):
    block = tones(1, sample_rate=44_100)
    seconds = 100
    endless = Sound(4, 44_100, seconds * 44_100, lambda: iter([block] * seconds))
    small = Sound(4, 44_100, 44_100, lambda: iter([block]))

    def deliver(sound):
        stored = store(sound.resampled(48_000), tmp_path / "a.f32")
        measure(stored.blocks(), 48_000)
        ears = Sound(2, 48_000, stored.samples, lambda: binaural_blocks(stored.blocks(), 48_000))
        write_sound(tmp_path / "a.wav", ears.scaled(0.1), subtype="PCM_24")

    deliver(small)
    tracemalloc.start()
    deliver(endless)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.25 * seconds * 48_000 * 4 * 4
