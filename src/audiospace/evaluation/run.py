"""Recorded sounds against generated ones: every figure that was asked for, with n and intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from audiospace.errors import UserError
from audiospace.evaluation.benchmark_folders import find_sounds_in, find_videos_in
from audiospace.evaluation.benchmarks import Split
from audiospace.evaluation.clip import REFERENCE, ClipTask, evaluate_clip
from audiospace.evaluation.compared import compare_systems
from audiospace.evaluation.gathering import Gathered, gather, left_out_notes, scores_of
from audiospace.evaluation.measurement_cache import tidy
from audiospace.evaluation.metric_table import GROUPS, EmbedderTraits, choose_metrics
from audiospace.evaluation.pairs import find_captions, find_sounds
from audiospace.evaluation.results import Evaluation, Finding, Group, Metric, SystemScores
from audiospace.evaluation.trivial import TRIVIAL
from audiospace.evaluation.workers import in_order
from audiospace.hearing import WordEmbedder, load_embedder

STRIPS = 6
"""Clips whose energy maps are kept for pictures, at most."""
FEW_CLIPS = 10
"""Clips below which an interval is known to be too narrow."""


def evaluate(
    reference: Path,
    generated: Mapping[str, Path],
    *,
    groups: Sequence[Group] = GROUPS,
    embedders: Sequence[str] = ("judge",),
    split: Split | None = None,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Compare systems with the recorded sounds, by name of the clip.

    A clip that cannot be compared (no partner, unreadable, wrong number of channels, not finite, silent) is
    left out of that system's means and named in the findings; a difference in length or rate is named and
    counted.

    Args:
        reference: Folder of recorded AmbiX sounds, or of videos that carry them.
        generated: Folder of generated sounds by name of the system.
        groups: Groups of figures: "spatial", "published", "semantic", "visual". The last one needs videos in
            the reference folder, and is left out without them.
        embedders: Those that hear, for the group "semantic".
        split: Clips to evaluate; all of the reference folder if None.
        seed: Seed of intervals, tests and random directions.
        jobs: Number of processes that measure.
        on_progress: Called with the clips done so far and their number.

    Returns:
        The scores of every system and of the trivial ones, comparisons, and what is odd.

    Raises:
        UserError: A folder does not exist, holds no sound, or shares no clip with the reference; there is no
            such group or embedder, or its weights are missing.
    """
    recorded = find_sounds_in(reference)
    systems = {name: _sounds_of(folder, recorded, reference) for name, folder in generated.items()}
    findings = _unmatched(recorded, systems, split)
    clips = [clip for clip in recorded if split is None or clip in split.clips]
    if not clips:
        raise UserError("holds no clip of the split", file=reference)
    videos = find_videos_in(reference) if "visual" in groups else {}
    notes = [] if split is None else [_split_note(split, len(clips))]
    if "visual" in groups and not videos:
        groups = [group for group in groups if group != "visual"]
        notes.append("no videos beside the recorded sounds: figures about the picture are left out")
    heard = tuple(embedders) if "semantic" in groups else ()
    captions = find_captions(reference) if heard else {}
    metrics = choose_metrics(groups, [_traits(name, worded=bool(captions)) for name in heard])

    def tasks() -> Iterator[ClipTask]:
        for index, clip in enumerate(clips):
            yield ClipTask(
                clip=clip,
                reference=recorded[clip],
                generated={name: sounds[clip] for name, sounds in systems.items() if clip in sounds},
                video=videos.get(clip),
                groups=frozenset(groups),
                embedders=heard,
                seed=seed,
                strip=index < STRIPS,
                caption=captions.get(clip),
            )

    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, len(clips))

    tidy()
    gathered = gather(in_order(evaluate_clip, tasks(), jobs=jobs), advance)
    return _conclude(reference, generated, metrics, gathered, (*findings, *gathered.findings), notes, seed)


def _traits(name: str, *, worded: bool) -> EmbedderTraits:
    """Load an embedder here first: what is missing should be said before work begins."""
    embedder = load_embedder(name)
    return EmbedderTraits(
        name=name,
        title=embedder.title,
        labelled=embedder.labels is not None,
        worded=worded and isinstance(embedder, WordEmbedder),
    )


def _sounds_of(folder: Path, recorded: Mapping[str, Path], reference: Path) -> dict[str, Path]:
    sounds = find_sounds(folder)
    if not sounds.keys() & recorded.keys():
        raise UserError(
            f"no sound in this folder has the name of a clip in {reference}",
            file=folder,
            remedy="Files are matched by their names, for example ID.webm and ID.ogg or ID/ID.foa.wav",
        )
    return sounds


def _unmatched(
    recorded: Mapping[str, Path], systems: Mapping[str, Mapping[str, Path]], split: Split | None
) -> list[Finding]:
    """Name the clips that one side lacks."""
    wanted = list(recorded) if split is None else list(split.clips)
    findings = [
        Finding(REFERENCE, clip, "missing", "there is no recorded sound", counted=False)
        for clip in wanted
        if clip not in recorded
    ]
    for name, sounds in systems.items():
        findings += [
            Finding(name, clip, "missing", "there is no generated sound", counted=False)
            for clip in wanted
            if clip in recorded and clip not in sounds
        ]
        findings += [
            Finding(name, clip, "no reference", "there is no recorded sound", counted=False)
            for clip in sounds
            if clip not in recorded
        ]
    return findings


def _split_note(split: Split, found: int) -> str:
    source = f"{split.source}, SHA-256 {split.sha256[:16]}"
    return f"{found} of the {len(split.clips)} clips of {split.name} ({source}) are here"


def _few_clips(systems: Sequence[SystemScores]) -> list[str]:
    few = [scores.name for scores in systems if not scores.trivial and 0 < len(scores.clips) < FEW_CLIPS]
    return [f"intervals of fewer than {FEW_CLIPS} clips are too narrow: {', '.join(few)}"] if few else []


def _conclude(
    reference: Path,
    generated: Mapping[str, Path],
    metrics: tuple[Metric, ...],
    gathered: Gathered,
    findings: tuple[Finding, ...],
    notes: list[str],
    seed: int,
) -> Evaluation:
    order = [REFERENCE, *generated]
    folders: dict[str, Path | None] = dict(generated)
    trivial = [name for name in TRIVIAL if name in gathered.values and name not in folders]
    folders |= dict.fromkeys(trivial)
    systems = tuple(scores_of(name, folder, gathered, metrics, seed=seed) for name, folder in folders.items())
    return Evaluation(
        reference=reference,
        metrics=metrics,
        systems=systems,
        comparisons=compare_systems(systems, metrics, gathered.heard, seed=seed),
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.system))),
        notes=(*notes, *gathered.heard.notes(), *left_out_notes(gathered), *_few_clips(systems)),
        directions=gathered.directions,
        strips=tuple(gathered.strips),
        seed=seed,
    )
