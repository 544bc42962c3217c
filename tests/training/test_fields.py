import itertools

import numpy as np
import pytest
import soundfile

from audiospace.simulate import SoundLibrary
from audiospace.training.fields import SoundPool, endless, pseudo_field, random_field, sound_library

RATE = 16000


@pytest.fixture(scope="module")
def pool() -> SoundPool:
    return SoundPool.fill(SoundLibrary.procedural(), RATE, seed=1, draws=1)


def test_pseudo_fields_leave_height_and_depth_empty(pool):
    for field in itertools.islice(endless(pseudo_field, pool, 1.0, RATE, 5), 6):
        assert field.shape == (4, RATE)
        assert not field[2:].any()
        assert field[0].any()


def test_random_fields_keep_to_their_levels_and_repeat(pool):
    fields = list(itertools.islice(endless(random_field, pool, 1.0, RATE, 5), 6))
    for field in fields:
        level = 20 * np.log10(np.sqrt(np.mean(np.square(field[0]))))
        assert -36.5 < level < -15.5
    again = list(itertools.islice(endless(random_field, pool, 1.0, RATE, 5), 6))
    np.testing.assert_array_equal(fields, again)
    assert not np.array_equal(fields[0], fields[1])


def test_a_pool_refuses_another_rate_and_too_long_a_stretch(pool):
    rng = np.random.default_rng(0)
    for seconds, rate in ((1.0, 44100), (60.0, RATE)):
        with pytest.raises(ValueError, match="cannot be cut"):
            pool.draw("dog", seconds, rate, rng)


def test_a_kind_with_a_single_recording_is_mostly_synthesised(tmp_path):
    soundfile.write(tmp_path / "summer-night.wav", 0.1 * np.ones(RATE), RATE)
    library = sound_library((str(tmp_path),))
    assert list(library.recordings) == ["insect"]
    origins = [
        library.draw_sound("insect", 0.05, RATE, np.random.default_rng(seed)).origin for seed in range(50)
    ]
    assert len(origins) / 2 < origins.count("procedural") < len(origins)
