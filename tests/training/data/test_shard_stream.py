import logging
from itertools import chain

import pytest
import torch

from audiospace.errors import MissingExtraError, UserError
from audiospace.model_store import load_model
from audiospace.training.batches import Place
from audiospace.training.data import autoencoder_fingerprint, open_shards, read_shards
from shard_samples import make_shards

BRANCHES = ("sphere", "fov")


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model, fold=False).model


@pytest.fixture
def shards(model, tmp_path):
    features = {"encoder": "efficientnet-lite0", "frames_per_second": 1.0, "tile_count": 24}
    return make_shards(tmp_path / "shards", (5, 8, 3), autoencoder_fingerprint(model.vae), features)


def opened(patterns, model, seed=0, branches=BRANCHES):
    return open_shards([str(pattern) for pattern in patterns], model, seed=seed, branches=branches)


def numbers(batch):
    return batch.latents[:, 0, 0].int().tolist()


def damage(folder, name, sample, offset=700):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[data.find(f"{sample}.latent.npy".encode()) + offset] ^= 0xFF
    path.write_bytes(data)


def test_batches_carry_latents_and_their_features(shards, model):
    batch = opened([shards], model).batch(0, Place(0, 1, 4))
    assert batch.latents.shape == (4, 8, 5)
    assert batch.latents.dtype == torch.float32
    assert batch.features["sphere"].shape == (4, 3, 4, 2)
    assert torch.equal(batch.features["sphere"][:, 0, 0, 0], batch.latents[:, 0, 0])


def test_an_epoch_has_every_sample_once(shards, model):
    stream = opened([shards], model)
    assert sorted(n for step in range(8) for n in numbers(stream.batch(step, Place(0, 1, 2)))) == list(
        range(16)
    )


def test_shares_of_several_processes_are_the_batch_of_one(shards, model):
    whole = opened([shards], model)
    others = [opened([shards], model) for _ in range(4)]
    for step in range(9):
        expected = numbers(whole.batch(step, Place(0, 1, 4)))
        for world in (2, 4):
            shares = [numbers(others[rank].batch(step, Place(rank, world, 4))) for rank in range(world)]
            assert list(chain(*shares)) == expected


def test_a_run_taken_up_at_a_step_sees_what_the_uncut_one_saw(shards, model):
    uncut = opened([shards], model)
    expected = [numbers(uncut.batch(step, Place(0, 1, 3))) for step in range(20)]
    taken_up = opened([shards], model)
    assert [numbers(taken_up.batch(step, Place(0, 1, 3))) for step in range(11, 20)] == expected[11:]


def test_seeds_shuffle_differently(shards, model):
    first, second = (opened([shards], model, seed).batch(0, Place(0, 1, 8)) for seed in (0, 1))
    assert numbers(first) != numbers(second)


def test_a_damaged_sample_is_skipped_counted_and_named(shards, model, caplog):
    damage(shards, "shard-000001.tar", "s007")
    stream = opened([shards], model)
    with caplog.at_level(logging.WARNING):
        seen = [n for step in range(24) for n in numbers(stream.batch(step, Place(0, 1, 2)))]
    assert set(seen) == set(range(16)) - {7}
    assert len(seen) == 48
    (named,) = stream.damage.report()
    assert named.name == f"{shards}/shard-000001.tar:s007"
    assert "checksum" in named.reason
    assert len([record for record in caplog.records if "s007" in record.getMessage()]) == 1


def test_the_rest_of_a_truncated_shard_is_skipped(shards, model):
    path = shards / "shard-000001.tar"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    stream = opened([shards], model)
    seen = {n for step in range(16) for n in numbers(stream.batch(step, Place(0, 1, 2)))}
    assert seen > {0, 1, 2, 3, 4, 13, 14, 15}
    assert not seen & {11, 12}
    assert len(stream.damage.report()) == 16 - len(seen)


