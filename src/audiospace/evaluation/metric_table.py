"""Every figure that an evaluation can give, in the order of tables: name, unit, better, chance level."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from audiospace.errors import UserError
from audiospace.evaluation.results import Group, Metric

GROUPS: tuple[Group, ...] = ("spatial", "published", "semantic", "visual")
CHANCE_ANGLE, CHANCE_ELEVATION = math.pi / 2, math.pi / 4
MAP_RATES: Mapping[str, tuple[str, str]] = {
    "": ("", "of the whole clip"),
    "_1": (" 1/s", "1 a second"),
    "_5": (" 5/s", "5 a second"),
}
"""Ends of the keys of figures about energy maps, of their titles, and how often a map is taken."""


def _maps(prefix: str, group: Group, beam: str) -> tuple[Metric, ...]:
    rows = []
    for ending, (short, rate) in MAP_RATES.items():
        rows.append(
            Metric(
                key=f"{prefix}map_correlation{ending}",
                title=f"map CC{short}",
                group=group,
                unit="",
                better="higher",
                chance=0.0,
                note=f"correlation of the energy maps over directions, {rate}; {beam}",
                headline=not ending and group == "spatial",
            )
        )
        rows.append(
            Metric(
                key=f"{prefix}map_auc{ending}",
                title=f"map AUC{short}",
                group=group,
                unit="",
                better="higher",
                chance=0.5,
                note=f"AUC-Judd of the generated map for where the recorded one is strong, {rate}; {beam}",
            )
        )
    return tuple(rows)


def _radians(
    key: str, title: str, group: Group, chance: float, note: str, *, headline: bool = False
) -> Metric:
    return Metric(key, title, group, "rad", "lower", chance, note, headline)


SPATIAL: tuple[Metric, ...] = (
    _radians(
        "azimuth", "azimuth", "spatial", CHANCE_ANGLE, "error of the azimuth of the time-averaged intensity"
    ),
    _radians("elevation", "elevation", "spatial", CHANCE_ELEVATION, "error of its elevation"),
    _radians(
        "angle",
        "angle",
        "spatial",
        CHANCE_ANGLE,
        "great-circle error of the time-averaged intensity",
        headline=True,
    ),
    _radians(
        "angle_over_time",
        "angle over time",
        "spatial",
        CHANCE_ANGLE,
        "great-circle error in windows of 0.2 s, weighted by the recorded energy and directness",
        headline=True,
    ),
    Metric(
        "diffuseness",
        "diffuseness",
        "spatial",
        "",
        "lower",
        None,
        "difference in diffuseness in windows of 0.2 s, weighted by the recorded energy",
    ),
    *_maps("", "spatial", "cardioid beams"),
)

PUBLISHED: tuple[Metric, ...] = (
    _radians(
        "published_azimuth",
        "azimuth",
        "published",
        CHANCE_ANGLE,
        "channels read as W, X, Y, Z: of permuted axes",
    ),
    _radians(
        "published_elevation",
        "elevation",
        "published",
        CHANCE_ELEVATION,
        "the same; depends on loudness through a floor of 1e-6 under the horizontal intensity",
    ),
    _radians("published_angle", "angle", "published", CHANCE_ANGLE, "great-circle error of those two angles"),
    *_maps("published_", "published", "ViSAGe's beam"),
)

VISUAL: tuple[Metric, ...] = (
    Metric(
        "synchrony",
        "synchrony",
        "visual",
        "",
        "higher",
        0.0,
        "onsets of the sound against changes of the picture, beyond those shifted in time",
    ),
    Metric(
        "motion_agreement",
        "motion",
        "visual",
        "",
        "higher",
        0.0,
        "correlation over directions of the sound's energy with what moves, second by second",
    ),
    Metric(
        "object_agreement",
        "objects",
        "visual",
        "",
        "higher",
        0.0,
        "correlation over directions of the sound's energy with things that make sound",
    ),
)


@dataclass(frozen=True)
class EmbedderTraits:
    """What the table needs to know of an embedder of sounds.

    Attributes:
        name: By which it is asked for.
        title: For people.
        labelled: Whether it names what it hears.
        worded: Whether it embeds words too.
    """

    name: str
    title: str
    labelled: bool
    worded: bool = False


def semantic_metrics(embedder: EmbedderTraits) -> tuple[Metric, ...]:
    """List the figures that one embedder of sounds gives.

    Args:
        embedder: What it can do.

    Returns:
        Fréchet and kernel distance and similarity, and with labels KL divergence and inception score.
    """
    name, title = embedder.name, embedder.title
    rows = [
        Metric(
            f"frechet_{name}",
            f"FD {name}",
            "semantic",
            "",
            "lower",
            None,
            f"Fréchet distance of {title}'s embeddings",
            headline=True,
        ),
        Metric(
            f"kernel_{name}",
            f"KD {name}",
            "semantic",
            "",
            "lower",
            None,
            f"unbiased kernel distance (MMD squared) of {title}'s embeddings; 0 for the same distribution",
        ),
        Metric(
            f"similarity_{name}",
            f"cosine {name}",
            "semantic",
            "",
            "higher",
            None,
            f"cosine of {title}'s mean embeddings of the generated and the recorded sound",
        ),
    ]
    if embedder.labelled:
        rows[1:1] = [
            Metric(
                f"kl_{name}",
                f"KL {name}",
                "semantic",
                "nats",
                "lower",
                None,
                f"divergence of {title}'s label probabilities from those of the recorded sound",
                headline=True,
            ),
            Metric(
                f"inception_{name}",
                f"IS {name}",
                "semantic",
                "",
                "higher",
                1.0,
                f"inception-style score of {title}'s label probabilities: sure within, varied between sounds",
            ),
        ]
    if embedder.worded:
        rows.append(
            Metric(
                f"caption_{name}",
                f"caption {name}",
                "semantic",
                "",
                "higher",
                0.0,
                f"cosine of {title}'s embeddings of the sound and of the clip's caption",
            )
        )
    return tuple(rows)


def choose_metrics(groups: Collection[str], embedders: Sequence[EmbedderTraits]) -> tuple[Metric, ...]:
    """List the figures of some groups, in the order of the tables.

    Args:
        groups: Names of groups.
        embedders: Those that hear, if "semantic" is among the groups.

    Returns:
        The figures.

    Raises:
        UserError: There is no such group.
    """
    unknown = [group for group in groups if group not in GROUPS]
    if unknown or not groups:
        raise UserError(
            f"there are no metrics called {', '.join(unknown)!r}" if unknown else "no metrics were asked for",
            remedy=f"Choose from {', '.join(GROUPS)}",
        )
    tables: dict[Group, tuple[Metric, ...]] = {
        "spatial": SPATIAL,
        "published": PUBLISHED,
        "semantic": tuple(metric for embedder in embedders for metric in semantic_metrics(embedder)),
        "visual": VISUAL,
    }
    return tuple(metric for group in GROUPS if group in groups for metric in tables[group])
