"""Figures of one pair of sounds, and of one sound and its picture, by the keys of the table."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields

from audiospace.evaluation.measurement import Measurement
from audiospace.evaluation.metric_table import MAP_RATES
from audiospace.evaluation.results import Group
from audiospace.hearing import Heard
from audiospace.metrics import (
    SLICES_PER_SECOND,
    MapBeam,
    SoundField,
    UndefinedError,
    cosine_similarity,
    diffuseness_error,
    direction_error_over_time,
    field_errors,
    label_divergence,
    map_agreement,
    published_errors,
    synchrony,
    visual_agreement,
    visual_agreement_over_time,
)
from audiospace.vision import Glance

MAP_SLICES: Mapping[str, int | None] = {"": None, "_1": SLICES_PER_SECOND, "_5": SLICES_PER_SECOND // 5}
"""Slices in a window of an energy map, by the end of the figure's key."""


@dataclass(eq=False)
class PairValues:
    """Figures that are defined, and why others are not.

    Attributes:
        values: Figures by key.
        undefined: Keys of figures that are not defined, by reason.
        maps_left_out: Windows over time without an energy map, and all windows.
    """

    values: dict[str, float] = field(default_factory=dict)
    undefined: dict[str, list[str]] = field(default_factory=dict)
    maps_left_out: tuple[int, int] = (0, 0)

    def take(self, keys: Collection[str], measure: Callable[[], Collection[float]]) -> None:
        """Measure figures that are defined together, or note why they are not.

        Args:
            keys: Their keys.
            measure: Gives their values in the same order.
        """
        try:
            self.values |= dict(zip(keys, map(float, measure()), strict=True))
        except UndefinedError as error:
            self.undefined.setdefault(str(error), []).extend(keys)

    def joined(self, other: "PairValues") -> "PairValues":
        """Put other figures of the same system beside these.

        Args:
            other: Figures with other keys.

        Returns:
            All of them.
        """
        undefined = {reason: list(keys) for reason, keys in self.undefined.items()}
        for reason, keys in other.undefined.items():
            undefined.setdefault(reason, []).extend(keys)
        return PairValues(self.values | other.values, undefined, self.maps_left_out)


def pair_values(recorded: Measurement, generated: Measurement, groups: Collection[Group]) -> PairValues:
    """Compare a generated sound with the recorded one.

    Args:
        recorded: Measurements of the recorded sound.
        generated: Measurements of the generated sound.
        groups: Groups of figures to give; those about the picture are `visual_values`.

    Returns:
        The figures.
    """
    found = PairValues()
    pair = recorded.field, generated.field
    if "spatial" in groups:
        found.take(("azimuth", "elevation", "angle"), lambda: _three(field_errors(*pair)))
        found.take(("angle_over_time",), lambda: (direction_error_over_time(*pair),))
        found.take(("diffuseness",), lambda: (diffuseness_error(*pair),))
        _take_maps(found, "", pair, "standard")
    if "published" in groups:
        keys = ("published_azimuth", "published_elevation", "published_angle")
        found.take(keys, lambda: _three(published_errors(*pair)))
        _take_maps(found, "published_", pair, "published")
    if "semantic" in groups:
        for name in generated.heard.keys() & recorded.heard.keys():
            found = found.joined(heard_values(name, recorded.heard[name], generated.heard[name]))
    return found


def visual_values(measured: Measurement, seen: Glance) -> PairValues:
    """Compare a sound with what is seen.

    Args:
        measured: Measurements of the sound, its onsets among them.
        seen: A glance at the video.

    Returns:
        The figures.
    """
    found = PairValues()
    if measured.onsets is not None:
        onsets = measured.onsets
        found.take(("synchrony",), lambda: (synchrony(onsets, seen.times, seen.change),))
    sound, sphere = measured.field, {"directions": seen.directions, "weights": seen.weights}
    objects = seen.categories.sum(axis=2).mean(axis=0)
    found.take(
        ("motion_agreement",),
        lambda: (visual_agreement_over_time(sound, seen.times, seen.motion, **sphere).correlation,),
    )
    found.take(("object_agreement",), lambda: (visual_agreement(sound, objects, **sphere),))
    return found


def _three(errors: object) -> tuple[float, ...]:
    return tuple(getattr(errors, part.name) for part in fields(errors))  # type: ignore[arg-type]


def _take_maps(found: PairValues, prefix: str, pair: tuple[SoundField, SoundField], beam: MapBeam) -> None:
    for ending in MAP_RATES:
        keys = (f"{prefix}map_correlation{ending}", f"{prefix}map_auc{ending}")
        try:
            agreement = map_agreement(*pair, slices=MAP_SLICES[ending], beam=beam)
        except UndefinedError as error:
            found.undefined.setdefault(str(error), []).extend(keys)
            continue
        found.values |= {keys[0]: agreement.correlation, keys[1]: agreement.auc}
        if ending and not prefix:
            left_out, windows = found.maps_left_out
            every = agreement.windows + agreement.undefined
            found.maps_left_out = left_out + agreement.undefined, windows + every


def heard_values(name: str, recorded: Heard, generated: Heard) -> PairValues:
    """Compare what an embedder heard in two sounds.

    Args:
        name: Of the embedder.
        recorded: What it heard in the recorded sound.
        generated: What it heard in the other one.

    Returns:
        The figures.
    """
    found = PairValues()
    means = recorded.embeddings.mean(axis=0), generated.embeddings.mean(axis=0)
    found.take((f"similarity_{name}",), lambda: (cosine_similarity(*means),))
    labels = recorded.probabilities, generated.probabilities
    if labels[0] is not None and labels[1] is not None:
        found.values[f"kl_{name}"] = label_divergence(labels[0], labels[1])
    return found
