import hashlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import audiospace
from audiospace.errors import MissingExtraError, UserError
from audiospace.generation import GenerateOptions, generate, generate_batch, generate_with
from audiospace.generation.batch_ray import WorkerShare, plan_workers
from audiospace.generation.batch_videos import find_clips
from audiospace.media import write_video
from audiospace.model_store import load_model, save_model


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(clips):
    return [clip.name for clip in clips]


def states(result):
    return {outcome.name: outcome.state for outcome in result.outcomes}


def contents(folder):
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.*")
    }


def test_a_folder_gives_its_videos_sorted(tmp_path):
    touch(tmp_path, "b.webm", "a.MP4", ".hidden.mp4", "notes.json", "below/c.mp4")
    assert names(find_clips([tmp_path])) == ["a", "b"]


def test_recursive_passes_over_results(tmp_path):
    touch(tmp_path, "a.mp4", "below/deep/c.mp4", ".d/d.mp4")
    touch(tmp_path, "out/a/a.json", "out/a/a.foa.wav", "out/a/a.spatial.mp4", "out/a/a.energy.mp4")
    assert names(find_clips([tmp_path], recursive=True)) == ["a", "c"]


def test_a_list_is_relative_to_itself(tmp_path):
    lines = "# first\n\nclips/b.mp4\n  a.mp4  \n" + f"{tmp_path}/c.mp4\n"
    (tmp_path / "list.txt").write_text(lines, encoding="utf-8-sig")
    clips = find_clips([tmp_path / "list.txt"])
    assert [clip.video for clip in clips] == [
        tmp_path / "clips/b.mp4",
        tmp_path / "a.mp4",
        tmp_path / "c.mp4",
    ]


def test_a_video_given_twice_is_one_clip(tmp_path):
    touch(tmp_path, "a.mp4")
    assert names(find_clips([tmp_path, tmp_path / "a.mp4"])) == ["a"]


def test_two_clips_of_one_name_are_refused(tmp_path):
    touch(tmp_path, "a/x.mp4", "b/x.webm")
    with pytest.raises(UserError, match=r"b/x\.webm: .*a/x\.mp4"):
        find_clips([tmp_path], recursive=True)


def test_nothing_to_do_is_said(tmp_path):
    (tmp_path / "list.txt").write_text("# nothing\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x80")
    for given, expected in (
        (tmp_path, "--recursive"),
        (tmp_path / "list.txt", "no video in this list"),
        (tmp_path / "none.txt", "No such file"),
        (tmp_path / "binary.txt", "UTF-8"),
    ):
        with pytest.raises(UserError, match=expected):
            find_clips([given])


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Four clips, the second of them damaged."""
    folder = tmp_path_factory.mktemp("videos")
    frames = [np.full((64, 128, 3), 40 + index, dtype=np.uint8) for index in range(12)]
    write_video(folder / "a.mp4", frames, frames_per_second=10, height=64, width=128)
    (folder / "b.mp4").write_bytes((folder / "a.mp4").read_bytes()[:300])
    for name in ("c", "d"):
        shutil.copy(folder / "a.mp4", folder / f"{name}.mp4")
    return folder


@pytest.fixture(scope="module")
def made(videos, tiny_model, tmp_path_factory):
    """A batch of all of them, and the progress that it told of."""
    progress = []
    output = tmp_path_factory.mktemp("out")
    result = generate_batch(
        videos, output=output, model=tiny_model, on_progress=lambda *step: progress.append(step)
    )
    return result, progress


@pytest.fixture
def earlier(made, tmp_path):
    """A copy of the folder with that batch's results."""
    return Path(shutil.copytree(made[0].output, tmp_path / "earlier"))


def test_a_corrupt_clip_does_not_stop_the_others(made):
    result, progress = made
    assert states(result) == {"a": "done", "b": "failed", "c": "done", "d": "done"}
    assert "b.mp4" in result.having("failed")[0].reason
    assert sorted(path.name for path in result.output.iterdir()) == ["a", "c", "d"]
    assert [step for step in progress if step[0] == "clips"] == [("clips", done, 4) for done in range(5)]


def test_a_batch_makes_what_generate_makes(made, videos, tiny_model, tmp_path):
    single = generate(videos / "c.mp4", output=tmp_path, model=tiny_model)
    assert (made[0].output / "c" / "c.foa.wav").read_bytes() == single.files.foa.read_bytes()
    assert single.report()["video_sha256"] == hashlib.sha256((videos / "c.mp4").read_bytes()).hexdigest()


def test_what_is_there_is_left_alone(earlier, videos, tiny_model):
    before = contents(earlier)
    result = generate_batch(videos, output=earlier, model=tiny_model)
    assert states(result) == {"a": "skipped", "b": "failed", "c": "skipped", "d": "skipped"}
    assert contents(earlier) == before


def test_a_result_of_one_video_counts_in_a_batch(videos, tiny_model, tmp_path):
    generate(videos / "a.mp4", output=tmp_path, model=tiny_model)
    result = generate_batch([videos / "a.mp4", videos / "c.mp4"], output=tmp_path, model=tiny_model)
    assert states(result) == {"a": "skipped", "c": "done"}


def test_only_what_is_missing_or_incomplete_is_made(earlier, videos, tiny_model):
    (earlier / "a" / "a.json").unlink()
    (earlier / "c" / "c.spatial.mp4").unlink()
    (earlier / "d" / "d.energy.png").write_bytes(b"")
    result = generate_batch(videos, output=earlier, model=tiny_model)
    assert states(result) == {"a": "done", "b": "failed", "c": "done", "d": "done"}


