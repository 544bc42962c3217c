from pathlib import Path

import numpy as np
import pytest
import soundfile

from audiospace.errors import UserError
from audiospace.simulate import KINDS, SoundLibrary
from audiospace.simulate.recordings import kind_of, load_recording
from audiospace.simulate.sources import PEAK, PROCEDURAL, PROCEDURAL_SHARE, RMS

RATE = 22050


@pytest.fixture
def folder(tmp_path):
    time = np.arange(RATE) / RATE
    names = {
        "dog_bark/1-100032-A.ogg": 440,
        "dog_bark/5-100038-A.ogg": 880,
        "waves.wav": 220,
        "notes/unknown.wav": 100,
    }
    for name, frequency in names.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        sound = np.concatenate(
            [np.zeros(RATE // 2), 0.3 * np.sin(2 * np.pi * frequency * time), np.zeros(RATE)]
        )
        soundfile.write(path, sound, RATE)
    return tmp_path


def dominant(sound):
    return np.abs(np.fft.rfft(sound)).argmax() * RATE / len(sound)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("esc10/dog_bark/1-100032-A.ogg", "dog"),
        ("esc10/sea_waves/1-28135-A.ogg", "sea"),
        ("esc10/helicopter/1-172649-A.ogg", "aircraft"),
        ("ambience/coffee-shop.ogg", "crowd"),
        ("ambience/summer-night.ogg", "insect"),
        ("ambience/train.ogg", "train"),
        ("music/solo_trumpet.ogg", "wind_instrument"),
        ("speech/198-209-0000.ogg", "people"),
        ("notes/unknown.ogg", None),
    ],
)
def test_kind_of_known_collections(name, kind):
    assert kind_of(Path(name)) == kind


def test_splits_share_no_recording(folder):
    train, test = (SoundLibrary.from_folder(folder, split=split) for split in ("train", "test"))
    paths = [{r.path for group in library.recordings.values() for r in group} for library in (train, test)]
    assert not paths[0] & paths[1]
    assert {path.name for path in paths[1]} >= {"5-100038-A.ogg"}


def test_draw_plays_the_recording_of_its_kind(folder):
    library = SoundLibrary.from_folder(folder, include_procedural=False)
    assert library.kinds == ("dog", "sea")
    drawn = library.draw_sound("sea", 4.0, RATE, np.random.default_rng(0))
    assert drawn.origin.endswith("waves.wav")
    assert dominant(drawn.samples) == pytest.approx(220, abs=2)
    assert dominant(library.draw("dog", 0.5, RATE, np.random.default_rng(0))) in (
        pytest.approx(440, abs=4),
        pytest.approx(880, abs=4),
    )


def synthesised(library: SoundLibrary, kind: str) -> float:
    """The share of 200 draws that the generator made."""
    origins = [
        library.draw_sound(kind, 0.05, RATE, np.random.default_rng(seed)).origin for seed in range(200)
    ]
    return origins.count(PROCEDURAL) / len(origins)


def test_a_generator_counts_as_so_many_recordings(folder):
    library = SoundLibrary.from_folder(folder, generator_worth=3)
    assert synthesised(library, "sea") == pytest.approx(3 / 4, abs=0.1)
    assert synthesised(library, "dog") == pytest.approx(3 / 5, abs=0.1)
    assert synthesised(library, "bird") == 1.0


def test_recordings_come_first_where_generators_count_for_nothing(folder):
    assert synthesised(SoundLibrary.from_folder(folder), "sea") == pytest.approx(PROCEDURAL_SHARE, abs=0.1)


def test_loop_of_a_texture_has_no_gap(folder):
    soundfile.write(folder / "waves.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)
    sound = SoundLibrary.from_folder(folder, include_procedural=False).draw(
        "sea", 4.0, RATE, np.random.default_rng(3)
    )
    blocks = np.sqrt(np.mean(sound[: len(sound) // 441 * 441].reshape(-1, 441) ** 2, axis=1))
    assert blocks[2:-2].min() > 0.3 * np.median(blocks)


def test_same_state_draws_the_same_sound(folder):
    library = SoundLibrary.from_folder(folder)
    for kind in ("dog", "bird"):
        first, again = (library.draw(kind, 1.0, RATE, np.random.default_rng(5)) for _ in range(2))
        assert np.array_equal(first, again)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [0.25, 1.0])
def test_draw_is_levelled_and_never_silent(kind, seconds):
    library = SoundLibrary.procedural()
    for seed in range(3):
        sound = library.draw(kind, seconds, RATE, np.random.default_rng(seed))
        assert sound.dtype == np.float32
        assert sound.shape == (round(seconds * RATE),)
        peak, rms = np.abs(sound).max(), np.sqrt(np.mean(sound**2))
        assert peak <= PEAK + 1e-6
        assert rms == pytest.approx(RMS, rel=1e-3) or peak == pytest.approx(PEAK, rel=1e-3)


def test_silence_around_a_recording_is_cut(folder):
    assert len(load_recording(folder / "waves.wav", RATE)) == pytest.approx(RATE, abs=0.03 * RATE)


def test_what_cannot_be_used_is_said(folder, tmp_path):
    with pytest.raises(UserError, match="no such folder"):
        SoundLibrary.from_folder(tmp_path / "missing")
    with pytest.raises(UserError, match="no recording of a known kind"):
        SoundLibrary.from_folder(folder / "notes")
    with pytest.raises(ValueError, match="no sound of kind 'cat'"):
        SoundLibrary.procedural().draw("cat", 1.0, RATE, np.random.default_rng(0))
