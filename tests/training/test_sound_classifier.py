import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from audiospace.errors import UserError
from audiospace.hearing.classifier import ClassifierShape, SoundClassifier
from audiospace.hearing.judge import SoundJudge
from audiospace.hearing.judge_file import read_judge, save_judge
from audiospace.hearing.log_mel import FrontEnd, LogMel
from audiospace.media import write_audio
from audiospace.model_store import presets_folder
from audiospace.simulate import KINDS, SoundLibrary
from audiospace.simulate.recordings import split_of
from audiospace.simulate.shares import share_of
from audiospace.training.batches import Place
from audiospace.training.config import DataConfig, RunConfig, StageConfig, read_stage_config
from audiospace.training.picture_augmentation import (
    cut,
    masked,
    mixed,
    noisy,
    random_filters,
    relevelled,
    silenced,
)
from audiospace.training.picture_bank import PictureBank, fill_bank, noise_pictures
from audiospace.training.run import train_stage
from audiospace.training.sound_augmentation import changed_speed, coloured_noise, reverberated
from audiospace.training.sound_classifier import JudgeStage, Recognition, recordings_of

SMALL = ClassifierShape(widths=(4, 8), dimensions=6)


def pictures(batch: int = 4, frames: int = 160, bands: int = 64, seed: int = 0) -> torch.Tensor:
    return relevelled(torch.rand(batch, frames, bands, generator=torch.Generator().manual_seed(seed)))


@pytest.fixture
def bank() -> PictureBank:
    """Eight kinds, each strong in bands of its own."""
    own = 1 + 30 * torch.eye(8).repeat_interleave(8, dim=1)
    return PictureBank(relevelled(pictures(8) * own[:, None]), torch.arange(8))


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("1-30226-A", "generator"),
        ("2-122104-B", "generator"),
        ("3-136288-A-0", "judge"),
        ("4-182395-A", "judge"),
        ("5-9032-A", "test"),
        ("1-40730-A", None),
        ("2-96460-A", None),
    ],
)
def test_folds_keep_to_their_shares(name, share):
    assert share_of(Path("anywhere") / f"{name}.ogg") == share


def test_other_recordings_are_halved_by_their_name_and_the_test_split_stays():
    names = [Path(f"{hashlib.sha256(bytes([k])).hexdigest()[:8]}.wav") for k in range(200)]
    shares = [share_of(name) for name in names]
    assert all(
        (share == "test") == (split_of(name) == "test") for name, share in zip(names, shares, strict=True)
    )
    assert 0.3 < shares.count("judge") / 200 < 0.5
    assert 0.3 < shares.count("generator") / 200 < 0.5
    assert [share_of(Path("other/folder") / name) for name in names] == shares


def test_recordings_of_a_share_hold_nothing_else(tmp_path):
    (tmp_path / "rooster").mkdir()
    for name in ("1-40730-A", "2-7-A", "3-7-A", "4-7-A", "5-7-A"):
        write_audio(tmp_path / "rooster" / f"{name}.wav", np.full((1, 100), 0.1, np.float32), 8000)
    found = {share: recordings_of(share, (str(tmp_path),)) for share in ("generator", "judge", "test")}
    names = {share: [item.path.stem for item in kinds["rooster"]] for share, kinds in found.items()}
    assert names == {"generator": ["2-7-A"], "judge": ["3-7-A", "4-7-A"], "test": ["5-7-A"]}


def test_cut_pictures_are_heard_and_level():
    power = torch.zeros(3, 160, 4)
    power[:, 60:90] = 5.0
    out = cut(power, 128, np.random.default_rng(0))
    assert out.shape == (3, 128, 4)
    torch.testing.assert_close(out.sum(dim=2).mean(dim=1), torch.ones(3))


def test_silencing_keeps_one_span():
    out = silenced(pictures(16), 1.0, np.random.default_rng(0))
    heard = (out.sum(dim=2) > 0).float()
    assert bool((heard.diff(dim=1).clamp_min(0).sum(dim=1) <= 1).all())
    assert bool((heard.sum(dim=1) >= 20).all())
    torch.testing.assert_close(silenced(out, 0.0, np.random.default_rng(0)), out)


def test_labels_of_mixtures_follow_the_powers():
    power, goal = pictures(6), torch.eye(6)
    mix, blended = mixed(power, goal, share=1.0, rng=np.random.default_rng(1))
    torch.testing.assert_close(blended.sum(dim=1), torch.ones(6))
    loud = mix.sum(dim=2).mean(dim=1)
    own = blended.diagonal()
    others = own < 0.9999
    torch.testing.assert_close(own[others], 1 / loud[others])
    assert bool((own >= 0.4999).all())
    same, labels = mixed(power, goal, share=0.0, rng=np.random.default_rng(1))
    torch.testing.assert_close(same, power)
    torch.testing.assert_close(labels, goal)


def test_noise_filters_and_masks_stay_within_their_bounds():
    rng, power = np.random.default_rng(2), pictures(32)
    added = (noisy(power, pictures(3, seed=1), share=1.0, rng=rng) - power).sum(dim=2).mean(dim=1)
    assert bool(((added > 0.5e-4) & (added < 0.6)).all())
    filters = random_filters(400, 64, rng)
    assert bool((filters > 0).all())
    whole = filters[:, 0, -1] > 1e-3
    assert 0.6 < float(whole.float().mean()) < 0.95
    shown = masked(torch.ones(32, 128, 64), rng)
    assert bool((shown.mean(dim=(1, 2)) > 0.65).all())
    assert float(shown.mean()) < 1


