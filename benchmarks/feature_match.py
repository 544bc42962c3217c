"""How well simulated video features match those of real frames.

Run: python benchmarks/feature_match.py VIDEO... [--scenes 48] [--cache FILE.npz]. Real 360 videos are looked
at four times a second; as many simulated scenes as asked for are made by `simulate_features` and, with
`--bank-frames`, by rendered looks. Only pooled statistics are printed: nothing of a single clip.

Three measures:

- Statistics side by side, each with the Kolmogorov-Smirnov distance D between the two samples behind it (0
  for one distribution, 1 for no overlap). Videos and scenes weigh alike. With few videos, D between two
  halves of the real ones (`halves`, mean over random splits) is about what a perfect simulator would get.
- The area under the ROC curve (AUC) of a gradient-boosted classifier that tells real from simulated tiles,
  from descriptions that carry no category's name and no direction but the height: 0.5 cannot tell, 1 always
  can. Tested on clips that it was not trained on.
- The Frechet distance between Gaussians fitted to the same descriptions, in units of the real descriptions'
  standard deviation.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audiospace.media import read_frames
from audiospace.panorama import sphere_tiling
from audiospace.simulate import KINDS, random_scene
from audiospace.training.feature_bank import FeatureBank
from audiospace.training.simulated_features import simulate_features
from audiospace.vision import EfficientNetLite0, extract, useful_height
from audiospace.vision.branches import ALL_BRANCHES, TILE_FOV

Clip = Mapping[str, NDArray[np.float32]]
Array = NDArray[np.float64]

RATE = 4.0
TILING = sphere_tiling(24, TILE_FOV, 224)
NEAR = TILING.directions @ TILING.directions.T > np.cos(np.radians(50.0))
np.fill_diagonal(NEAR, val=False)
FAR = TILING.directions @ TILING.directions.T < np.cos(np.radians(120.0))
ACTIVE = 0.02


def real_clips(videos: Sequence[Path], cache: Path | None) -> list[Clip]:
    """Features of videos; the cache, if any, is for repeated runs on one machine."""
    if cache is not None and cache.exists():
        with np.load(cache, allow_pickle=False) as stored:
            return [
                {name: stored[f"{k}.{name}"] for name in ALL_BRANCHES}
                for k in range(len(stored.files) // len(ALL_BRANCHES))
            ]
    encoder = EfficientNetLite0()
    clips: list[Clip] = []
    for video in videos:
        frames = read_frames(video, frames_per_second=RATE, height=useful_height(encoder.size))
        clips.append(extract(frames, encoder, branches=ALL_BRANCHES).branches)
        print(f"looked at {len(clips)} of {len(videos)} videos", flush=True)
    if cache is not None:
        np.savez(
            cache, **{f"{k}.{name}": value for k, clip in enumerate(clips) for name, value in clip.items()}
        )
    return clips


def simulated_clips(count: int, seed: int, bank: FeatureBank | None) -> list[Clip]:
    """Features of random scenes."""
    scenes = [random_scene(seed + k, seconds=10.0) for k in range(count)]
    if bank is not None:
        return [bank.features(scene, RATE) for scene in scenes]
    return [simulate_features(scene, RATE) for scene in scenes]


def statistics(clip: Clip) -> dict[str, Array]:
    """Samples of each statistic, of one clip."""
    mass, motion = clip["tiles"][..., :-1].astype(np.float64), clip["tiles"][..., -1].astype(np.float64)
    total = mass.sum(axis=2)
    strongest = int(mass.sum(axis=(0, 1)).argmax())
    found: dict[str, Array] = {
        "mass of a tile": total.ravel(),
        "mass of a tile, log10, where any": np.log10(total[total > 1e-4]),
        "tiles with mass < 0.001": np.mean(total < 1e-3, axis=1),
        "tiles with mass > 0.3": np.mean(total > 0.3, axis=1),
        "tiles with the strongest category > 0.05": np.mean(mass[..., strongest] > 0.05, axis=1),
        "its largest mass in a frame": mass[..., strongest].max(axis=1),
        "its share of all mass": mass[..., strongest].sum(axis=1) / (total.sum(axis=1) + 1e-6),
        "categories active in a tile": (mass > ACTIVE).sum(axis=2).ravel().astype(np.float64),
        "categories active in a clip": np.atleast_1d(float((mass.max(axis=(0, 1)) > 0.1).sum())),
        "share of a tile's top category": (mass.max(axis=2) / np.maximum(total, 1e-9))[total > ACTIVE],
        "mass of the sphere": total @ TILING.weights,
        "moment of all mass, |xyz|/W": _moment(total),
        "moment of the strongest category": _moment(mass[..., strongest]),
        "motion": motion.ravel(),
        "tiles without motion": np.mean(motion < 1e-3, axis=1),
        "largest motion of a frame": motion.max(axis=1),
        "moment of motion": _moment(motion),
        "motion against mass, correlation": np.atleast_1d(_correlation(motion, total)),
    }
    for name, rows in (("mass", total), ("strongest", mass[..., strongest]), ("motion", motion)):
        for lag in (1, 4, 16):
            found[f"{name} after {lag / RATE:g} s"] = np.atleast_1d(_correlation(rows[lag:], rows[:-lag]))
        found[f"{name} next door"] = np.atleast_1d(_beside(rows, NEAR))
        found[f"{name} opposite"] = np.atleast_1d(_beside(rows, FAR))
    for name, ring in (("level", slice(0, 12)), ("up", slice(12, 18)), ("down", slice(18, 24))):
        found[f"mass of tiles looking {name}"] = total[:, ring].mean(axis=1)
        found[f"motion of tiles looking {name}"] = motion[:, ring].mean(axis=1)
    for name in ("fov", "panorama", "eac"):
        if name in clip:
            view = clip[name].astype(np.float64)
            found[f"mass of {name}"] = view.sum(axis=1)
            found[f"{name} after 1 s"] = np.atleast_1d(_correlation(view[4:], view[:-4]))
    return found


def _moment(rows: Array) -> Array:
    weighted = rows * TILING.weights
    return np.linalg.norm(weighted @ TILING.directions, axis=1) / (weighted.sum(axis=1) + 1e-9)


def _correlation(first: Array, second: Array) -> float:
    a, b = first.ravel() - first.mean(), second.ravel() - second.mean()
    return float(a @ b / np.sqrt(a @ a * (b @ b) + 1e-18))


def _beside(rows: Array, pairs: NDArray[np.bool_]) -> float:
    one, other = np.nonzero(pairs)
    return _correlation(rows[:, one], rows[:, other])


def descriptions(clip: Clip, stride: int = 4) -> Array:
    """Nameless descriptions of tiles and their surroundings, shape (frames / stride * N, features)."""
    mass, motion = clip["tiles"][..., :-1].astype(np.float64), clip["tiles"][..., -1].astype(np.float64)
    total = mass.sum(axis=2)
    top = mass.argmax(axis=2)
    near = NEAR / NEAR.sum(axis=1, keepdims=True)
    same_here = np.take_along_axis(np.einsum("nm,tmk->tnk", near, mass), top[..., None], 2)[..., 0]
    later = np.concatenate([mass[1:], mass[-1:]])
    columns = [
        *np.moveaxis(-np.sort(-mass, axis=2)[..., :4], 2, 0),
        total,
        motion,
        total @ near.T,
        motion @ near.T,
        same_here,
        np.take_along_axis(later, top[..., None], 2)[..., 0],
        np.abs(later - mass).sum(axis=2),
        np.repeat((total @ TILING.weights)[:, None], TILING.count, axis=1),
        np.broadcast_to(np.sin(TILING.elevations), total.shape),
    ]
    rows = np.stack(columns, axis=-1)
    rows[..., :-1] = np.log10(np.maximum(rows[..., :-1], 0) + 1e-3)
    return rows[::stride].reshape(-1, len(columns))


def auc(real: Sequence[Clip], simulated: Sequence[Clip]) -> float:
    """Area under the ROC curve of real against simulated tiles, tested on clips not trained on."""
    clips = [descriptions(clip) for clip in (*real, *simulated)]
    groups = np.repeat(np.arange(len(clips)), [len(rows) for rows in clips])
    rows, labels = np.concatenate(clips), (groups < len(real)).astype(int)
    weights = np.where(labels == 1, 1 / labels.mean(), 1 / (1 - labels.mean()))
    scores = np.zeros(len(rows))
    for train, test in GroupKFold(6, shuffle=True, random_state=0).split(rows, labels, groups):
        model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, random_state=0)
        scores[test] = model.fit(rows[train], labels[train], weights[train]).predict_proba(rows[test])[:, 1]
    return float(roc_auc_score(labels, scores))


def frechet(real: Sequence[Clip], simulated: Sequence[Clip]) -> float:
    """Frechet distance between Gaussians fitted to the descriptions, standardised by the real ones."""
    a, b = (np.concatenate([descriptions(clip) for clip in clips]) for clips in (real, simulated))
    centre, scale = a.mean(axis=0), a.std(axis=0) + 1e-9
    a, b = (a - centre) / scale, (b - centre) / scale
    first, second = np.cov(a.T), np.cov(b.T)
    cross = np.real(sqrtm(first @ second))
    return float(np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + np.trace(first + second - 2 * cross))


def pooled(clips: Sequence[Clip], rng: np.random.Generator) -> dict[str, Array]:
    """Samples of all clips together, equally many of each."""
    each = [statistics(clip) for clip in clips]
    names = dict.fromkeys(name for found in each for name in found)
    return {name: _pool([found[name] for found in each if name in found], rng) for name in names}


def _pool(samples: Sequence[Array], rng: np.random.Generator) -> Array:
    filled = [sample for sample in samples if len(sample)]
    count = max(len(sample) for sample in filled)
    return np.concatenate([rng.choice(sample, count) if len(sample) < count else sample for sample in filled])


def halves(real: Sequence[Clip], rng: np.random.Generator, splits: int = 12) -> dict[str, float]:
    """Distance between two halves of the real clips, mean over random splits."""
    found: dict[str, list[float]] = {}
    for _ in range(splits):
        order = rng.permutation(len(real))
        parts = [pooled([real[k] for k in order[start::2]], rng) for start in (0, 1)]
        for name, sample in parts[0].items():
            found.setdefault(name, []).append(float(ks_2samp(sample, parts[1][name]).statistic))
    return {name: float(np.mean(values)) for name, values in found.items()}


def print_table(real: Sequence[Clip], simulated: Mapping[str, Sequence[Clip]]) -> None:
    """One row per statistic: 10th, 50th and 90th percentile and mean, and D."""
    rng = np.random.default_rng(0)
    truth, within = pooled(real, rng), halves(real, rng)
    samples = {name: pooled(clips, rng) for name, clips in simulated.items()}
    heads = "".join(f"{f'{name}: p10 p50 p90 mean':>32s} {'D':>5s}" for name in samples)
    print(f"{'statistic':42s}{'real: p10 p50 p90 mean':>28s} {'halves':>7s}{heads}")
    for name, sample in truth.items():
        line = f"{name:42s}{_summary(sample)} {within[name]:7.2f}"
        for other in samples.values():
            if name in other:
                distance = ks_2samp(sample, other[name]).statistic
                line += f"    {_summary(other[name])} {distance:5.2f}"
        print(line)
    for name, other in samples.items():
        shared = [ks_2samp(truth[key], other[key]).statistic for key in truth if key in other]
        print(f"mean D, {name}: {np.mean(shared):.3f} (halves {np.mean(list(within.values())):.3f})")


def _summary(sample: Array) -> str:
    low, middle, high = np.quantile(sample, [0.1, 0.5, 0.9])
    return f"{low:7.3f}{middle:7.3f}{high:7.3f}{sample.mean():7.3f}"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--scenes", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bank-frames", type=int, default=0, help="compare rendered looks, too")
    parser.add_argument("--cache", type=Path, help="keep the videos' features here")
    arguments = parser.parse_args()
    real = real_clips(arguments.videos, arguments.cache)
    simulated = {"simulated": simulated_clips(arguments.scenes, arguments.seed, None)}
    if arguments.bank_frames:
        bank = FeatureBank.build(EfficientNetLite0(), KINDS, arguments.bank_frames, TILING.count)
        simulated["rendered"] = simulated_clips(arguments.scenes, arguments.seed, bank)
    print_table(real, simulated)
    for name, clips in simulated.items():
        if "tiles" in clips[0]:
            print(f"AUC, {name}: {auc(real, clips):.3f}; Frechet distance {frechet(real, clips):.2f}")
    print(f"AUC between halves of the real clips: {auc(real[::2], real[1::2]):.3f}")
    print(f"Frechet distance between them: {frechet(real[::2], real[1::2]):.2f}")


if __name__ == "__main__":
    main()
