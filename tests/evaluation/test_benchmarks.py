import hashlib
from pathlib import Path

import pytest

import hub_server
from audiospace.errors import UserError
from audiospace.evaluation.benchmark_folders import find_layout, find_sounds_in, find_videos_in
from audiospace.evaluation.benchmarks import BENCHMARKS, load_split

A, B = "aaaaaaaaaaa", "-b_bbbbbbbb"


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_clips_keeps_its_order_and_names_each_once(tmp_path):
    path = write(tmp_path / "test.txt", f"{B}_17\n{A}_0\n\n{B}_17\r\n")
    split = load_split(path)
    assert split.clips == (f"{B}_17", f"{A}_0")
    assert split.name == "test.txt"
    assert split.source == str(path)
    assert split.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_list_of_videos_is_spelled_out_by_the_segments_beside_it(tmp_path):
    path = write(tmp_path / "test.txt", f"{B}\n{A}\nccccccccccc\n")
    write(tmp_path / "segments.txt", f"{A} 0,13\nddddddddddd 1,2\n{B} 54\n")
    assert load_split(path).clips == (f"{B}-54", f"{A}-0", f"{A}-13")


def test_a_list_of_videos_without_segments_is_refused(tmp_path):
    path = write(tmp_path / "test.txt", f"{B}\n{A}\n")
    with pytest.raises(UserError, match="segments") as refused:
        load_split(path)
    assert "AVSpatialAlignment" in str(refused.value.remedy)
    write(tmp_path / "segments.txt", "ddddddddddd 1,2\n")
    with pytest.raises(UserError, match="holds no clip"):
        load_split(path)


@pytest.mark.parametrize("text", ["", "\n \n", "a,b c\n1 2\n", "folder/clip\n"])
def test_what_is_no_list_is_refused(tmp_path, text):
    with pytest.raises(UserError, match=r"no clips|not a list"):
        load_split(write(tmp_path / "test.txt", text))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "test.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        load_split(path)


def test_an_unknown_name_says_which_are_known():
    with pytest.raises(UserError) as refused:
        load_split("sphere361")
    assert "sphere360-bench or yt360-test" in str(refused.value.remedy)


def test_a_list_that_is_not_on_the_hub_says_where_it_is():
    with pytest.raises(UserError, match="YT360-Test") as refused:
        load_split("YT360-Test")
    assert "segments.txt from https://github.com/pedro-morgado" in str(refused.value.remedy)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that has the list of Sphere360-Bench."""
    pytest.importorskip("huggingface_hub")
    benchmark = BENCHMARKS["sphere360-bench"]
    monkeypatch.setattr(hub_server, "REPOSITORY", f"datasets/{benchmark.dataset}")
    monkeypatch.setattr(hub_server, "FILE", benchmark.files[0])
    with hub_server.serving(hub_server.Hub(content=f"{A}_0\n{B}_10\n".encode())) as server:
        hub_server.use_hub(monkeypatch, server.endpoint, str(tmp_path / "cache"))
        yield server


def test_a_benchmark_comes_from_the_hub_once(hub):
    split = load_split("Sphere360-Bench")
    assert split.clips == (f"{A}_0", f"{B}_10")
    assert split.name == "Sphere360-Bench"
    assert split.source == "omniaudio/Sphere360 on the Hugging Face hub"
    assert split.sha256 == hashlib.sha256(hub.content).hexdigest()
    asked = len(hub.requests)
    assert load_split("sphere360-bench") == split
    assert len(hub.requests) == asked


def test_a_hub_that_refuses_says_what_to_do(hub):
    hub.status = 404
    hub.error_code = "EntryNotFound"
    with pytest.raises(UserError, match="cannot be downloaded") as refused:
        load_split("sphere360-bench")
    assert "Fetch dataset/split/test.txt from https://github.com/liuhuadai" in str(refused.value.remedy)


def test_a_local_copy_may_have_the_name_of_a_benchmark(tmp_path, monkeypatch):
    write(tmp_path / "sphere360-bench", f"{A}_5\n")
    monkeypatch.chdir(tmp_path)
    assert load_split("sphere360-bench").clips == (f"{A}_5",)


def test_the_layout_of_yt360(tmp_path):
    sound = write(tmp_path / "audio" / f"{A}-13.m4a")
    write(tmp_path / "audio" / ".hidden.m4a")
    video = write(tmp_path / "video" / f"{A}-13.mp4")
    other = write(tmp_path / "video" / f"{B}-0.mp4")
    assert find_layout(tmp_path) == "yt360"
    assert find_sounds_in(tmp_path) == {f"{A}-13": sound}
    assert find_videos_in(tmp_path) == {f"{B}-0": other, f"{A}-13": video}


def test_the_layout_of_sphere360(tmp_path):
    clip = write(tmp_path / f"{B}_170.webm")
    assert find_layout(tmp_path) == "sphere360"
    assert find_sounds_in(tmp_path) == find_videos_in(tmp_path) == {f"{B}_170": clip}


def test_other_folders_are_folders_of_clips(tmp_path):
    sound = write(tmp_path / "rain" / "rain.foa.wav")
    video = write(tmp_path / "rain" / "rain.spatial.mp4")
    assert find_layout(tmp_path) == "clips"
    assert find_sounds_in(tmp_path) == {"rain": sound}
    assert find_videos_in(tmp_path) == {"rain": video}


def test_a_layout_may_be_told(tmp_path):
    sound = write(tmp_path / "audio" / "mine.wav")
    assert find_layout(tmp_path) == "clips"
    assert find_sounds_in(tmp_path, "yt360") == {"mine": sound}


def test_missing_folders_and_sounds_are_named(tmp_path):
    with pytest.raises(UserError, match="not a folder"):
        find_layout(tmp_path / "none")
    with pytest.raises(UserError, match="no sound"):
        find_sounds_in(tmp_path)
    with pytest.raises(UserError, match="no sound"):
        find_sounds_in(tmp_path, "yt360")