def test_speed_moves_pitch_and_rooms_ring_on():
    rng = np.random.default_rng(3)
    tone = np.sin(2 * np.pi * 500 * np.arange(10000) / 8000).astype(np.float32)
    faster = changed_speed(tone, 8000)
    assert np.abs(np.fft.rfft(faster)).argmax() == 625
    click = np.zeros(8000, np.float32)
    click[100] = 1
    wet = reverberated(click, 8000, rng)
    assert not np.abs(wet[:90]).max() > 1e-4
    assert np.abs(wet[200:1000]).max() > 1e-4
    assert np.sum(wet[200:1200] ** 2) > np.sum(wet[4000:5000] ** 2)
    assert np.sqrt(np.mean(coloured_noise(8000, rng) ** 2)) == pytest.approx(1, rel=1e-4)


def test_a_bank_repeats_and_holds_every_kind():
    library = SoundLibrary.procedural()
    few = SoundLibrary({}, {kind: library.generators[kind] for kind in ("clock", "drums", "bird")})
    log_mel = LogMel(FrontEnd())
    first, again = (fill_bank(few, log_mel, seconds=1.0, per_kind=2, seed=4) for _ in range(2))
    assert first.kinds.tolist() == [0, 0, 1, 1, 2, 2]
    torch.testing.assert_close(first.power, again.power)
    assert bool((first.power.sum(dim=2).mean(dim=1) > 0.5).all())


def judge_stage(bank: PictureBank) -> JudgeStage:
    noise = noise_pictures(LogMel(FrontEnd()), seconds=3.0, items=2, seed=0)
    settings = StageConfig("judge", "judge", RunConfig(steps=25, batch_size=8))
    return JudgeStage(Recognition(SoundClassifier(SMALL)), LogMel(FrontEnd()), bank, bank, noise, settings)


def test_steps_on_one_batch_lower_its_loss(bank):
    torch.manual_seed(0)
    stage = judge_stage(bank)
    optimiser = torch.optim.Adam(stage.objective.parameters(), 1e-2)
    batch, totals = stage.batch(0, Place(0, 1, 8)), []
    for _ in range(25):
        total = stage.objective(batch)["total"]
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert totals[-1] < totals[0] - 0.5
    with torch.no_grad():
        figures = stage.validate(0).figures
    assert 0 <= figures["accuracy"] <= 1
    assert np.isfinite(figures["total"])


def test_shares_of_a_batch_of_pictures_make_up_the_whole(bank):
    stage = judge_stage(bank)
    whole = stage.batch(3, Place(0, 1, 8))
    halves = [stage.batch(3, Place(rank, 2, 8)) for rank in (0, 1)]
    for name, value in whole.items():
        torch.testing.assert_close(torch.cat([half[name] for half in halves]), value)
    assert not torch.equal(stage.batch(4, Place(0, 1, 8))["pictures"], whole["pictures"])


def test_a_saved_judge_hears_as_the_trained_one(tmp_path):
    torch.manual_seed(1)
    classifier, path = SoundClassifier(SMALL), tmp_path / "judge.safetensors"
    for _ in range(20):
        classifier(torch.randn(8, 64, 64) * 2 + 1)
    save_judge(classifier, path, front_end=FrontEnd(), labels=KINDS, notes={"a": "b"})
    parts = read_judge(path)
    seen = torch.randn(3, 128, 64)
    expected = classifier.eval()(seen)
    torch.testing.assert_close(parts.classifier(seen), expected, atol=0.02, rtol=0.01)
    assert (parts.labels, parts.front_end, parts.notes) == (KINDS, FrontEnd(), {"a": "b"})
    assert SoundJudge.load(path).dimensions == 6


def test_a_file_that_holds_no_judge_is_refused(tmp_path):
    path = tmp_path / "judge.safetensors"
    with pytest.raises(UserError, match="cannot read the judge"):
        read_judge(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="cannot read the judge"):
        read_judge(path)
    with pytest.raises(UserError, match="not a judge"):
        read_judge(presets_folder() / "audiospace-mini.safetensors")


def test_the_preset_describes_the_judges_stage():
    config = read_stage_config(presets_folder() / "train" / "judge.yaml")
    assert config.stage == "judge"
    assert isinstance(config.data, DataConfig)


def test_the_stage_runs_from_its_file_to_a_judge_that_hears(tmp_path):
    config = {
        "stage": "judge",
        "model": "judge",
        "run": {"steps": 2, "batch_size": 4},
        "data": {"seconds": 2.0, "items": 1, "validation_items": 1},
    }
    (tmp_path / "judge.yaml").write_text(yaml.safe_dump(config))
    result = train_stage("judge", tmp_path / "judge.yaml", output=tmp_path / "run")
    assert result.report.steps == 2
    assert SoundJudge.load(result.model).hear(np.ones((1, 100))).logits.shape == (len(KINDS),)
