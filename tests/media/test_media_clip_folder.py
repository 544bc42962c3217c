import json
from fractions import Fraction

import pytest
from media_samples import regular, tones, write_pictures

from audiospace.errors import UserError
from audiospace.media import export_spatial, read_clip_folder, write_audio


def sound(path):
    path.parent.mkdir(exist_ok=True)
    return write_audio(path, tones(0.1), 48_000)


def pictures(path):
    path.parent.mkdir(exist_ok=True)
    return write_pictures(path, regular(10, 0.3), rate=Fraction(10))


def test_files_of_one_name_belong_together(tmp_path):
    video, wav = pictures(tmp_path / "b_20.mp4"), sound(tmp_path / "b_20.wav")
    flac = sound(tmp_path / "a.flac")
    (tmp_path / "b_20.json").write_text(json.dumps({"projection": "erp"}))
    (tmp_path / "notes.txt").write_text("not a clip")
    first, second = read_clip_folder(tmp_path)
    assert (first.id, first.video, first.sound, first.info) == ("a", None, flac, {})
    assert (second.id, second.video, second.sound) == ("b_20", video, wav)
    assert second.info == {"projection": "erp"}


def test_a_video_may_carry_the_ambisonics(tmp_path):
    source = pictures(tmp_path / "plain.mp4")
    report = export_spatial(source, tones(0.3), 48_000, tmp_path / "foa.mp4")
    foa, plain = read_clip_folder(tmp_path)
    assert (foa.video, foa.sound) == (report.path, report.path)
    assert (plain.video, plain.sound) == (source, None)


def test_folders_of_results(tmp_path):
    foa = sound(tmp_path / "one" / "one.foa.wav")
    sound(tmp_path / "one" / "one.binaural.wav")
    pictures(tmp_path / "one" / "one.energy.mp4")
    spatial = pictures(tmp_path / "one" / "one.spatial.mp4")
    sound(tmp_path / "other" / "unrelated.wav")
    (clip,) = read_clip_folder(tmp_path)
    assert (clip.id, clip.video, clip.sound) == ("one", spatial, foa)


def test_two_sounds_for_one_clip(tmp_path):
    sound(tmp_path / "a.wav")
    sound(tmp_path / "a.flac")
    with pytest.raises(UserError, match="is the sound of clip a, but so is"):
        read_clip_folder(tmp_path)


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_damaged_description(tmp_path, text):
    sound(tmp_path / "a.wav")
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UserError, match=r"a\.json.*JSON"):
        read_clip_folder(tmp_path)


def test_missing_and_empty_folder(tmp_path):
    with pytest.raises(UserError, match="no such folder"):
        read_clip_folder(tmp_path / "no")
    with pytest.raises(UserError, match="no clips"):
        read_clip_folder(tmp_path)
