import json
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import pytest

from audiospace.cli.main import run
from audiospace.media import write_video

CLIPS = ("a", "b", "c", "d", "e", "f")


def command(videos, model, output, *more):
    words = ["generate", videos, "--model", model, "-o", output, *more]
    return [sys.executable, "-m", "audiospace", *map(str, words)]


def generate(*words):
    return run(command(*words)[3:])


def finished(output):
    return sorted(path.name for path in output.iterdir() if not path.name.startswith("."))


def temporary(output):
    return [path for path in output.iterdir() if path.name.startswith(".")]


def stamps(output):
    return {path: path.stat().st_mtime_ns for path in output.glob("*/*") if path.parent.name[0] != "."}


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Six clips, the third of them damaged."""
    folder = tmp_path_factory.mktemp("videos")
    frames = [np.full((64, 128, 3), 40 + index, dtype=np.uint8) for index in range(20)]
    write_video(folder / "a.mp4", frames, frames_per_second=10, height=64, width=128)
    for name in CLIPS[1:]:
        shutil.copy(folder / "a.mp4", folder / f"{name}.mp4")
    (folder / "c.mp4").write_bytes((folder / "a.mp4").read_bytes()[:300])
    return folder


@pytest.fixture
def output(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def stop(process, output, count, sent):
    """Send a signal in the middle of a clip, when so many are finished."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        done = finished(output)
        if len(done) >= count and any(path.name.split(".")[1] not in done for path in temporary(output)):
            break
        time.sleep(0.005)
    process.send_signal(sent)
    return process.communicate(timeout=60)


def start(*words):
    return subprocess.Popen(  # noqa: S603
        command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_stopped_and_killed_it_does_the_rest_only(videos, tiny_model, output):
    first = start(videos, tiny_model, output)
    _out, errors = stop(first, output, 2, signal.SIGINT)
    assert first.returncode == 130, errors
    assert "2 of 6 clips done; run the same command again to go on" in errors
    assert "Traceback" not in errors
    assert finished(output) == ["a", "b"]
    assert temporary(output) == []
    before = stamps(output)

    second = start(videos, tiny_model, output)
    stop(second, output, 4, signal.SIGKILL)
    assert second.returncode == -signal.SIGKILL
    assert finished(output) == ["a", "b", "d", "e"]
    assert len(temporary(output)) == 1
    assert before.items() <= stamps(output).items()
    before = stamps(output)

    third = start(videos, tiny_model, output)
    text, errors = third.communicate(timeout=60)
    assert third.returncode == 2
    assert errors == "audiospace: 1 of 6 clips failed\n"
    assert text.splitlines()[-2:] == ["6 clips: 1 made, 4 already there, 1 failed", str(output)]
    assert "failed         " in text
    assert f"{videos / 'c.mp4'}: " in text
    assert before.items() <= stamps(output).items()
    assert finished(output) == ["a", "b", "d", "e", "f"]
    assert temporary(output) == []


def test_terminated_it_leaves_nothing_half_done(videos, tiny_model, output):
    process = start(videos, tiny_model, output)
    _out, errors = stop(process, output, 1, signal.SIGTERM)
    assert process.returncode == 143
    assert "1 of 6 clips done" in errors
    assert finished(output) == ["a"]
    assert temporary(output) == []


def test_a_list_with_a_summary_in_json(videos, tiny_model, output, capsys):
    (videos.parent / "list.txt").write_text(f"# two\n{videos.name}/a.mp4\n{videos.name}/none.mp4\n")
    words = (videos.parent / "list.txt", tiny_model, output, "--json", "--steps", 1)
    assert generate(*words) == 2
    captured = capsys.readouterr()
    assert captured.err == "audiospace: 1 of 2 clips failed\n"
    tree = json.loads(captured.out)
    assert (tree["done"], tree["skipped"], tree["failed"]) == (1, 0, 1)
    assert [(clip["name"], clip["state"]) for clip in tree["clips"]] == [("a", "done"), ("none", "failed")]
    assert "no such file" in tree["clips"][1]["reason"]


def test_all_well_is_exit_status_0_and_again_is_again(videos, tiny_model, output, capsys):
    words = (videos / "a.mp4", tiny_model, output, videos / "b.mp4", "--steps", 1)
    assert generate(*words) == 0
    assert generate(*words) == 0
    assert "2 clips: 2 already there" in capsys.readouterr().out
    assert generate(*words, "--again") == 0
    assert "2 clips: 2 made" in capsys.readouterr().out


def test_names_that_collide_are_refused_before_any_work(videos, tiny_model, output, tmp_path, capsys):
    shutil.copy(videos / "a.mp4", tmp_path / "a.mp4")
    assert generate(videos, tiny_model, output, tmp_path / "a.mp4") == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "Rename one of them" in captured.err
    assert list(output.iterdir()) == []


def test_workers_without_ray(videos, tiny_model, output, capsys):
    assert generate(videos, tiny_model, output, "--workers", 2) == 2
    assert "--ray" in capsys.readouterr().err


needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs ray")


@needs_ray
def test_ray_makes_the_same_and_fails_the_same(videos, tiny_model, output, tmp_path):
    some = [videos / f"{name}.mp4" for name in "bcd"]
    words = (some[0], tiny_model, "out", *some[1:], "--ray", "local", "--workers", 2, "--json")
    done = subprocess.run(  # noqa: S603
        command(*words), capture_output=True, text=True, timeout=300, cwd=tmp_path
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr == "audiospace: 1 of 3 clips failed\n"
    states = {clip["name"]: clip["state"] for clip in json.loads(done.stdout)["clips"]}
    assert states == {"b": "done", "c": "failed", "d": "done"}
    assert finished(output) == ["b", "d"]
    assert generate(videos / "b.mp4", tiny_model, tmp_path / "alone") == 0
    sounds = [folder / "b" / "b.foa.wav" for folder in (output, tmp_path / "alone")]
    assert sounds[0].read_bytes() == sounds[1].read_bytes()


WORKER_THAT_DIES = """
import json
import os
import sys
from pathlib import Path
from audiospace.generation.batch_ray import run_on_ray
from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.batch_work import Outcome

def open_work():
    def work(clip, on_progress):
        if clip.name == "b":
            os._exit(1)
        return Outcome(clip.name, clip.video, "done", 0.0)
    return work

clips = [BatchClip(name, Path(name)) for name in "abcd"]
outcomes = list(run_on_ray(clips, open_work, address="local", workers=1, gpus=False))
Path(sys.argv[1]).write_text(json.dumps([[outcome.name, outcome.state] for outcome in outcomes]))
"""


@needs_ray
def test_a_ray_worker_that_dies_loses_its_clip_only(tmp_path):
    script, written = tmp_path / "script.py", tmp_path / "outcomes.json"  # Ray's threads write to stdout too
    script.write_text(WORKER_THAT_DIES)
    done = subprocess.run(  # noqa: S603
        [sys.executable, script, written], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(written.read_text())
    assert outcomes == [["a", "done"], ["b", "failed"], ["c", "done"], ["d", "done"]]


@needs_ray
def test_a_cluster_that_is_not_there(videos, tiny_model, output):
    done = subprocess.run(  # noqa: S603
        command(videos, tiny_model, output, "--ray", "auto"), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 2
    assert done.stderr.startswith("audiospace: there is no Ray cluster at 'auto'")
    assert done.stderr.count("\n") == 1
    assert list(output.iterdir()) == []
