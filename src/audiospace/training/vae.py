"""Stage 1: the four-channel autoencoder learns to carry sound and where it comes from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from audiospace.errors import UserError
from audiospace.model_store import load_config, load_model, save_model
from audiospace.model_store.model_file import is_model_file
from audiospace.models import Autoencoder, ParametricVAE, SpatialAudioModel
from audiospace.training.adversarial import Discrimination, adversarial_losses
from audiospace.training.batches import Place
from audiospace.training.config import StageConfig
from audiospace.training.discriminator import Discriminator
from audiospace.training.field_source import FieldSource, open_fields
from audiospace.training.losses import VAELossConfig, random_rotation, reconstruction_losses
from audiospace.training.reconstruction_error import figures, reconstruction_error
from audiospace.training.stage import TOTAL, Batch, Player, ShownSound, Validation, item_randomness
from audiospace.training.stereo_checkpoint import load_expanded

MEASURED_FIELDS = 128
FIRST_FRAMES = 2**16
ADVERSARIAL = "adversarial"


class Reconstruction(nn.Module):
    """The autoencoder's objective: what comes out is to be what went in.

    Args:
        vae: The network.
        config: Its losses.
        discriminator: Its opponent, if it has one; not trained here.
    """

    def __init__(self, vae: Autoencoder, config: VAELossConfig, discriminator: Discriminator | None) -> None:
        super().__init__()
        self.vae = vae
        self.config = config
        self._opponent = (discriminator,)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Encode, draw latents, decode and compare.

        Args:
            batch: 'field' (items, 4, samples), 'noise' for the draw of the latents, 'rotation' of the axes
                that the losses look along (items, 3, 3), 'first_frame' (items,), one number, and, where the
                discriminator has its say, 'adversarial'.

        Returns:
            Scalars: 'total' and its unweighted terms; and 'estimate', the reconstruction.
        """
        target = batch["field"]
        posterior = self.vae.encode(target)
        latents = posterior.mean + posterior.stdev * batch["noise"]
        estimate = self.vae.decode(latents, first_frame=int(batch["first_frame"][0])).float()
        terms = reconstruction_losses(
            estimate, target, batch["rotation"], config=self.config, sample_rate=self.vae.sample_rate
        )
        terms["kl"] = posterior.kl()
        (opponent,) = self._opponent
        if opponent is not None and ADVERSARIAL in batch:
            terms |= adversarial_losses(opponent, estimate, target)
        weighted = [getattr(self.config, name) * value for name, value in terms.items()]  # named as weights
        return {TOTAL: torch.stack(weighted).sum()} | terms | {"estimate": estimate.detach()}


