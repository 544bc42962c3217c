from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from audiospace.errors import UserError
from audiospace.model_store import load_model
from audiospace.training.config import read_stage_config
from audiospace.training.data import read_shards
from audiospace.training.examples import Examples, open_items

RATE = 16000


@pytest.fixture
def examples(stage_file, tiny_model):
    """Makes the items of the coarse stage; keyword arguments replace values of its data."""

    def make(**data: object) -> Examples:
        settings = read_stage_config(stage_file("coarse"))
        settings = replace(settings, data=replace(settings.data, **data))
        return Examples(settings, load_model(tiny_model, fold=False).model, lambda *_: None)

    return make


@pytest.fixture
def clips(tmp_path):
    """A folder with two sounds of 2.1 seconds, each of which makes one item."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(2):
        noise = 0.1 * np.random.default_rng(number).standard_normal(round(2.1 * RATE))
        soundfile.write(folder / f"{number}.wav", noise, RATE, subtype="FLOAT")
    return folder


def test_without_shards_items_are_simulated_once(examples, tmp_path):
    first = open_items(examples(), tmp_path / "run")
    made = sorted((tmp_path / "run").iterdir())
    again = open_items(examples(), tmp_path / "run")
    assert len(first.typical) == 3
    assert len(first.held_out) == 2
    assert torch.equal(first.typical.latents, again.typical.latents)
    assert sorted((tmp_path / "run").iterdir()) == made


def test_folders_of_clips_become_shards_in_the_run(examples, clips, tmp_path):
    asked = examples(clips=(str(clips),))
    items = open_items(asked, tmp_path / "run")
    assert len(items.typical) == 2
    assert not list((tmp_path / "run").glob("train-*.npz"))
    written = read_shards([str(tmp_path / "run" / "clips")], asked.model, count=2, branches=())
    assert torch.equal(items.typical.latents, written.latents)


def test_clips_are_added_to_the_shards_that_are_named(examples, clips, tmp_path):
    open_items(examples(clips=(str(clips),)), tmp_path / "first")
    both = examples(clips=(str(clips),), shards=(str(tmp_path / "first" / "clips"),))
    assert len(open_items(both, tmp_path / "second").typical) == 4


def test_a_folder_without_clips_is_named(examples, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty"):
        open_items(examples(clips=(str(tmp_path / "empty"),)), tmp_path / "run")


def test_validation_sees_other_views_than_training(examples):
    asked = examples()
    assert not np.isin(asked.unseen_bank.empty["tiles"], asked.bank.empty["tiles"]).all()
