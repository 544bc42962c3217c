import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from audiospace.errors import UserError
from audiospace.hearing import EMBEDDERS, load_embedder
from audiospace.hearing.embedder import Heard
from audiospace.hearing.judge import SoundJudge
from audiospace.hearing.judge_file import embedded_judge
from audiospace.media import read_audio
from audiospace.metrics import GaussianStatistics, frechet_distance
from audiospace.simulate import KINDS, SoundLibrary
from audiospace.simulate.shares import share_of

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture(scope="module")
def judge() -> SoundJudge:
    return SoundJudge.load()


@pytest.fixture(scope="module")
def sounds(judge) -> dict[str, list[np.ndarray]]:
    """Procedural sounds of half of the kinds, 3 s each, from a seed that training did not use."""
    library, rng = SoundLibrary.procedural(), np.random.default_rng(4242)
    rate = judge.sample_rate
    return {kind: [library.draw(kind, 3.0, rate, rng) for _ in range(4)] for kind in KINDS[::2]}


def statistics(judge, sounds):
    return GaussianStatistics.of(np.concatenate([judge.hear(sound[None]).embeddings for sound in sounds]))


def some(sounds):
    return [sound for group in sounds.values() for sound in group[:2]]


def test_probabilities_are_the_softmax_of_the_logits():
    heard = Heard(np.zeros((1, 2), np.float32), np.log(np.array([1.0, 2.0, 5.0], np.float32)) + 700)
    np.testing.assert_allclose(heard.probabilities, [0.125, 0.25, 0.625], rtol=1e-4)
    sure = Heard(heard.embeddings, np.array([2000.0, 0.0], dtype=np.float32))
    assert sure.probabilities.tolist() == [1.0, 0.0]
    assert Heard(heard.embeddings, None).probabilities is None


def test_the_registry_loads_the_judge_and_names_what_it_knows():
    assert next(iter(EMBEDDERS)) == "judge"
    assert load_embedder("judge").title == "sound-judge"
    with pytest.raises(UserError, match="Known: judge"):
        load_embedder("ear")


def test_the_registry_imports_no_embedder_by_itself():
    code = (
        "import sys, audiospace.hearing.registry as r; "
        "assert not any(m.startswith('audiospace.hearing.judge') for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)  # noqa: S603


def test_the_embedded_judge_is_small_and_knows_the_kinds(judge):
    assert embedded_judge().stat().st_size <= 2_000_000
    assert judge.labels == KINDS
    assert not judge.comparable
    assert judge.id.startswith("sound-judge-")


@pytest.mark.parametrize("seconds", [1 / 32000, 0.3, 1.0, 2.0, 5.0])
def test_a_sound_of_any_length_is_heard(judge, seconds):
    sound = np.random.default_rng(0).standard_normal((1, round(seconds * judge.sample_rate)))
    heard = judge.hear(sound)
    assert heard.embeddings.shape == (max(1, round(seconds) - 1), judge.dimensions)
    assert heard.logits.shape == (len(KINDS),)
    assert np.isfinite(heard.embeddings).all()
    assert heard.probabilities.sum() == pytest.approx(1.0)


def test_the_level_of_a_sound_does_not_matter(judge, sounds):
    sound = sounds["dog"][0][None]
    for gain in (0.001, 0.1, 10.0):
        heard, again = judge.hear(sound), judge.hear(gain * sound)
        np.testing.assert_allclose(again.logits, heard.logits, atol=2e-3)
        np.testing.assert_allclose(again.embeddings, heard.embeddings, atol=2e-3)


def test_silence_is_heard_without_fuss(judge):
    heard = judge.hear(np.zeros((4, 50_000)))
    assert np.isfinite(heard.embeddings).all()
    assert np.isfinite(heard.logits).all()


def test_only_the_omnidirectional_channel_of_ambisonics_is_heard(judge, sounds):
    sound = sounds["dog"][0]
    rest = np.random.default_rng(1).standard_normal((3, len(sound)))
    np.testing.assert_array_equal(
        judge.hear(np.concatenate([sound[None], rest])).logits, judge.hear(sound[None]).logits
    )
    np.testing.assert_allclose(
        judge.hear(np.stack([sound, sound])).logits, judge.hear(sound[None]).logits, atol=1e-4
    )


def test_silence_beside_a_sound_does_not_blur_its_label(judge, sounds):
    sound = sounds["dog"][0]
    padded = np.concatenate([sound, np.zeros(5 * judge.sample_rate, np.float32)])
    assert KINDS[int(judge.hear(padded[None]).logits.argmax())] == "dog"


def test_a_wrong_shape_and_missing_samples_are_refused(judge):
    for sound in (np.zeros(100), np.zeros((1, 0)), np.full((1, 100), np.nan)):
        with pytest.raises(ValueError, match="sound"):
            judge.hear(sound)


def test_most_fresh_procedural_sounds_are_recognised(judge, sounds):
    right = [
        kind == KINDS[int(judge.hear(sound[None]).logits.argmax())]
        for kind, group in sounds.items()
        for sound in group
    ]
    assert np.mean(right) > 0.7


def test_more_noise_is_farther_away(judge, sounds):
    clean, rng = some(sounds), np.random.default_rng(9)
    reference, distances = statistics(judge, clean), []
    for decibels in (30, 20, 10, 0):
        level = 10 ** (-decibels / 20)
        noisy = [s + level * np.sqrt(np.mean(s**2)) * rng.standard_normal(len(s)) for s in clean]
        distances.append(frechet_distance(reference, statistics(judge, noisy)))
    assert 0 < distances[0]
    assert distances == sorted(distances)


def test_a_lower_low_pass_is_farther_away(judge, sounds):
    clean, distances = some(sounds), []
    reference = statistics(judge, clean)
    for cutoff in (8000, 4000, 2000, 1000):
        sections = butter(8, cutoff, fs=judge.sample_rate, output="sos")
        dull = [sosfiltfilt(sections, sound) for sound in clean]
        distances.append(frechet_distance(reference, statistics(judge, dull)))
    assert 0 < distances[0]
    assert distances == sorted(distances)


def test_other_kinds_are_farther_away_than_another_draw_of_the_same(judge, sounds):
    def half(kind, start):
        return statistics(judge, sounds[kind][start::2])

    names = list(sounds)
    closer = [
        frechet_distance(half(kind, 0), half(kind, 1)) < frechet_distance(half(kind, 0), half(other, 1))
        for kind, other in zip(names, [*names[1:], names[0]], strict=True)
    ]
    assert np.mean(closer) > 0.85


@pytest.mark.skipif(not (SHARED / "esc10").is_dir(), reason="needs the recordings of ../shared")
def test_most_held_out_recordings_are_recognised(judge):
    found = []
    for path in sorted((SHARED / "esc10").rglob("5-*.ogg"))[::3]:
        assert share_of(path) == "test"
        sound = read_audio(path, sample_rate=judge.sample_rate).samples
        found.append(KINDS[int(judge.hear(sound).logits.argmax())] == _kind(path))
    assert np.mean(found) > 0.5


def _kind(path: Path) -> str:
    from audiospace.simulate.recordings import kind_of

    kind = kind_of(path)
    assert kind is not None
    return kind
