"""How well the embedded recogniser of sounds does, on sounds that it was not trained on.

With 95 % bootstrap intervals:

- accuracy on the test fold of ESC-10 and on fresh procedural sounds, the best of all labels taken, beside the
  nearest mean log-mel spectrum of a class (fitted on what the recogniser was trained on) and chance;
- accuracy per kind and the most frequent confusions;
- Fréchet distances to held-out sounds of those sounds with noise and low-passed, and of sounds of other
  kinds beside another draw of the same ones;
- time for ten seconds of sound on one core.

Run: python benchmarks/judge.py --sounds FOLDER [--sounds FOLDER ...] [--weights FILE] [--json FILE]
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from audiospace.evaluation.statistics import Interval, bootstrap_mean
from audiospace.hearing.judge import SoundJudge
from audiospace.hearing.judge_file import embedded_judge, read_judge
from audiospace.hearing.log_mel import LogMel, levelled
from audiospace.media import read_audio
from audiospace.metrics import GaussianStatistics, frechet_distance
from audiospace.simulate import SoundLibrary
from audiospace.simulate.recordings import find_recordings
from audiospace.simulate.shares import Share, share_of

SECONDS = 5.0
PER_KIND = 12
SNRS = (30, 20, 10, 0)
CUTOFFS = (8000, 4000, 2000, 1000)

Mono = NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """A sound and its kind."""

    samples: Mono
    kind: str


def recordings(folders: Sequence[Path], share: Share, rate: int) -> list[Labelled]:
    """Decoded recordings of one share."""
    found = [item for item in find_recordings(folders) if share_of(item.path) == share]
    return [Labelled(read_audio(i.path, sample_rate=rate).samples.mean(axis=0), i.kind) for i in found]


def procedural(rate: int, per_kind: int, seed: int) -> list[Labelled]:
    """Fresh procedural sounds of every kind."""
    library, rng = SoundLibrary.procedural(), np.random.default_rng(seed)
    kinds = [kind for kind in library.kinds for _ in range(per_kind)]
    return [Labelled(library.draw(kind, SECONDS, rate, rng), kind) for kind in kinds]


def nearest_spectrum(log_mel: LogMel, training: Sequence[Labelled], test: Sequence[Labelled]) -> list[str]:
    """Kinds by the nearest class mean of the time-averaged log-mel spectrum."""

    def spectrum(sound: Labelled) -> NDArray[np.float32]:
        return log_mel(levelled(torch.from_numpy(sound.samples)[None]))[0].mean(dim=0).numpy()

    rows = {kind: [spectrum(s) for s in training if s.kind == kind] for kind in {s.kind for s in training}}
    means = {kind: np.mean(row, axis=0) for kind, row in rows.items()}
    return [
        min(means, key=lambda kind: float(np.sum((means[kind] - seen) ** 2))) for seen in map(spectrum, test)
    ]


def judged(judge: SoundJudge, sounds: Sequence[Labelled], among: Sequence[str] | None = None) -> list[str]:
    """The judge's best label of each sound, of all labels or of some."""
    labels = judge.labels or ()
    allowed = [labels.index(kind) for kind in among or labels]
    logits = [judge.hear(sound.samples[None]).logits for sound in sounds]
    return [labels[allowed[int(np.argmax(row[allowed]))]] for row in logits if row is not None]


def accuracy(found: Sequence[str], sounds: Sequence[Labelled]) -> Interval:
    """Share of right labels."""
    return bootstrap_mean([float(name == sound.kind) for name, sound in zip(found, sounds, strict=True)])


def per_kind(found: Sequence[str], sounds: Sequence[Labelled]) -> dict[str, Interval]:
    """Share of right labels, kind by kind."""
    pairs = list(zip(found, sounds, strict=True))
    kinds = dict.fromkeys(sound.kind for sound in sounds)
    return {
        kind: bootstrap_mean([float(name == kind) for name, sound in pairs if sound.kind == kind])
        for kind in kinds
    }


def confusions(found: Sequence[str], sounds: Sequence[Labelled]) -> list[tuple[str, str, int]]:
    """The most frequent mistakes: true kind, found kind, how often."""
    wrong = Counter((s.kind, name) for name, s in zip(found, sounds, strict=True) if name != s.kind)
    return [(true, name, times) for (true, name), times in wrong.most_common(10)]


def with_noise(sound: Mono, decibels: float, rng: np.random.Generator) -> Mono:
    """Add white noise at a signal-to-noise ratio."""
    noise = rng.standard_normal(len(sound), dtype=np.float32)
    level = np.sqrt(np.mean(sound**2)) * 10 ** (-decibels / 20)
    return (sound + level * noise).astype(np.float32)


