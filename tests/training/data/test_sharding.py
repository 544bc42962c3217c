import io
import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from audiospace.ambisonics import foa_matrix, from_mono, from_stereo
from audiospace.errors import MissingExtraError, UserError
from audiospace.generation.look import look
from audiospace.media import probe, require_360
from audiospace.model_store import load_model
from audiospace.models import ConditionerConfig, SpatialAudioModel
from audiospace.training.batches import Place
from audiospace.training.data import (
    ShardSettings,
    open_shards,
    prepare_clips,
    read_index,
    read_shards,
    shard_clips,
)
from audiospace.training.data.shard_file import LocalShard

RATE = 16000
SOUND = ShardSettings(video=False, clips_per_shard=2)


def noise(channels, seconds, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal((round(seconds * RATE), channels)).astype(
        np.float32
    )


@pytest.fixture
def sounds(tmp_path):
    """Five sounds of 2.1 seconds: each gives one window of 2 seconds."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number, channels in enumerate((1, 2, 4, 1, 4)):
        soundfile.write(folder / f"n{number}.wav", noise(channels, 2.1, number), RATE, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model, fold=False).model


def shard(folders, output, model, settings=SOUND, **how):
    return shard_clips([folders], output, model=model, settings=settings, device="cpu", **how)


def samples(output):
    """Members of all samples by key."""
    found = {}
    for path in sorted(output.glob("*.tar")):
        shard = LocalShard(path)
        found |= {shard.read(index).key: shard.read(index).members for index in range(len(shard))}
    return found


def latent(members):
    return np.load(io.BytesIO(members["latent.npy"])).astype(np.float32)


def contents(output):
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_sounds_become_latents_of_the_autoencoder(sounds, tmp_path, tiny_model, model):
    result = shard(sounds, tmp_path / "out", tiny_model)
    assert (len(result.index.shards), result.index.samples, result.index.left_out) == (3, 5, ())
    prepared = samples(tmp_path / "out")
    for name, lift in (("n0", lambda s: from_mono(s[0])), ("n1", from_stereo), ("n2", lambda s: s)):
        samples_, _ = soundfile.read(sounds / f"{name}.wav", dtype="float32", always_2d=True)
        window = model.config.window_frames * model.config.vae.hop
        field = lift(samples_.T)[:, :window].astype(np.float32)
        with torch.no_grad():
            expected = model.vae.encode(torch.from_numpy(field)[None]).mean[0].numpy()
        np.testing.assert_allclose(latent(prepared[f"{name}-0000000-0"]), expected, rtol=2e-3, atol=2e-3)


def test_shards_can_be_trained_on(sounds, tmp_path, tiny_model, model):
    shard(sounds, tmp_path / "out", tiny_model)
    stream = open_shards([str(tmp_path / "out")], model, seed=0)
    assert stream.batch(0, Place(0, 1, 4)).latents.shape == (4, 8, model.config.window_frames)
    with pytest.raises(UserError, match="no features"):
        open_shards([str(tmp_path / "out")], model, seed=0, branches=("sphere",))


def test_a_stopped_run_goes_on_to_the_same_files(sounds, tmp_path, tiny_model):
    def stop(stage, done, _total):
        if stage == "shards" and done == 1:
            raise KeyboardInterrupt

    shard(sounds, tmp_path / "whole", tiny_model)
    with pytest.raises(KeyboardInterrupt):
        shard(sounds, tmp_path / "cut", tiny_model, on_progress=stop)
    assert read_index(tmp_path / "cut" / "shards.json").samples == 2
    first = (tmp_path / "cut" / "shard-000000.tar").stat().st_mtime_ns
    result = shard(sounds, tmp_path / "cut", tiny_model)
    assert (result.kept, len(result.outcomes)) == (1, 2)
    assert (tmp_path / "cut" / "shard-000000.tar").stat().st_mtime_ns == first
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_a_run_stopped_within_a_shard_leaves_nothing_of_it(sounds, tmp_path, tiny_model):
    def stop(stage, done, _total):
        if stage == "clips of a shard" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shard(sounds, tmp_path / "cut", tiny_model, on_progress=stop)
    assert {path.name for path in (tmp_path / "cut").iterdir()} == {"shards.json"}


def test_a_shard_whose_record_was_not_taken_in_yet_is_kept(sounds, tmp_path, tiny_model):
    output = tmp_path / "out"
    shard(sounds, output, tiny_model)
    whole = contents(output)
    index = json.loads(whole["shards.json"])
    record = index["shards"].pop(1)
    (output / "shards.json").write_text(json.dumps(index))
    (output / f"{record['name']}.json").write_text(json.dumps(record))
    assert shard(sounds, output, tiny_model).kept == 3
    assert contents(output) == whole


def test_only_what_changed_is_made_again(sounds, tmp_path, tiny_model):
    output = tmp_path / "out"
    shard(sounds, output, tiny_model)
    truncated = output / "shard-000002.tar"
    truncated.write_bytes(truncated.read_bytes()[:600])
    result = shard(sounds, output, tiny_model)
    assert [outcome.name for outcome in result.outcomes] == ["shard-000002.tar"]
    soundfile.write(sounds / "n0.wav", noise(1, 2.5), RATE, subtype="FLOAT")
    assert len(shard(sounds, output, tiny_model).outcomes) == 1


def test_other_settings_need_another_folder_or_again(sounds, tmp_path, tiny_model):
    output = tmp_path / "out"
    shard(sounds, output, tiny_model)
    larger = ShardSettings(video=False, clips_per_shard=5)
    with pytest.raises(UserError, match="--again"):
        shard(sounds, output, tiny_model, larger)
    assert shard(sounds, output, tiny_model, larger, again=True).index.samples == 5
    assert sorted(contents(output)) == ["shard-000000.tar", "shards.json"]


def test_damaged_clips_are_left_out_and_named(sounds, tmp_path, tiny_model):
    (sounds / "rubbish.wav").write_bytes(b"RIFF rubbish")
    (sounds / "empty.flac").write_bytes(b"")
    (sounds / "n0.json").write_text("{")
    soundfile.write(sounds / "silent.wav", np.zeros((2 * RATE, 1)), RATE)
    soundfile.write(sounds / "short.wav", noise(1, 0.5), RATE)
    soundfile.write(sounds / "eight.wav", noise(8, 2.1), RATE, subtype="FLOAT")
    index = shard(sounds, tmp_path / "out", tiny_model).index
    reasons = {item.name: item.reason for item in index.left_out}
    assert set(reasons) == {"rubbish", "empty", "n0", "silent", "short", "eight"}
    for name, reason in (
        ("n0", "JSON"),
        ("silent", "silent"),
        ("short", "too short"),
        ("eight", "8 channels"),
    ):
        assert reason in reasons[name]
    assert index.samples == 4
    assert read_index(tmp_path / "out" / "shards.json") == index


def test_a_long_sound_gives_many_windows(tmp_path, tiny_model):
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "long.wav", noise(1, 7.3), RATE)
    shard(tmp_path / "sounds", tmp_path / "out", tiny_model)
    assert sorted(samples(tmp_path / "out")) == [f"long-{1000 * second:07d}-0" for second in (0, 2, 4, 5)]


def test_rotations_turn_the_sound(sounds, tmp_path, tiny_model, model):
    shard(sounds, tmp_path / "out", tiny_model, ShardSettings(video=False, rotations=3))
    prepared = samples(tmp_path / "out")
    assert len(prepared) == 15
    turn = np.array(json.loads(prepared["n2-0000000-2"]["json"])["rotation"])
    assert not np.allclose(turn, np.eye(3))
    samples_, _ = soundfile.read(sounds / "n2.wav", dtype="float32", always_2d=True)
    window = model.config.window_frames * model.config.vae.hop
    field = (foa_matrix(turn) @ samples_.T)[:, :window]
    with torch.no_grad():
        expected = model.vae.encode(torch.from_numpy(field.astype(np.float32))[None]).mean[0].numpy()
    np.testing.assert_allclose(latent(prepared["n2-0000000-2"]), expected, rtol=5e-3, atol=5e-3)


@pytest.fixture
def clips(tmp_path, tiny_video):
    """A clip of a video of 1.25 seconds with a sound of 3, and nothing else."""
    folder = tmp_path / "clips"
    folder.mkdir()
    shutil.copy(tiny_video, folder / "a.mp4")
    soundfile.write(folder / "a.wav", noise(4, 3), RATE, subtype="FLOAT")
    (folder / "a.json").write_text('{"projection": "erp", "event": "dog"}')
    return folder


def test_clips_with_videos_give_the_features_that_generation_would_see(clips, tmp_path, tiny_model, model):
    result = shard(clips, tmp_path / "out", tiny_model, ShardSettings(rotations=2))
    assert result.index.samples == 2
    items = read_shards([str(tmp_path / "out")], model, count=2, branches=("sphere", "panorama"))
    info = probe(clips / "a.mp4")
    seen = look(info, require_360(info, "erp"), model.config.features, advance=lambda *_: None)
    assert items.features["sphere"].shape == (2, 2, 4, 29)
    for name, values in items.features.items():
        np.testing.assert_allclose(values[0, 0].numpy(), seen.branches[name][0], rtol=2e-3, atol=1e-4)
    prepared = samples(tmp_path / "out")
    facts = json.loads(prepared["a-0000000-1"]["json"])
    assert facts["known"] == {"projection": "erp", "event": "dog"}
    as_it_is, turned = items.features["sphere"].numpy()
    expected = np.einsum("ij,tjc->tic", foa_matrix(np.array(facts["rotation"])), as_it_is)
    assert np.abs(turned - expected).mean() < 0.5 * np.abs(turned - as_it_is).mean()


def test_cubemaps_are_kept_on_request_and_for_models_that_read_them(clips, tmp_path, tiny_model, model):
    cubemap = ConditionerConfig("cube", "eac", "additive", 28)
    reader = SpatialAudioModel(replace(model.config, conditioners=(cubemap,)))
    reader.vae = model.vae
    shard(clips, tmp_path / "asked", tiny_model, ShardSettings(cubemap=True))
    prepare_clips([clips], tmp_path / "read", reader, ShardSettings())
    asked, read = (
        read_shards([str(tmp_path / name)], reader, count=1, branches=("eac",)) for name in ("asked", "read")
    )
    assert asked.features["eac"].shape == (1, 2, 28)
    assert torch.equal(asked.features["eac"], read.features["eac"])
    shard(clips, tmp_path / "without", tiny_model, ShardSettings())
    with pytest.raises(UserError, match="cubemaps"):
        read_shards([str(tmp_path / "without")], reader, count=1, branches=("eac",))


def test_sound_beside_a_video_must_be_ambisonic(clips, tmp_path, tiny_model):
    soundfile.write(clips / "a.wav", noise(2, 3), RATE)
    index = shard(clips, tmp_path / "out", tiny_model, ShardSettings()).index
    assert "not ambisonic: 2 channels" in index.left_out[0].reason
    assert shard(clips, tmp_path / "alone", tiny_model).index.samples == 2


def test_a_model_in_memory_prepares_clips_once(sounds, tmp_path, tiny_model, model):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    settings = ShardSettings(video=False)
    assert prepare_clips([sounds], tmp_path / "run", model, settings).kept == 0
    assert prepare_clips([sounds], tmp_path / "run", model, settings).kept == 1
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert len(open_shards([str(tmp_path / "run")], model, seed=0)) == 5
    shard(sounds, tmp_path / "out", tiny_model, settings)
    for key, members in samples(tmp_path / "out").items():
        np.testing.assert_allclose(
            latent(samples(tmp_path / "run")[key]), latent(members), rtol=2e-3, atol=2e-3
        )


def test_clips_with_and_without_videos_do_not_mix(clips, tmp_path, tiny_model):
    soundfile.write(clips / "b.wav", noise(4, 3), RATE)
    with pytest.raises(UserError, match="--no-video"):
        shard(clips, tmp_path / "out", tiny_model, ShardSettings())


def test_ray_is_an_extra(sounds, tmp_path, tiny_model, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[ray\]"):
        shard(sounds, tmp_path / "out", tiny_model, ray="local")
    with pytest.raises(UserError, match="--ray"):
        shard(sounds, tmp_path / "out", tiny_model, workers=2)
