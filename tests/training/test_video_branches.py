import pytest
import torch

from audiospace.errors import UserError
from audiospace.model_store import load_config
from audiospace.models import SpatialAudioModel
from audiospace.training.config import BranchConfig
from audiospace.training.video_branches import conditioners_for, with_branches


@pytest.fixture
def model():
    torch.manual_seed(0)
    return SpatialAudioModel(load_config("tiny"))


def roles(model):
    return {(item.branch, item.role, item.input_dim) for item in model.config.conditioners}


def test_a_model_is_left_as_it_is_configured(model):
    assert with_branches(model, BranchConfig()) is model
    assert with_branches(model, BranchConfig(panorama="sphere")) is model


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        (BranchConfig("eac"), {("eac", "additive", 28), ("eac", "global", 28), ("fov", "additive", 28)}),
        (
            BranchConfig("erp", field_of_view=False),
            {("panorama", "additive", 28), ("panorama", "global", 28)},
        ),
        (BranchConfig("none"), {("fov", "additive", 28)}),
        (BranchConfig(field_of_view=False), {("sphere", "additive", 116), ("sphere", "global", 116)}),
    ],
)
def test_every_row_of_the_ablation_is_a_configuration(model, branches, expected):
    changed = with_branches(model, branches)
    assert roles(changed) == expected
    features = {
        name: torch.randn(1, 3, 4, 29) if name == "sphere" else torch.randn(1, 3, 28)
        for name in changed.config.branches
    }
    conditions = changed.embed(features)
    assert conditions.additive is not None
    for name, value in model.transformer.state_dict().items():
        torch.testing.assert_close(changed.transformer.state_dict()[name], value)


def test_unchanged_conditioners_keep_their_weights(model):
    changed = with_branches(model, BranchConfig("eac"))
    for name, value in model.embedder.conditioners["field_of_view"].state_dict().items():
        torch.testing.assert_close(changed.embedder.conditioners["field_of_view"].state_dict()[name], value)


def test_a_branch_can_be_changed_back(model):
    assert roles(with_branches(with_branches(model, BranchConfig("eac")), BranchConfig("sphere"))) == roles(
        model
    )


def test_published_conditioners_can_read_moments():
    changed = conditioners_for(load_config("omniaudio").conditioners, BranchConfig("sphere"))
    assert [(item.branch, item.role, item.input_dim) for item in changed] == [
        ("fov", "additive", 1024),
        ("sphere", "global", 4 * 1025),
    ]


def test_configurations_that_see_nothing_are_refused(model):
    with pytest.raises(UserError, match="no branch"):
        with_branches(model, BranchConfig("none", field_of_view=False))
    front = with_branches(model, BranchConfig("none"))
    with pytest.raises(UserError, match="no panoramic conditioner"):
        with_branches(front, BranchConfig("eac"))
