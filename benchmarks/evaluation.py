"""How long do many pairs take to evaluate, and does memory grow with their number?

Makes pairs of ten-second sounds (24-bit WAV, four channels, 44.1 kHz): 20 different ones of sources that move
through noise, each under many names, so that every pair is read and measured by itself. Then runs
`audiospace evaluate --metrics spatial` as a whole command with an empty cache, for a tenth of the pairs and
for all of them, and prints seconds and the peak memory of the largest process.

Run: python benchmarks/evaluation.py [--pairs 1000] [--metrics spatial] [--jobs 2]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from audiospace.ambisonics import encode_moving, unit_vector
from audiospace.media import write_audio

RATE, SECONDS, DIFFERENT = 44100, 10.0, 20


def write_sounds(folder: Path, seed: int) -> list[Path]:
    """Write the different sounds."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    times = np.linspace(0, SECONDS, 11)
    count = round(SECONDS * RATE)
    files = []
    for number in range(DIFFERENT):
        path = unit_vector(np.cumsum(rng.normal(0, 0.4, 11)), rng.uniform(-0.5, 0.5, 11))
        source = encode_moving(0.1 * rng.standard_normal(count), times, path, RATE)
        sound = (source + 0.02 * rng.standard_normal((4, count))).astype(np.float32)
        files.append(write_audio(folder / f"{number}.wav", sound, RATE, subtype="PCM_24"))
    return files


def evaluate(folder: Path, pairs: int, metrics: str, jobs: int) -> tuple[float, float]:
    """Seconds of the whole command, and the peak of its largest process in MiB."""
    for side in ("recorded", "generated"):
        target = folder / f"{side}-{pairs}"
        target.mkdir()
        sources = sorted((folder / side).glob("*.wav"))
        for number in range(pairs):
            os.link(sources[number % len(sources)], target / f"clip{number:05d}.wav")
    command = [sys.executable, "-m", "audiospace", "evaluate", "--metrics", metrics, "--jobs", str(jobs)]
    command += ["--reference", str(folder / f"recorded-{pairs}")]
    command += ["--generated", f"system={folder / f'generated-{pairs}'}"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / f"cache-{pairs}")}
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--metrics", default="spatial")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, side in enumerate(("recorded", "generated")):
            write_sounds(folder / side, seed)
        for pairs in (arguments.pairs // 10, arguments.pairs):
            seconds, peak = evaluate(folder, pairs, arguments.metrics, arguments.jobs)
            print(f"{pairs} pairs: {seconds:.1f} s, {peak:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
