"""How surely the embedded encoder names simulated sources, in 60-degree views of rendered frames.

Run: python benchmarks/looks.py [--views 24]. For each kind it prints the median and the lower quartile of the
right category's probability, how often that category is the strongest of the 28, and, for views of bare
backgrounds, the strongest categories.
"""

import argparse

import numpy as np

from audiospace.panorama import perspective
from audiospace.simulate import KINDS, Scene, Source, backdrop, random_scene, render_frames, still
from audiospace.simulate.kinds import LARGE_KINDS
from audiospace.vision.categories import category_posterior
from audiospace.vision.encoder import EfficientNetLite0

FOV, SIZE, HEIGHT = np.radians(60), 224, 480


def views_of(kind: str, count: int, rng: np.random.Generator, variant: int) -> np.ndarray:
    views = []
    for number in range(count):
        azimuth, elevation = rng.uniform(-np.pi, np.pi), rng.uniform(-0.7, 0.7)
        size = np.radians(rng.uniform(38, 50) if kind in LARGE_KINDS else rng.uniform(20, 45))
        width = 2 * 2.0 * np.tan(size / 2)
        source = Source(kind, variant, still(azimuth, elevation, 2.0), width, 0.0, True, 0, 0.0)
        around = random_scene(int(rng.integers(10**6)), room=float(number % 2)).room
        scene = Scene(int(rng.integers(10**6)), 0.1, (source,), around)
        frame = next(iter(render_frames(scene, 10, HEIGHT)))
        off = rng.uniform(-0.15, 0.15, 2)
        views.append(
            perspective(frame, azimuth + off[0], elevation + off[1], fov=FOV, height=SIZE, width=SIZE)
        )
    return np.stack(views)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=24)
    parser.add_argument("--variant", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    arguments = parser.parse_args()
    encoder, rng = EfficientNetLite0(), np.random.default_rng(0)
    medians = []
    for kind in arguments.kinds:
        posterior = category_posterior(
            encoder.encode(views_of(kind, arguments.views, rng, arguments.variant))
        )
        right = posterior[:, KINDS.index(kind)]
        top = np.mean(posterior.argmax(axis=1) == KINDS.index(kind))
        medians.append(np.median(right))
        low = np.quantile(right, 0.25)
        print(f"{kind:16s} median {medians[-1]:.2f}  quartile {low:.2f}  strongest {top:.0%}")
    share = np.mean(np.array(medians) > 0.5)
    print(f"median over kinds {np.median(medians):.2f}, kinds above one half {share:.0%}")
    bare = []
    for seed in range(arguments.views):
        frame = backdrop(random_scene(seed, room=float(seed % 2)), HEIGHT)
        bare.append(
            perspective(frame, rng.uniform(-3, 3), rng.uniform(-0.7, 0.7), fov=FOV, height=SIZE, width=SIZE)
        )
    mass = category_posterior(encoder.encode(np.stack(bare))).mean(axis=0)
    strongest = ", ".join(f"{KINDS[k]} {mass[k]:.2f}" for k in np.argsort(-mass)[:5])
    print(f"bare backgrounds: all kinds {mass.sum():.2f}; {strongest}")


if __name__ == "__main__":
    main()
