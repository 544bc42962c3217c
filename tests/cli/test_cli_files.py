import json

import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import direction, encode
from audiospace.cli.main import run
from audiospace.errors import UserError
from audiospace.training.engine import TrainingReport
from audiospace.training.run import StageResult

RATE = 8000


def write(path, azimuth=0.0, elevation=0.0, channels=4, rate=RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    signal = 0.1 * np.random.default_rng(0).standard_normal(rate)
    sound = encode(signal, np.radians(azimuth), np.radians(elevation))
    sf.write(path, sound[:channels].T, rate, subtype="FLOAT")
    return path


def refusal(words, capsys):
    assert run([str(word) for word in words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_info_shows_where_the_sound_is(tmp_path, capsys):
    assert run(["info", str(write(tmp_path / "a.wav", 60, -20))]) == 0
    text = capsys.readouterr().out
    assert "4 channels" in text
    assert "azimuth +60, elevation -20, diffuseness 0.00" in text
    assert "LUFS" in text


def test_info_as_json(tmp_path, capsys):
    assert run(["info", str(write(tmp_path / "a.wav", -120, 10)), "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["sound_field"]["azimuth"] == pytest.approx(-120, abs=0.1)
    assert tree["sound_field"]["elevation"] == pytest.approx(10, abs=0.1)
    assert [row["azimuth"] for row in tree["sound_field"]["over_time"]] == pytest.approx([-120] * 4, abs=0.2)
    assert [channel["name"] for channel in tree["levels"]["channels"]] == ["W", "Y", "Z", "X"]
    rms = [channel["rms_db"] for channel in tree["levels"]["channels"]]
    assert rms[0] == pytest.approx(-20, abs=0.3)
    assert tree["video"] is None


def test_info_of_a_360_video(tiny_video, capsys):
    assert run(["info", str(tiny_video), "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["projection"] == "erp"
    assert (tree["video"]["width"], tree["video"]["height"]) == (256, 128)
    assert tree["duration_seconds"] == 1.25
    assert tree["audio"] == []
    assert tree["levels"] is None
    assert run(["info", str(tiny_video)]) == 0
    assert "equirectangular" in capsys.readouterr().out


@pytest.mark.parametrize("samples", [0, 1, 500])
@pytest.mark.parametrize("channels", [1, 2, 4, 5, 6])
def test_info_of_short_and_silent_sounds(tmp_path, capsys, samples, channels):
    sf.write(tmp_path / "a.wav", np.zeros((samples, channels)), RATE)
    assert run(["info", str(tmp_path / "a.wav"), "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["sound_field"] is None
    assert run(["info", str(tmp_path / "a.wav")]) == 0


def test_info_of_what_is_no_media(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("words")
    assert "a.txt" in refusal(["info", tmp_path / "a.txt"], capsys)


def test_convert_turns_and_decodes(tmp_path, capsys):
    source = write(tmp_path / "a.wav", 10, 0)
    words = ["convert", str(source), str(tmp_path / "b.flac"), "--to", "fuma", "--rotate", "-90,0,0"]
    assert run(words) == 0
    assert "fuma, 4 channels, 8000 Hz, 1.00 s" in capsys.readouterr().out
    words = ["convert", str(tmp_path / "b.flac"), str(tmp_path / "c.wav"), "--from", "fuma"]
    assert run(words) == 0
    found = direction(sf.read(tmp_path / "c.wav")[0].T)
    assert np.degrees(found.azimuth) == pytest.approx(-80, abs=0.1)
    assert run(["convert", str(source), str(tmp_path / "d.wav"), "--to", "binaural"]) == 0
    assert sf.info(tmp_path / "d.wav").channels == 2


def test_convert_refuses_what_it_cannot_do(tmp_path, capsys):
    source = write(tmp_path / "a.wav")
    assert "b.mp3" in refusal(["convert", source, tmp_path / "b.mp3"], capsys)
    stereo = write(tmp_path / "s.wav", channels=2)
    assert "2 channels" in refusal(["convert", stereo, tmp_path / "b.wav"], capsys)
    for wrong in ("1,2,3,4", "nan", "", "inf,0,0"):
        assert "--rotate" in refusal(["convert", source, tmp_path / "b.wav", "--rotate", wrong], capsys)
    assert not list(tmp_path.glob("b.*"))


def test_evaluate_prints_a_table_and_writes_json(tmp_path, capsys):
    for clip, azimuth in (("one", 0), ("two", 90)):
        write(tmp_path / "truth" / f"{clip}.wav", azimuth)
        write(tmp_path / "ours" / f"{clip}.wav", azimuth + 20)
    write(tmp_path / "truth" / "three.wav")
    words = ["evaluate", "--reference", tmp_path / "truth", "--generated", tmp_path / "ours"]
    words += ["--generated", f"same={tmp_path / 'truth'}", "--json", tmp_path / "report.json"]
    words += ["--jobs", 1, "--report", tmp_path / "report", "--no-plots"]
    assert run([str(word) for word in words]) == 0
    text = capsys.readouterr().out
    assert "0.349" in text
    assert "[0.349, 0.349]" in text
    for name in ("ours", "same", "always front", "random"):
        assert name in text
    assert "ours, missing, left out: there is no generated sound: three" in text
    tree = json.loads((tmp_path / "report.json").read_text())
    assert tree["systems"]["ours"]["angle"]["mean"] == pytest.approx(np.radians(20), abs=1e-5)
    assert tree["systems"]["same"]["angle"]["n"] == 3
    assert json.loads((tmp_path / "report" / "results.json").read_text()) == tree
    assert "always front" in (tmp_path / "report" / "table.md").read_text()


def test_evaluate_does_not_list_clip_by_clip_what_holds_for_all(tmp_path, capsys):
    for clip in ("one", "two", "three"):
        write(tmp_path / "truth" / f"{clip}.wav")
        write(tmp_path / "some" / f"{clip}.wav", rate=RATE if clip == "one" else 22050)
        if clip != "three":
            write(tmp_path / "all" / f"{clip}.wav", rate=22050)
    write(tmp_path / "single" / "one.wav", rate=22050)
    write(tmp_path / "truth" / "flat.wav", channels=2)
    words = ["evaluate", "--reference", tmp_path / "truth"]
    for system in ("some", "all", "single"):
        words += ["--generated", tmp_path / system]
    words += ["--metrics", "spatial", "--jobs", 1]
    assert run([str(word) for word in words]) == 0
    lines = capsys.readouterr().out.splitlines()
    says = "rate, counted: has 22050 Hz, the recording 8000 Hz"
    assert [line for line in lines if says in line] == [
        f"some, {says}: three, two",
        f"all, {says}: all 2 clips",
        f"single, {says}: one",
    ]
    assert "all, missing, left out: there is no generated sound: flat, three" in lines
    assert "reference, channels, left out: flat.wav has 2 channels, not 4: flat" in lines


def test_evaluate_refuses_folders_that_are_not_there(tmp_path, capsys):
    write(tmp_path / "truth" / "a.wav")
    nowhere = tmp_path / "nowhere"
    words = ["evaluate", "--reference", tmp_path / "truth", "--generated", nowhere]
    assert "nowhere" in refusal(words, capsys)
    words = ["evaluate", "--reference", nowhere, "--generated", tmp_path / "truth"]
    assert "nowhere" in refusal(words, capsys)
    truth = tmp_path / "truth"
    words = ["evaluate", "--reference", truth, "--generated", truth, "--generated", truth]
    assert "Two systems" in refusal(words, capsys)


def test_train_passes_its_words_on(tmp_path, capsys, monkeypatch):
    called = {}

    def train_stage(stage, config, **options):
        called.update(options, stage=stage, config=config)
        options["on_progress"]("vae", 1, 2)
        return StageResult(
            tmp_path / "model.safetensors", TrainingReport(2, 3.0, {"loss": 2.0}, {"loss": 1.0})
        )

    monkeypatch.setattr("audiospace.training.run.train_stage", train_stage)
    config = tmp_path / "a.yaml"
    words = ["train", "vae", "--config", config, "-o", tmp_path, "--resume", "--sounds", "a", "--sounds", "b"]
    assert run([str(word) for word in words]) == 0
    assert (called["stage"], called["config"], called["output"]) == ("vae", config, tmp_path)
    assert called["resume"] is True
    assert [str(path) for path in called["sounds"]] == ["a", "b"]
    text = capsys.readouterr().out
    assert "loss: 2.0000 before, 1.0000 after" in text
    assert text.splitlines()[-1].endswith("model.safetensors")


def test_train_refuses_a_missing_configuration(tmp_path, capsys):
    assert "none.yaml" in refusal(["train", "vae", "--config", tmp_path / "none.yaml"], capsys)


def test_errors_of_commands_are_one_line_even_with_line_breaks(tmp_path, capsys, monkeypatch):
    def fail(*_arguments):
        raise UserError("is odd\nin two ways", file=tmp_path / "a.wav")

    monkeypatch.setattr("audiospace.inspection.inspect", fail)
    assert "is odd in two ways" in refusal(["info", "a.wav"], capsys)