def test_a_destroyed_shard_is_skipped_where_an_index_counts_it(shards, model):
    (shards / "shard-000001.tar").write_bytes(b"rubbish" * 300)
    stream = opened([shards], model)
    seen = {n for step in range(16) for n in numbers(stream.batch(step, Place(0, 1, 1)))}
    assert seen == {*range(5), 13, 14, 15}
    assert len(stream.damage.report()) == 8
    (shards / "shards.json").unlink()
    with pytest.raises(UserError, match=r"shard-000001\.tar"):
        opened([shards], model)


def test_nothing_but_damage_is_a_users_error(shards, model):
    for number in range(5):
        damage(shards, "shard-000000.tar", f"s{number:03d}")
    with pytest.raises(UserError, match="100 samples in a row"):
        opened([shards / "shard-000000.tar"], model).batch(0, Place(0, 1, 1))
    with pytest.raises(UserError, match="no sample"):
        read_shards([str(shards / "shard-000000.tar")], model, count=4)


@pytest.mark.parametrize("index", [True, False])
def test_latents_of_another_autoencoder_are_refused(model, tmp_path, index):
    folder = make_shards(tmp_path / "other", [3], "0123456789abcdef", index=index)
    with pytest.raises(UserError, match="another autoencoder"):
        opened([folder], model, branches=()).batch(0, Place(0, 1, 1))


def test_features_of_another_encoder_are_refused(model, tmp_path):
    fingerprint = autoencoder_fingerprint(model.vae)
    other = make_shards(
        tmp_path / "other", [3], fingerprint, {"encoder": "metaclip", "frames_per_second": 8.0}
    )
    alone = make_shards(tmp_path / "alone", [3], fingerprint)
    with pytest.raises(UserError, match="metaclip"):
        opened([other], model)
    with pytest.raises(UserError, match="no features"):
        opened([alone], model)
    assert len(opened([other, alone], model, branches=())) == 6


def test_folders_indexes_files_and_patterns_mean_the_same(shards, model):
    expected = [shard.address for shard in opened([shards], model).shards]
    for patterns in ([shards / "shards.json"], [shards / "*.tar"], sorted(shards.glob("*.tar"))):
        assert [shard.address for shard in opened(patterns, model).shards] == expected
    (shards / "shards.json").unlink()
    assert [shard.samples for shard in opened([shards], model).shards] == [5, 8, 3]


@pytest.mark.parametrize("name", ["none.tar", "none/*.tar", "none/shards.json", "empty"])
def test_patterns_that_match_nothing_are_named(model, tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=name.partition("/")[0]):
        opened([tmp_path / name], model)


def test_shards_elsewhere_are_streamed_through_webdataset(shards, model):
    pytest.importorskip("webdataset")
    here, there = opened([shards], model), opened([f"pipe:cat {shards}/shards.json"], model)
    for step in range(12):
        assert numbers(there.batch(step, Place(0, 1, 4))) == numbers(here.batch(step, Place(0, 1, 4)))


def test_webdataset_is_an_extra(model, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "webdataset", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[shards\]"):
        opened(["https://example.org/shards.json"], model)


def test_names_in_an_index_do_not_become_commands(shards, model):
    index = shards / "shards.json"
    index.write_text(index.read_text().replace("shard-000000.tar", "x; touch y.tar"))
    with pytest.raises(UserError, match="not an index"):
        opened([shards], model)


def test_a_few_samples_are_spread_over_all_shards(shards, model):
    items = read_shards([str(shards)], model, count=4, branches=BRANCHES)
    assert items.latents[:, 0, 0].int().tolist() == [0, 5, 10, 15]
    assert len(read_shards([str(shards)], model, count=100)) == 16


def test_a_decoder_may_change_and_an_encoder_may_not(tiny_model, model):
    changed = load_model(tiny_model, fold=False).model
    with torch.no_grad():
        next(changed.vae.decoder.parameters()).add_(1)
    assert autoencoder_fingerprint(changed.vae) == autoencoder_fingerprint(model.vae)
    with torch.no_grad():
        next(changed.vae.encoder.parameters()).add_(1)
    assert autoencoder_fingerprint(changed.vae) != autoencoder_fingerprint(model.vae)
