import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from audiospace.ambisonics import encode
from audiospace.errors import MissingExtraError
from audiospace.training.loggers import JsonLines, TensorBoard, WeightsAndBiases
from audiospace.training.sound_picture import COLUMNS, GAP, MOMENTS, ROWS, sound_picture
from audiospace.training.stage import ShownSound

RATE = 8000


def sound_from(azimuth: float, elevation: float, level: float = 0.1) -> ShownSound:
    mono = level * np.random.default_rng(0).standard_normal(RATE)
    return ShownSound("made 0", encode(mono, azimuth, elevation).astype(np.float32), RATE)


@pytest.mark.parametrize(("azimuth", "elevation"), [(90, 0), (-90, 0), (0, 40), (135, -30)])
def test_the_picture_is_brightest_where_the_sound_comes_from(azimuth, elevation):
    picture = sound_picture(sound_from(np.radians(azimuth), np.radians(elevation)))
    assert picture.shape == (MOMENTS * (ROWS + GAP) - GAP, COLUMNS, 3)
    for moment in range(MOMENTS):
        panel = picture[moment * (ROWS + GAP) :][:ROWS].astype(int).sum(axis=2)
        rows, columns = np.nonzero(panel == panel.max())
        assert abs((0.5 - (columns.mean() + 0.5) / COLUMNS) * 360 - azimuth) < 4
        assert abs((0.5 - (rows.mean() + 0.5) / ROWS) * 180 - elevation) < 4


def test_silence_is_dark_and_finite():
    picture = sound_picture(ShownSound("silence", np.zeros((4, RATE), np.float32), RATE))
    assert picture.max() < 60


def test_rows_of_validations_are_told_apart(tmp_path):
    log = JsonLines(tmp_path / "new folder")
    log.figures(3, "training", {"total": 1.5})
    log.figures(3, "validation", {"total": 0.5})
    log.sounds(3, [sound_from(0, 0)])
    rows = [json.loads(line) for line in (tmp_path / "new folder" / "log.jsonl").read_text().splitlines()]
    assert rows == [{"step": 3, "total": 1.5}, {"step": 3, "validation_total": 0.5}]


def test_tensorboard_keeps_figures_sounds_and_pictures(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = TensorBoard(tmp_path)
    log.figures(2, "training", {"total": 1.25})
    log.figures(2, "validation", {"angle": 40.0})
    log.sounds(2, [sound_from(0.3, 0, level=20.0)])
    log.close()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(item.step, item.value) for item in events.Scalars("training/total")] == [(2, 1.25)]
    assert [item.value for item in events.Scalars("validation/angle")] == [40.0]
    assert events.Audio("sound/made 0")[0].sample_rate == RATE
    assert events.Images("energy/made 0")[0].width == COLUMNS


def test_weights_and_biases_are_given_figures_sounds_and_pictures(tmp_path, monkeypatch):
    logged, started = [], {}
    run = SimpleNamespace(
        log=lambda figures, step: logged.append((step, figures)), finish=lambda: logged.append("finished")
    )
    fake = SimpleNamespace(
        init=lambda **options: started.update(options) or run,
        Audio=lambda data, rate: ("audio", data.shape, float(np.abs(data).max()) <= 1, rate),
        Image=lambda data: ("image", data.shape[1]),
    )
    monkeypatch.setitem(sys.modules, "wandb", fake)
    log = WeightsAndBiases(tmp_path / "mini" / "vae", "audiospace", {"stage": "vae"})
    log.figures(1, "training", {"total": 2.0})
    log.sounds(1, [sound_from(0, 0, level=20.0)])
    log.sounds(1, [])
    log.close()
    assert started["name"] == "mini-vae"
    assert started["config"] == {"stage": "vae"}
    assert logged[0] == (1, {"training/total": 2.0})
    assert logged[1] == (
        1,
        {"sound/made 0": ("audio", (RATE, 2), True, RATE), "energy/made 0": ("image", COLUMNS)},
    )
    assert logged[2] == "finished"


def test_a_logger_that_is_not_installed_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match="wandb"):
        WeightsAndBiases(tmp_path, "audiospace", {})
    with pytest.raises(MissingExtraError, match="tensorboard"):
        TensorBoard(tmp_path)
