"""A trained model as a generator: it looks at the video, follows the flow and decodes the latents."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audiospace.generation.generator import Assignment, Made, ModelIdentity
from audiospace.generation.levels import DELIVERY_RATE
from audiospace.generation.look import look
from audiospace.generation.options import GenerateOptions
from audiospace.generation.ready import ModelSettings, ready_model, resolve_settings
from audiospace.generation.sampling import decoded_blocks, sample_latents
from audiospace.generation.stages import Stages
from audiospace.media import Sound, store
from audiospace.model_store import LoadedModel, OnProgress
from audiospace.vision import CUBEMAP


@dataclass(frozen=True)
class ModelGenerator:
    """A model that is loaded, and how it is to make sounds.

    Attributes:
        loaded: The model.
        how: What was chosen about it.
    """

    loaded: LoadedModel
    how: ModelSettings

    @property
    def identity(self) -> ModelIdentity:
        """The model's name and the hash of its file."""
        return ModelIdentity(self.loaded.name, self.loaded.sha256)

    @property
    def settings(self) -> Mapping[str, object]:
        """How it makes sounds, as a tree that `json.dumps` takes."""
        return self.how.report()

    def make(self, assignment: Assignment, stages: Stages, *, work: Path) -> Made:
        """Look at a video and generate its sound; it is kept in a file.

        Args:
            assignment: The video.
            stages: To measure the time with.
            work: Folder for that file.

        Returns:
            The sound.

        Raises:
            UserError: The video cannot be read, or the model needs an encoder that is not here.
        """
        model, info = self.loaded.model, assignment.info
        config = model.config
        frames = max(1, round(info.duration * config.features.frames_per_second))
        with stages.stage("looking", frames) as advance:
            features = look(
                info,
                assignment.layout,
                config.features,
                yaw=assignment.yaw,
                cubemap=CUBEMAP in config.branches,
                preprocessing=self.how.features,
                device=self.how.device,
                precision=self.how.precision,
                advance=advance,
            )
        with stages.stage("sampling", self.how.steps) as advance:
            latents = sample_latents(model, features.branches, info.duration, self.how.sampler(), advance)
        with stages.stage("decoding", latents.shape[-1]) as advance:
            decoded = Sound(
                channels=config.vae.audio_channels,
                sample_rate=config.vae.sample_rate,
                samples=latents.shape[-1] * config.vae.hop,
                blocks=lambda: decoded_blocks(model, latents, advance),
            )
            fitted = decoded.resampled(DELIVERY_RATE).fitted(assignment.samples)
            stored = store(fitted, work / "generated.f32")
        return Made(stored, (self.loaded.dropped,) if self.loaded.dropped else ())


def open_model(
    model: str | Path | LoadedModel, options: GenerateOptions, on_progress: OnProgress | None = None
) -> ModelGenerator:
    """Load a model and settle how it makes sounds.

    Args:
        model: Name, path, or a model that is loaded already.
        options: What was asked for.
        on_progress: Called with what takes long, the steps done and their number.

    Returns:
        The generator.

    Raises:
        UserError: There is no such model, device, precision or frame encoder here.
    """
    loaded = ready_model(model, options, on_progress)
    return ModelGenerator(loaded, resolve_settings(loaded, options))
