import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from audiospace.cli.main import run
from audiospace.media import write_video


def grey(height, width, count=12):
    return [np.full((height, width, 3), 90 + index, dtype=np.uint8) for index in range(count)]


def command(*words):
    return [sys.executable, "-m", "audiospace", *map(str, words)]


def generate(video, model, output, *more):
    return run(["generate", str(video), "--model", str(model), "-o", str(output), *map(str, more)])


@pytest.fixture
def output(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def assert_refused(status, capsys, output, expected):
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("audiospace: ")
    assert expected in lines[0]
    assert "Traceback" not in captured.err
    assert list(output.iterdir()) == []


def test_it_prints_where_everything_is(tiny_video, tiny_model, output, capsys):
    assert generate(tiny_video, tiny_model, output, "--seed", 1) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert lines[-1] == str(output / "clip")
    assert "seconds per stage: model " in captured.out
    assert (output / "clip" / "clip.foa.wav").is_file()


def test_json_is_the_report(tiny_video, tiny_model, output, capsys):
    assert generate(tiny_video, tiny_model, output, "--json", "--rotate", -90, "--steps", 1, "--cfg", 1) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree == json.loads((output / "clip" / "clip.json").read_text())
    assert tree["settings"]["rotate_degrees"] == -90
    assert tree["settings"]["steps"] == 1
    assert tree["settings"]["guidance"] == 1


def test_the_original_sound_and_its_container_are_passed_on(tiny_model, tmp_path, output, capsys):
    hum = np.full((2, 48000), 0.1, dtype=np.float32)
    video = write_video(
        tmp_path / "hum.mp4",
        grey(64, 128),
        frames_per_second=12,
        height=64,
        width=128,
        audio=hum,
        sample_rate=48000,
    )
    words = ["--json", "--steps", 1, "--format", "mov", "--original", "head-locked"]
    assert generate(video, tiny_model, output, *words) == 0
    tree = json.loads(capsys.readouterr().out)
    assert (tree["settings"]["format"], tree["settings"]["original"]) == ("mov", "head-locked")
    assert (output / "hum" / "hum.spatial.mov").is_file()


def test_an_original_sound_that_is_not_there(tiny_video, tiny_model, output, capsys):
    status = generate(tiny_video, tiny_model, output, "--original", "mix")
    assert_refused(status, capsys, output, "no sound of its own to keep")


def test_not_a_video(tiny_model, tmp_path, output, capsys):
    video = tmp_path / "notes.mp4"
    video.write_text("no video at all\n" * 100)
    assert_refused(generate(video, tiny_model, output), capsys, output, "notes.mp4")


def test_zero_length(tiny_model, tmp_path, output, capsys):
    (tmp_path / "empty.mp4").touch()
    assert_refused(generate(tmp_path / "empty.mp4", tiny_model, output), capsys, output, "empty")


def test_missing_and_folder(tiny_model, tmp_path, output, capsys):
    assert_refused(generate(tmp_path / "none.mp4", tiny_model, output), capsys, output, "none.mp4")
    assert_refused(generate(tmp_path, tiny_model, output), capsys, output, "folder")


def test_sound_only(tiny_model, tmp_path, output, capsys):
    sf.write(tmp_path / "sound.wav", np.zeros((8000, 4)), 8000)
    assert_refused(generate(tmp_path / "sound.wav", tiny_model, output), capsys, output, "no video")


def test_sound_only_in_a_video_container(tiny_model, tmp_path, output, capsys):
    import av

    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), dtype=np.float32), "fltp", "stereo")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert_refused(generate(tmp_path / "sound.mp4", tiny_model, output), capsys, output, "no video")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.8])
def test_truncated(tiny_model, tmp_path, output, capsys, share):
    noise = np.random.default_rng(0).integers(0, 255, (40, 64, 128, 3), dtype=np.uint8)
    whole = write_video(tmp_path / "w.mp4", noise, frames_per_second=10, height=64, width=128).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: int(share * len(whole))])
    assert_refused(generate(tmp_path / "cut.mp4", tiny_model, output), capsys, output, "cut.mp4")