def low_passed(sound: Mono, cutoff: float, rate: int) -> Mono:
    """Take away what is above a frequency."""
    return sosfiltfilt(butter(8, cutoff, fs=rate, output="sos"), sound).astype(np.float32)


def statistics(
    judge: SoundJudge, sounds: Sequence[Labelled], change: Callable[[Mono], Mono] = lambda mono: mono
) -> GaussianStatistics:
    """Mean and covariance of the embeddings of all windows of all sounds."""
    heard = [judge.hear(change(sound.samples)[None]).embeddings for sound in sounds]
    return GaussianStatistics.of(np.concatenate(heard))


def degradations(judge: SoundJudge, sounds: Sequence[Labelled]) -> dict[str, float]:
    """Fréchet distances between sounds and what has become of them."""
    reference, rng, rate = statistics(judge, sounds), np.random.default_rng(5), judge.sample_rate
    figures = {}
    for decibels in SNRS:
        changed = statistics(judge, sounds, lambda mono, snr=decibels: with_noise(mono, snr, rng))
        figures[f"noise at {decibels} dB"] = frechet_distance(reference, changed)
    for cutoff in CUTOFFS:
        changed = statistics(judge, sounds, lambda mono, hertz=cutoff: low_passed(mono, hertz, rate))
        figures[f"low-pass at {cutoff} Hz"] = frechet_distance(reference, changed)
    return figures


def class_swaps(judge: SoundJudge, sounds: Sequence[Labelled]) -> dict[str, float]:
    """Per kind: distance between its two halves against the least and mean distance to other kinds."""
    kinds = list(dict.fromkeys(sound.kind for sound in sounds))
    halves = {}
    for kind in kinds:
        group = [sound for sound in sounds if sound.kind == kind]
        halves[kind] = statistics(judge, group[::2]), statistics(judge, group[1::2])
    same = {kind: frechet_distance(*halves[kind]) for kind in kinds}
    other = {
        kind: [frechet_distance(halves[kind][0], halves[name][1]) for name in kinds if name != kind]
        for kind in kinds
    }
    pairs = [(same[kind], distance) for kind in kinds for distance in other[kind]]
    return {
        "same kind, mean": float(np.mean(list(same.values()))),
        "other kind, mean": float(np.mean([distance for _, distance in pairs])),
        "share of pairs in which the other kind is farther": float(np.mean([a < b for a, b in pairs])),
        "pairs": float(len(pairs)),
    }


def seconds_for_ten(judge: SoundJudge) -> float:
    """Processor time for ten seconds of sound, the median of nine."""
    sound = np.random.default_rng(0).standard_normal((1, 10 * judge.sample_rate), dtype=np.float32)
    times = []
    for _ in range(10):
        started = time.process_time()
        judge.hear(sound)
        times.append(time.process_time() - started)
    return float(np.median(times[1:]))


def measure(judge: SoundJudge, log_mel: LogMel, folders: Sequence[Path]) -> dict[str, object]:
    """All figures by name, printed on the way."""
    rate = judge.sample_rate
    real = [s for s in recordings([f for f in folders if f.name == "esc10"], "test", rate)]
    learnt = recordings(folders, "judge", rate)
    fresh, drawn = procedural(rate, PER_KIND, 77), procedural(rate, 6, 78)
    figures: dict[str, object] = {"processor seconds for 10 s": seconds_for_ten(judge)}
    real_kinds = sorted({sound.kind for sound in real})
    for name, test, training in (("ESC-10 fold 5", real, learnt), ("procedural", fresh, drawn)):
        found = judged(judge, test)
        nearest = nearest_spectrum(log_mel, [s for s in training if s.kind in {t.kind for t in test}], test)
        figures[f"{name}: accuracy"] = asdict(accuracy(found, test))
        figures[f"{name}: nearest mean spectrum"] = asdict(accuracy(nearest, test))
        figures[f"{name}: per kind"] = {kind: asdict(v) for kind, v in per_kind(found, test).items()}
        figures[f"{name}: confusions"] = confusions(found, test)
        figures[f"{name}: degradations"] = degradations(judge, test)
        figures[f"{name}: class swaps"] = class_swaps(judge, test)
    figures["ESC-10 fold 5: accuracy among its ten kinds"] = asdict(
        accuracy(judged(judge, real, real_kinds), real)
    )
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sounds", type=Path, action="append", required=True)
    parser.add_argument("--weights", type=Path, default=embedded_judge())
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    parts = read_judge(arguments.weights)
    figures = measure(SoundJudge(parts), LogMel(parts.front_end), arguments.sounds)
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
