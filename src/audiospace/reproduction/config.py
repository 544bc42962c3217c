"""What a reproduction is made of: sizes, rows and the published figures beside them, read from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from audiospace.errors import UserError
from audiospace.model_store import presets_folder
from audiospace.models.config import ROLES
from audiospace.models.config_values import constructor_arguments, plain_section, require_positive

PLAIN, EQUIVARIANT = "plain", "equivariant"
COARSE, FINE = "coarse", "fine"
BRANCHES = ("fov", "panorama", "eac", "sphere")
"""Of the simulated video: the view ahead, the whole equirectangular frame, the cubemap, spherical moments."""
SPHERICAL = "spherical"
"""The role of moments in the equivariant network."""
TABLES = ("pretraining", "branches")
"""The published ablations."""
METRICS = ("fd", "kl", "azimuth", "elevation", "angle")
"""Columns of a table; lower is better in each."""


@dataclass(frozen=True)
class Size:
    """How much is trained, on how much, and how it is judged.

    Attributes:
        seconds: Length of every scene and field.
        width: Channels of a token.
        depth: Blocks of the network.
        heads: Attention heads.
        vector_width: Vectors beside each token in the equivariant network.
        batch_size: Items in a step.
        learning_rate: Peak learning rate of every stage.
        coarse_steps: Steps of pre-training on non-spatial sound.
        fine_steps: Steps of pre-training on sound fields.
        finetune_steps: Steps of training with video.
        fields: Items of each pre-training stage.
        scenes: Scenes of the training split.
        validation_scenes: Scenes of the validation split.
        test_scenes: Scenes of the test split, by which rows are judged.
        solver_steps: Steps of the solver when the rows are judged.
        seeds: How many times everything is trained.
        guidance: Strength of classifier-free guidance.
        precision: 'float32', or 'bfloat16' for matrix products in bfloat16.
    """

    seconds: float
    width: int
    depth: int
    heads: int
    vector_width: int
    batch_size: int
    learning_rate: float
    coarse_steps: int
    fine_steps: int
    finetune_steps: int
    fields: int
    scenes: int
    validation_scenes: int
    test_scenes: int
    solver_steps: int
    seeds: int
    guidance: float = 2.0
    precision: str = "float32"

    def __post_init__(self) -> None:
        require_positive(self, *(name for name, value in vars(self).items() if not isinstance(value, str)))
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"the precision must be float32 or bfloat16, not {self.precision!r}")

    def steps(self, stage: str) -> int:
        """Steps of 'coarse', 'fine' or 'finetune'."""
        return int(getattr(self, f"{stage}_steps"))


@dataclass(frozen=True)
class Reading:
    """A branch of the video and how it enters the network.

    Attributes:
        branch: One of `BRANCHES`.
        role: 'additive', 'global' or 'spherical', as in `models.ConditionerConfig`.
    """

    branch: str
    role: str

    def __post_init__(self) -> None:
        if self.branch not in BRANCHES or self.role not in ROLES:
            raise ValueError(f"branches are {BRANCHES} and roles {ROLES}, not {self.branch!r}, {self.role!r}")


@dataclass(frozen=True)
class Variant:
    """What is trained. Rows of several tables may share one.

    Attributes:
        network: 'plain' as published, or 'equivariant'.
        pretraining: Stages before the one with video, in order.
        reads: Branches of the video; none in the pre-training stages themselves.
        longer: Whether training with video is longer by the steps of both stages of pre-training.
    """

    network: str
    pretraining: tuple[str, ...]
    reads: tuple[Reading, ...]
    longer: bool = False

    def __post_init__(self) -> None:
        if self.network not in (PLAIN, EQUIVARIANT):
            raise ValueError(f"the network must be {PLAIN} or {EQUIVARIANT}, not {self.network!r}")
        if not set(self.pretraining) <= {COARSE, FINE}:
            raise ValueError(f"stages of pre-training are {COARSE} and {FINE}, not {self.pretraining}")
        roles = {reading.role for reading in self.reads}
        if not roles or (self.network == EQUIVARIANT) != (roles == {SPHERICAL}):
            raise ValueError(f"a network that is {self.network} cannot read {sorted(roles)}")

    @property
    def name(self) -> str:
        """Of its files; different for different variants."""
        stages = "+".join(self.pretraining) or "none"
        reads = "+".join(f"{reading.branch}.{reading.role}" for reading in self.reads)
        return "_".join(filter(None, (self.network, stages, reads, "longer" if self.longer else "")))

    def finetune_steps(self, size: Size) -> int:
        """Steps of the stage with video."""
        extra = size.coarse_steps + size.fine_steps if self.longer else 0
        return size.finetune_steps + extra


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        title: Its name.
        variant: What is trained.
        paper: Published figures by metric; empty for a row that the paper does not have.
    """

    title: str
    variant: Variant
    paper: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """A table of ablations.

    Attributes:
        name: Of its files.
        title: Its heading.
        source: Where the published figures are from.
        rows: At least one; the others are compared with the first.
    """

    name: str
    title: str
    source: str
    rows: tuple[Row, ...]


def read_size(name_or_path: str) -> Size:
    """Read sizes.

    Args:
        name_or_path: 'cpu', 'gpu', 'tiny', or the path of a YAML file like theirs.

    Returns:
        The sizes.

    Raises:
        UserError: The file cannot be read, or a value is unknown, missing or out of range.
    """
    path = _find(name_or_path)
    try:
        return Size(**constructor_arguments(Size, _read(path), "the sizes"))
    except ValueError as error:
        raise UserError(f"not the sizes of a reproduction: {error}", file=path) from error


def read_table(name_or_path: str) -> Table:
    """Read a table's rows.

    Args:
        name_or_path: One of `TABLES`, or the path of a YAML file like theirs.

    Returns:
        The table, without figures of our own.

    Raises:
        UserError: The file cannot be read, or does not describe a table.
    """
    path = _find(name_or_path)
    values = _read(path)
    try:
        rows = tuple(_row(plain_section(entry, "a row")) for entry in cast("list[Any]", values["rows"]))
        title, source = str(values["title"]), str(values["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"not a table of ablations: {error}", file=path) from error
    if not rows:
        raise UserError("the table has no rows", file=path)
    return Table(path.stem, title, source, rows)


def _row(values: Mapping[str, object]) -> Row:
    plain = dict(values)
    title, paper = str(plain.pop("title")), plain_section(plain.pop("paper", {}), "paper")
    if set(paper) - set(METRICS):
        raise ValueError(f"published figures are {', '.join(METRICS)}, not {', '.join(paper)}")
    reads = tuple(
        Reading(**constructor_arguments(Reading, plain_section(entry, "reads"), "reads"))
        for entry in cast("list[Any]", plain.pop("reads"))
    )
    variant = Variant(
        network=str(plain.pop("network")),
        pretraining=tuple(map(str, cast("list[Any]", plain.pop("pretraining")))),
        reads=reads,
        longer=bool(plain.pop("longer", False)),
    )
    if plain:
        raise ValueError(f"unknown key in a row: {', '.join(plain)}")
    return Row(title, variant, {name: float(cast("float", value)) for name, value in paper.items()})


def _find(name_or_path: str) -> Path:
    preset = presets_folder() / "reproduction" / f"{name_or_path}.yaml"
    return preset if preset.is_file() else Path(name_or_path)


def _read(path: Path) -> Mapping[str, object]:
    try:
        return plain_section(yaml.safe_load(path.read_text(encoding="utf-8")), "the file")
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=path) from error
    except (ValueError, yaml.YAMLError) as error:
        raise UserError("is not a YAML file of keys and values", file=path) from error
