"""The models that have a name: where they come from, what they need, and under which terms."""

from dataclasses import dataclass

from audiospace.pretrained import WEIGHTS
from audiospace.vision import MetaCLIP, metaclip_weights

GIB = 2**30
HUB = "https://huggingface.co"


@dataclass(frozen=True)
class Release:
    """A file on the Hugging Face hub.

    Attributes:
        repository: Owner and name.
        file: Name within it.
        bytes: Its expected size.
    """

    repository: str
    file: str
    bytes: int

    @property
    def page(self) -> str:
        """Where people find it."""
        return f"{HUB}/{self.repository}"


@dataclass(frozen=True)
class FrameEncoderNeed:
    """A frame encoder whose weights do not come with the package.

    Attributes:
        encoder: Its id in a model's configuration.
        repository: Where its weights are on the Hugging Face hub.
        files: Names that they go by there; one of them is enough.
        bytes: Their expected size.
        extra: The optional packages that run it.
        licence: Of the weights.
        variable: Environment variable with a folder that holds one of the files instead.
    """

    encoder: str
    repository: str
    files: tuple[str, ...]
    bytes: int
    extra: str
    licence: str
    variable: str

    @property
    def page(self) -> str:
        """Where people find it."""
        return f"{HUB}/{self.repository}"


@dataclass(frozen=True)
class KnownModel:
    """A model that `load_model` knows by name.

    Attributes:
        name: What it is called.
        summary: What it is, in a few words.
        preset: Name of its configuration.
        licence: Terms of its weights.
        memory: Bytes that generating takes at its peak.
        release: The published checkpoint; None if the weights ship with the package.
        frame_encoder: What else it needs to look at a video; None if that is installed anyway.
    """

    name: str
    summary: str
    preset: str
    licence: str
    memory: int
    release: Release | None = None
    frame_encoder: FrameEncoderNeed | None = None

    @property
    def extras(self) -> tuple[str, ...]:
        """Optional packages that it needs, those for its download included."""
        download = () if self.release is None else ("hub",)
        return download if self.frame_encoder is None else (*download, self.frame_encoder.extra)


METACLIP = FrameEncoderNeed(
    encoder=MetaCLIP.id,
    repository=metaclip_weights.REPOSITORY,
    files=WEIGHTS,
    bytes=3_944_000_000,
    extra="metaclip",
    licence="CC-BY-NC-4.0 (not for commercial use)",
    variable=metaclip_weights.FOLDER_VARIABLE,
)
CATALOGUE = (
    KnownModel(
        name="audiospace-mini",
        summary="the small default, which ships with the package",
        preset="mini",
        licence="Apache-2.0",
        memory=GIB,
    ),
    KnownModel(
        name="omniaudio",
        summary="the published model, from the Hugging Face hub",
        preset="omniaudio",
        licence="none stated by its authors for the weights or their code",
        memory=8 * GIB,
        release=Release("omniaudio/OmniAudio360V2SA", "model.ckpt", 4_890_000_000),
        frame_encoder=METACLIP,
    ),
)


def known_model(name: str) -> KnownModel | None:
    """Find a model by its name.

    Args:
        name: Any text.

    Returns:
        The model, or None if there is none of this name.
    """
    return next((entry for entry in CATALOGUE if entry.name == name), None)
