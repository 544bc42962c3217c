"""Peak memory of `audiospace generate` by the length of the video: whole commands, each in a fresh process.

Makes a video of each length by joining copies of a given one, packet by packet, and prints the peak memory of
the process, wall-clock seconds and seconds per stage, with an empty feature cache; then how much more memory
the longest needs than the shortest. Other options are passed on to the command.

Run: python benchmarks/memory.py VIDEO [--seconds 20 60 300] [--json FILE] [--steps N ...]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream


def join_copies(source: Path, target: Path, seconds: float) -> None:
    """Write the pictures of a video over and over, until they last a time; nothing is coded again."""
    with av.open(str(source)) as model, av.open(str(target), "w") as writer:
        video = model.streams.video[0]
        joined = writer.add_stream_from_template(video)
        begin = 0
        while begin * video.time_base < seconds:
            begin = _copy(source, writer, joined, begin, seconds / video.time_base)


def _copy(source: Path, writer: OutputContainer, joined: VideoStream, begin: int, end: float) -> int:
    """Copy the packets shown before an end, moved to a beginning; say when the last one is over, in ticks."""
    over = begin
    with av.open(str(source)) as reader:
        for packet in reader.demux(video=0):
            if not packet.size or begin + packet.pts >= end:
                continue
            packet.pts += begin
            packet.dts += begin
            over = max(over, packet.pts + packet.duration)
            packet.stream = joined
            writer.mux(packet)
    return over


def measure(video: Path, folder: Path, passed_on: list[str]) -> dict[str, float]:
    """Peak memory in MiB and seconds of one command, with a feature cache of its own that starts empty."""
    command = [sys.executable, "-m", "audiospace", "generate", str(video), "-o", str(folder), "--json"]
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
    report = folder / "report.json"
    started = time.perf_counter()
    with report.open("wb") as output:
        process = subprocess.Popen([*command, *passed_on], env=environment, stdout=output)
        _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))
    stages = json.loads(report.read_text(encoding="utf-8"))["seconds_per_stage"]
    return {"peak_mib": usage.ru_maxrss / 1024, "wall": time.perf_counter() - started} | stages


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", type=Path)
    parser.add_argument("--seconds", type=float, nargs="+", default=[20.0, 60.0, 300.0])
    parser.add_argument("--json", type=Path)
    known, passed_on = parser.parse_known_args()
    rows = {}
    for seconds in sorted(known.seconds):
        with tempfile.TemporaryDirectory() as folder:
            video = Path(folder) / f"joined{known.video.suffix}"
            join_copies(known.video, video, seconds)
            rows[seconds] = measure(video, Path(folder), passed_on)
        print(f"{seconds:g} s", *(f"{name} {value:.1f}" for name, value in rows[seconds].items()), sep="  ")
        sys.stdout.flush()
    ratio = rows[max(rows)]["peak_mib"] / rows[min(rows)]["peak_mib"]
    print(f"peak of {max(rows):g} s over that of {min(rows):g} s: {ratio:.2f}")
    if known.json:
        known.json.write_text(json.dumps({"ratio": ratio, "lengths": rows}))


if __name__ == "__main__":
    main()
