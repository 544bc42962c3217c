import pytest

from audiospace.errors import UserError
from audiospace.training.data.sources import find_sources


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def by_id(folders, seed=0):
    return {clip.id: clip for clip in find_sources(folders, seed=seed)}


def test_files_of_one_name_are_one_clip(tmp_path):
    touch(
        tmp_path, "a.mp4", "a.wav", "a.json", "deep/er/b.flac", "c.webm", "notes.txt", "index.json", ".d.wav"
    )
    clips = by_id([tmp_path])
    assert set(clips) == {"a", "deep_er_b", "c"}
    assert (clips["a"].video, clips["a"].sound) == (tmp_path / "a.mp4", tmp_path / "a.wav")
    assert clips["a"].info == tmp_path / "a.json"
    assert clips["c"].sound == clips["c"].video
    assert clips["deep_er_b"].video is None


def test_folders_that_generate_wrote_are_clips(tmp_path):
    touch(tmp_path, "x/x.foa.wav", "x/x.spatial.mp4", "x/x.binaural.wav", "x/x.energy.mp4", "x/x.json")
    (clip,) = by_id([tmp_path]).values()
    assert (clip.id, clip.sound.name, clip.video.name) == ("x", "x.foa.wav", "x.spatial.mp4")


def test_ids_have_no_dots_and_are_unique(tmp_path):
    touch(tmp_path, "one/a b.c.wav", "two/a b.c.wav")
    clips = by_id([tmp_path / "one", tmp_path / "two", tmp_path / "one"])
    assert len(clips) == 2
    assert all(clip.startswith("a_b_c") and "." not in clip for clip in clips)


def test_the_order_is_shuffled_by_name_and_seed_alone(tmp_path):
    touch(tmp_path, *(f"{number:02d}.wav" for number in range(20)))
    order = list(by_id([tmp_path]))
    assert order == list(by_id([tmp_path])) != sorted(order)
    assert order != list(by_id([tmp_path], seed=1))
    touch(tmp_path, "new.wav")
    assert [name for name in by_id([tmp_path]) if name != "new"] == order


@pytest.mark.parametrize(
    ("names", "message"), [((), "no clips"), (("a.mp4", "a.webm"), "the video"), (("a.json",), "no clips")]
)
def test_mistakes_are_named(tmp_path, names, message):
    touch(tmp_path, *names)
    with pytest.raises(UserError, match=message):
        find_sources([tmp_path], seed=0)
    with pytest.raises(UserError, match="no such folder"):
        find_sources([tmp_path / "none"], seed=0)