def test_again_makes_all(earlier, videos, tiny_model):
    result = generate_batch(videos / "a.mp4", output=earlier, model=tiny_model, again=True)
    assert states(result) == {"a": "done"}


@pytest.mark.parametrize(
    "options",
    [{"seed": 1}, {"steps": 1}, {"guidance": 1.0}, {"rotate": 0.5}, {"format": "mov"}, {"fast": True}],
)
def test_other_settings_make_it_again(earlier, videos, tiny_model, options):
    wanted = GenerateOptions(**options)
    first = generate_batch(videos / "a.mp4", output=earlier, model=tiny_model, options=wanted)
    second = generate_batch(videos / "a.mp4", output=earlier, model=tiny_model, options=wanted)
    assert (states(first), states(second)) == ({"a": "done"}, {"a": "skipped"})
    assert len(list((earlier / "a").glob("a.spatial.*"))) == 1


def test_the_defaults_of_the_model_are_no_other_settings(earlier, videos, tiny_model):
    spelt_out = GenerateOptions(steps=2, guidance=2.0, projection="erp", device="cpu")
    result = generate_batch(videos / "a.mp4", output=earlier, model=tiny_model, options=spelt_out)
    assert states(result) == {"a": "skipped"}


def test_another_video_of_the_same_name_is_made_again(earlier, tiny_model, tmp_path):
    frames = [np.full((64, 128, 3), 40 + index, dtype=np.uint8) for index in range(15)]
    other = write_video(tmp_path / "a.mp4", frames, frames_per_second=12, height=64, width=128)
    assert states(generate_batch(other, output=earlier, model=tiny_model)) == {"a": "done"}


def test_another_model_makes_it_again(earlier, videos, tiny_model, tmp_path):
    model = load_model(tiny_model).model
    next(model.transformer.parameters()).data.add_(0.01)
    save_model(model, tmp_path / "other.safetensors")
    result = generate_batch(videos / "a.mp4", output=earlier, model=tmp_path / "other.safetensors")
    assert states(result) == {"a": "done"}


def test_the_unexpected_fails_one_clip_in_one_line(videos, tiny_model, tmp_path, monkeypatch):
    from audiospace.generation import batch_work

    def fail_once(video, generator, **options):
        if video.stem == "a":
            raise RuntimeError("out of\n  memory")
        return generate_with(video, generator, **options)

    monkeypatch.setattr(batch_work, "generate_with", fail_once)
    result = generate_batch([videos / "a.mp4", videos / "c.mp4"], output=tmp_path, model=tiny_model)
    assert states(result) == {"a": "failed", "c": "done"}
    assert result.outcomes[0].reason == f"{videos / 'a.mp4'}: RuntimeError: out of memory"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"model": "no-such-model"}, "no-such-model"),
        ({"options": GenerateOptions(steps=0)}, "steps"),
        ({"options": GenerateOptions(device="cuda:77")}, "cuda:77"),
        ({"workers": 2}, "--ray"),
        ({"ray": "local", "workers": 0}, "at least 1"),
    ],
)
def test_what_is_wrong_for_all_is_said_once_and_leaves_nothing(videos, tiny_model, tmp_path, wrong, expected):
    with pytest.raises(UserError, match=expected):
        generate_batch(videos, output=tmp_path / "x" / "out", **{"model": tiny_model, **wrong})
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_a_file_is_refused(videos, tiny_model, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="not a folder"):
        generate_batch(videos, output=tmp_path / "file", model=tiny_model)


@pytest.mark.parametrize(
    ("nodes", "wanted", "expected"),
    [
        ([{"CPU": 2.0}], {}, WorkerShare(1, 2, 0)),
        ([{"CPU": 16.0}, {"CPU": 9.0}], {}, WorkerShare(6, 4, 0)),
        ([{"CPU": 16.0}], {"clips": 3}, WorkerShare(3, 4, 0)),
        ([{"CPU": 4.0}, {"CPU": 4.0}], {"workers": 1}, WorkerShare(1, 4, 0)),
        ([{"CPU": 2.0}], {"workers": 2}, WorkerShare(2, 1, 0)),
        ([{"CPU": 64.0, "GPU": 8.0}, {"CPU": 64.0}], {}, WorkerShare(8, 8, 1.0)),
        ([{"CPU": 64.0, "GPU": 8.0}], {"gpus": False, "workers": 4}, WorkerShare(4, 16, 0)),
        ([{"CPU": 8.0, "GPU": 1.0}], {"workers": 2}, WorkerShare(2, 4, 0.5)),
        ([{"CPU": 64.0, "GPU": 8.0}], {"workers": 12}, WorkerShare(12, 4, 0.5)),
    ],
)
def test_a_cluster_is_divided_so_that_every_worker_fits(nodes, wanted, expected):
    assert plan_workers(nodes, **{"clips": 100, "workers": None, "gpus": True, **wanted}) == expected


def test_a_cluster_of_nothing_is_refused():
    with pytest.raises(UserError, match="no processors"):
        plan_workers([{"memory": 1.0}], clips=1, workers=None, gpus=True)


def test_ray_is_an_extra(videos, tiny_model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[ray\]"):
        generate_batch(videos, output=tmp_path / "out", model=tiny_model, ray="local")
    assert list(tmp_path.iterdir()) == []


def test_package_offers_the_batch():
    assert audiospace.generate_batch is generate_batch
    assert audiospace.GenerateOptions is GenerateOptions
