from pathlib import Path

import pytest

from audiospace.errors import UserError
from audiospace.model_store import load_config, presets_folder
from audiospace.training.config import STAGES, read_stage_config


@pytest.mark.parametrize("family", ["mini", "audiospace-mini"])
@pytest.mark.parametrize("stage", STAGES)
def test_the_presets_describe_their_stages(stage, family):
    config = read_stage_config(presets_folder() / "train" / f"{family}-{stage}.yaml")
    assert config.stage == stage
    assert load_config(config.model).name == "audiospace-mini"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stage: [", "not valid YAML"),
        ("- vae", "must be a mapping"),
        ("stage: dance\nmodel: tiny\nrun: {steps: 1}", "'stage' cannot be 'dance'"),
        ("stage: vae\nmodel: tiny\nrun: {steps: 1}\ncolour: red", "unknown key 'colour'"),
        ("stage: vae\nmodel: tiny\nrun: {steps: many}", "'run.steps' must be of type int"),
        ("stage: vae\nmodel: tiny\nrun: {batch_size: 2}", "lacks a required key"),
        ("stage: vae\nmodel: tiny\nrun: {steps: 1, precision: int3}", "'run.precision' cannot be 'int3'"),
        ("stage: vae\nmodel: tiny\nrun: {steps: 1, checkpoint_activations: 2}", "must be of type bool"),
        ("stage: vae\nmodel: tiny\nrun: {steps: true}", "'run.steps' must be of type int"),
    ],
)
def test_a_wrong_file_is_named_with_its_mistake(tmp_path: Path, text: str, message: str):
    path = tmp_path / "stage.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message) as caught:
        read_stage_config(path)
    assert str(path) in str(caught.value)


def test_large_numbers_may_be_written_as_people_write_them(tmp_path: Path):
    path = tmp_path / "stage.yaml"
    path.write_text(
        "stage: vae\nmodel: tiny\nrun: {steps: 1}\noptimiser: {inverse_gamma: 1e6, weight_decay: 1}"
    )
    settings = read_stage_config(path)
    assert settings.optimiser.inverse_gamma == 1e6
    assert isinstance(settings.optimiser.weight_decay, float)
    path.write_text("stage: vae\nmodel: tiny\nrun: {steps: 1}\noptimiser: {inverse_gamma: many}")
    with pytest.raises(UserError, match="of type float, not 'many'"):
        read_stage_config(path)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UserError, match="cannot be read"):
        read_stage_config(tmp_path / "none.yaml")
