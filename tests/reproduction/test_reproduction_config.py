import pytest
import yaml

from audiospace.errors import UserError
from audiospace.reproduction.config import TABLES, read_size, read_table


def test_the_tables_hold_the_published_rows_and_ours():
    pretraining, branches = (read_table(name) for name in TABLES)
    published = {row.title: row.paper["fd"] for row in pretraining.rows if row.paper}
    assert published == {"coarse-to-fine": 88.30, "fine only": 97.57, "coarse only": 97.26, "none": 104.57}
    angles = {row.title: row.paper["angle"] for row in branches.rows if row.paper}
    assert angles == {
        "ERP + FoV": 1.28, "EAC + FoV": 1.29, "FoV only": 1.33, "EAC only": 1.30, "ERP only": 1.28
    }  # fmt: skip
    assert branches.rows[-1].variant.network == "equivariant"


def test_rows_of_both_tables_that_are_the_same_are_trained_once():
    pretraining, branches = (read_table(name) for name in TABLES)
    assert pretraining.rows[0].variant == branches.rows[0].variant
    names = {row.variant.name for table in (pretraining, branches) for row in table.rows}
    assert len(names) == len(pretraining.rows) + len(branches.rows) - 1


def test_a_longer_row_has_the_steps_of_pretraining():
    size, rows = read_size("cpu"), read_table("pretraining").rows
    first, longer = rows[0].variant, rows[-1].variant
    whole = size.coarse_steps + size.fine_steps + first.finetune_steps(size)
    assert longer.finetune_steps(size) == whole


@pytest.mark.parametrize("name", ["cpu", "gpu", "tiny"])
def test_the_sizes_can_be_read(name):
    assert read_size(name).steps("finetune") > 0


def test_an_unknown_size_is_named(size_file):
    values = yaml.safe_load(size_file.read_text())
    size_file.write_text(yaml.safe_dump(values | {"breadth": 3}))
    with pytest.raises(UserError, match="breadth"):
        read_size(str(size_file))
    with pytest.raises(UserError, match="nowhere"):
        read_size("nowhere")


@pytest.mark.parametrize(
    "change",
    [
        {"network": "other"},
        {"pretraining": ["vae"]},
        {"reads": []},
        {"reads": [{"branch": "ears", "role": "additive"}]},
        {"network": "equivariant"},
        {"paper": {"mos": 3.0}},
        {"colour": "blue"},
    ],
)
def test_a_row_that_cannot_be_is_refused(tmp_path, change):
    row = {
        "title": "a",
        "network": "plain",
        "pretraining": [],
        "reads": [{"branch": "fov", "role": "additive"}],
    }
    path = tmp_path / "table.yaml"
    path.write_text(yaml.safe_dump({"title": "t", "source": "s", "rows": [row]}))
    assert read_table(str(path)).name == "table"
    path.write_text(yaml.safe_dump({"title": "t", "source": "s", "rows": [row | change]}))
    with pytest.raises(UserError):
        read_table(str(path))
