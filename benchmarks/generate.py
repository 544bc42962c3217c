"""How long `audiospace generate` takes, and how much memory: whole commands, each in a fresh process.

For every video given: wall-clock seconds, peak memory of the process and seconds per stage, with an empty
feature cache; then the medians.

Run: python benchmarks/generate.py VIDEO [VIDEO ...] [--output DIR] [--repeat N] [--json FILE]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(video: Path, output: Path, arguments: list[str]) -> dict[str, float]:
    """Seconds of one command, in all and by stage, with a feature cache of its own that starts empty."""
    with tempfile.TemporaryDirectory() as cache:
        command = [
            sys.executable,
            "-m",
            "audiospace",
            "generate",
            str(video),
            "-o",
            str(output),
            "--json",
            *arguments,
        ]
        started = time.perf_counter()
        process = subprocess.run(command, env=os.environ | {"XDG_CACHE_HOME": cache}, stdout=subprocess.PIPE)
        wall = time.perf_counter() - started
    if process.returncode:
        sys.exit(process.returncode)
    return {"wall": wall} | json.loads(process.stdout)["seconds_per_stage"]


def peak_gib() -> float:
    """Largest memory of any finished child so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, help="keep the results there")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--json", type=Path)
    known, passed_on = parser.parse_known_args()
    for folder in filter(Path.is_dir, known.videos):
        parser.error(f"{folder} is a folder; give its videos")
    rows = []
    scratch = tempfile.TemporaryDirectory()
    output = known.output or Path(scratch.name)
    for video in known.videos:
        for _ in range(known.repeat):
            row = run(video, output, passed_on)
            rows.append(row)
            print(video.name, "  ".join(f"{name} {seconds:.1f}" for name, seconds in row.items()), flush=True)
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    worst = max(row["wall"] for row in rows)
    print("median", "  ".join(f"{name} {seconds:.1f}" for name, seconds in medians.items()))
    print(f"slowest {worst:.1f} s, peak memory {peak_gib():.2f} GiB, n={len(rows)}")
    scratch.cleanup()
    if known.json:
        known.json.write_text(
            json.dumps({"median": medians, "slowest": worst, "peak_gib": peak_gib(), "n": len(rows)})
        )


if __name__ == "__main__":
    main()