@dataclass(frozen=True)
class VAEStage:
    """The autoencoder with its data and losses.

    Attributes:
        model: The model that the autoencoder belongs to.
        settings: The stage's configuration.
        objective: The autoencoder's.
        opponent: The discriminator's, if there is one.
        source: Where fields come from.
        held_out: Fields for validation, each of shape (4, samples).
    """

    model: SpatialAudioModel
    settings: StageConfig
    objective: Reconstruction
    opponent: Discrimination | None
    source: FieldSource
    held_out: tuple[Tensor, ...]

    @classmethod
    def build(cls, model: SpatialAudioModel, settings: StageConfig) -> "VAEStage":
        """Open the sounds, make the discriminator and the fields for validation.

        Args:
            model: Whose autoencoder is trained.
            settings: The stage's configuration.

        Returns:
            The stage.

        Raises:
            UserError: The segments are shorter than a window of the losses, or sounds cannot be read.
        """
        losses, samples = settings.losses, _segment(settings, model.vae)
        least = losses.shortest_segment
        if samples < least:
            raise UserError(
                f"segments of {samples} samples are shorter than the losses' windows need ({least})",
                remedy="Raise data.seconds, or shorten losses.resolutions and losses.discriminator.windows",
            )
        discriminator = None
        if losses.has_discriminator:
            discriminator = Discriminator(model.config.vae.audio_channels, losses.discriminator)
        model.vae.encoder.requires_grad_(not settings.freeze_encoder)
        source, held_out = open_fields(settings.data, samples, model.vae.sample_rate, settings.run.seed)
        if isinstance(model.vae, ParametricVAE) and settings.init is None:
            model.vae.fit_linear_code(_examples(source, settings.run.seed))
        return cls(
            model=model,
            settings=settings,
            objective=Reconstruction(model.vae, losses, discriminator),
            opponent=None if discriminator is None else Discrimination(discriminator),
            source=source,
            held_out=held_out,
        )

    @property
    def players(self) -> tuple[Player, ...]:
        """The autoencoder, and the discriminator if there is one."""
        generator = Player("generator", self.objective, self.settings.optimiser)
        if self.opponent is None:
            return (generator,)
        begins = self.settings.losses.adversarial_from
        return generator, Player("discriminator", self.opponent, self.settings.discriminator, begins)

    def batch(self, step: int, place: Place) -> Batch:
        """Draw fields and everything else that is random about a step.

        Args:
            step: Number of the step.
            place: Which share of the batch.

        Returns:
            What `Reconstruction` reads.
        """
        seed, latents = self.settings.run.seed, self._latent_shape()
        fields, noises, rotations = [], [], []
        for number in place.numbers:
            rng, generator = item_randomness(seed, step, number)
            fields.append(self.source.field(step, number, rng))
            noises.append(torch.randn(latents, generator=generator))
            rotations.append(random_rotation(generator) if self.settings.losses.turned else torch.eye(3))
        first_frame = int(np.random.default_rng((seed, step)).integers(FIRST_FRAMES))
        batch = {
            "field": torch.stack(fields),
            "noise": torch.stack(noises),
            "rotation": torch.stack(rotations),
            "first_frame": torch.full((len(fields),), first_frame),
        }
        if self.opponent is not None and step >= self.settings.losses.adversarial_from:
            batch[ADVERSARIAL] = torch.ones(len(fields))
        return batch

    @torch.no_grad()
    def validate(self, show: int) -> Validation:
        """Reconstruct fixed unseen mixtures from the means of their latents, one by one.

        Args:
            show: Reconstructions to give, each with its original.

        Returns:
            'total' and its terms without the discriminator's, and the figures of `reconstruction_error`.
        """
        device, rate = next(self.objective.parameters()).device, self.model.vae.sample_rate
        terms: list[dict[str, float]] = []
        errors, sounds = [], []
        for number, target in enumerate(self.held_out):
            found = self.objective(_whole(target.to(device), self._latent_shape()))
            estimate = found.pop("estimate")[0].cpu()
            terms.append({name: float(value) for name, value in found.items()})
            errors.append(reconstruction_error(estimate, target, rate))
            if number < show:
                sounds.append(ShownSound(f"original {number}", target.numpy(), rate))
                sounds.append(ShownSound(f"reconstruction {number}", estimate.numpy(), rate))
        means = {name: float(np.mean([item[name] for item in terms])) for name in terms[0]}
        return Validation(means | figures(errors), tuple(sounds))

    def write(self, path: Path) -> None:
        """Write the model; its scale of the latents is measured first, unless the encoder was kept.

        Args:
            path: The file.
        """
        if not self.settings.freeze_encoder:
            self.model.fit_scale(self._typical_latents())
        save_model(self.model, path)

    @torch.no_grad()
    def _typical_latents(self) -> Tensor:
        device = next(self.objective.parameters()).device
        fields = (self.batch(step, Place(0, 1, 1))["field"] for step in range(MEASURED_FIELDS))
        return torch.cat([self.model.vae.encode(field.to(device)).mean for field in fields])

    def _latent_shape(self) -> tuple[int, int]:
        config = self.model.config.vae
        return config.latent_dim, self.source.samples // config.hop


def initial_model(settings: StageConfig) -> SpatialAudioModel:
    """The model that a stage starts from.

    Args:
        settings: `init` names a model or, for the vae stage, may be an autoencoder of mono, stereo or
            four-channel sound in the layout of stable-audio-tools, which is widened to the `model`'s four
            channels.

    Returns:
        The model, with weight norm, to be trained.

    Raises:
        UserError: A file cannot be read or does not fit.
    """
    if settings.init is None:
        return SpatialAudioModel(load_config(settings.model))
    path = Path(settings.init)
    if settings.stage != "vae" or not path.is_file() or is_model_file(path):
        return load_model(settings.init, fold=False).model.train()
    model = SpatialAudioModel(load_config(settings.model))
    model.vae = load_expanded(path, model.config)
    return model


def _segment(settings: StageConfig, vae: Autoencoder) -> int:
    """Samples of an item: whole latent frames, at least one."""
    return max(1, int(settings.data.seconds * vae.sample_rate) // vae.hop) * vae.hop


def _examples(source: FieldSource, seed: int) -> Tensor:
    """Fields that training draws later on, too (MEASURED_FIELDS, 4, samples)."""
    return torch.stack([source.field(0, k, item_randomness(seed, 0, k)[0]) for k in range(MEASURED_FIELDS)])


def _whole(target: Tensor, latents: tuple[int, int]) -> Batch:
    """One field (4, samples) as a batch without anything random: the latents are their means."""
    return {
        "field": target[None],
        "noise": torch.zeros(1, *latents, device=target.device),
        "rotation": torch.eye(3, device=target.device)[None],
        "first_frame": torch.zeros(1, dtype=torch.long),
    }