def test_flat_video(tiny_model, tmp_path, output, capsys):
    video = write_video(tmp_path / "flat.mp4", grey(96, 128), frames_per_second=12, height=96, width=128)
    assert_refused(generate(video, tiny_model, output), capsys, output, "360")


def test_flat_video_is_taken_when_told(tiny_model, tmp_path, output):
    video = write_video(tmp_path / "flat.mp4", grey(96, 128), frames_per_second=12, height=96, width=128)
    assert generate(video, tiny_model, output, "--projection", "erp") == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tiny_video, tiny_model, tmp_path, output, capsys):
    shutil.copy(tiny_video, tmp_path / "secret.mp4")
    (tmp_path / "secret.mp4").chmod(0)
    assert_refused(generate(tmp_path / "secret.mp4", tiny_model, output), capsys, output, "permission")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tiny_video, tiny_model, output, capsys):
    output.chmod(0o500)
    assert_refused(generate(tiny_video, tiny_model, output), capsys, output, "permission")


def test_output_that_is_a_file_or_below_one(tiny_video, tiny_model, tmp_path, output, capsys):
    (tmp_path / "file").touch()
    assert_refused(generate(tiny_video, tiny_model, tmp_path / "file"), capsys, output, "file")
    assert_refused(generate(tiny_video, tiny_model, tmp_path / "file" / "x"), capsys, output, "file")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write to")
def test_output_where_nobody_can_write(tiny_video, tiny_model, output, capsys):
    assert_refused(generate(tiny_video, tiny_model, "/proc/self/out"), capsys, output, "/proc/self")


def test_wrong_model(tiny_video, tmp_path, output, capsys):
    assert_refused(generate(tiny_video, tmp_path / "none.safetensors", output), capsys, output, "none.safe")
    assert_refused(generate(tiny_video, "no-such-model", output), capsys, output, "no-such-model")


@pytest.mark.parametrize("damage", ["text", "cut", "header"])
def test_corrupt_model(tiny_video, tiny_model, tmp_path, output, capsys, damage):
    whole = tiny_model.read_bytes()
    broken = {"text": b"not a model", "cut": whole[: len(whole) // 2], "header": b"\xff" * 100 + whole[100:]}
    (tmp_path / "broken.safetensors").write_bytes(broken[damage])
    status = generate(tiny_video, tmp_path / "broken.safetensors", output)
    assert_refused(status, capsys, output, "broken.safetensors")


def test_wrong_device(tiny_video, tiny_model, output, capsys):
    status = generate(tiny_video, tiny_model, output, "--device", "cuda:77")
    assert_refused(status, capsys, output, "cuda:77")


def test_seed_that_is_no_number_in_a_real_process(tiny_video, output):
    done = subprocess.run(  # noqa: S603
        command("generate", tiny_video, "-o", output, "--seed", "abc"), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "'--seed'" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(output.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    unmount = shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("only root can mount a small disk")
    options = ["-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)]
    if subprocess.run([mount, *options], capture_output=True).returncode != 0:  # noqa: S603
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run([unmount, str(folder)], check=True)  # noqa: S603


@pytest.mark.parametrize("room", [0, 60, 120])
def test_full_disk(small_disk, tiny_video, tiny_model, capsys, room):
    filler = small_disk.parent / "disk" / "filler"
    filler.write_bytes(b"\0" * 1024 * (140 - room))
    status = generate(tiny_video, tiny_model, small_disk)
    filler.unlink()
    assert_refused(status, capsys, small_disk, "disk is full")


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_it_leaves_nothing(tiny_model, tmp_path, output, sent, status):
    video = write_video(tmp_path / "long.mp4", grey(64, 128, 120), frames_per_second=2, height=64, width=128)
    process = subprocess.Popen(  # noqa: S603
        command("generate", video, "--model", tiny_model, "-o", output),
        stderr=subprocess.PIPE,
        text=True,
        # A cache of its own: features of an earlier run would let this one end before it is stopped.
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        # A shell's `&` lets what it starts ignore Ctrl-C, these tests among it, and they would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not list(output.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(sent)
    _out, errors = process.communicate(timeout=60)
    # An interruption inside an import can make Python end itself by the signal, which shells call 130 too.
    assert process.returncode in (status, -sent), errors
    assert "Traceback" not in errors
    assert list(output.iterdir()) == []
