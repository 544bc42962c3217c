"""Recorded sounds against generated ones: every figure that was asked for, with n and intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from audiospace.errors import UserError
from audiospace.evaluation.benchmark_folders import find_videos_in
from audiospace.evaluation.benchmarks import Split
from audiospace.evaluation.clip import REFERENCE, ClipTask, evaluate_clip
from audiospace.evaluation.compared import compare_systems
from audiospace.evaluation.gathering import Gathered, gather, left_out_notes, scores_of
from audiospace.evaluation.matching import match_clips
from audiospace.evaluation.measurement_cache import tidy
from audiospace.evaluation.metric_table import GROUPS, EmbedderTraits, choose_metrics
from audiospace.evaluation.pairs import find_captions
from audiospace.evaluation.results import Evaluation, Finding, Group, Metric, SystemScores
from audiospace.evaluation.trivial import TRIVIAL
from audiospace.evaluation.workers import in_order
from audiospace.hearing import WordEmbedder, load_embedder

STRIPS = 6
"""Clips whose energy maps are kept for pictures, at most."""
FEW_CLIPS = 10
"""Clips below which an interval is known to be too narrow."""


def evaluate(
    reference: str | Path,
    generated: Mapping[str, str | Path],
    *,
    groups: Sequence[Group] = GROUPS,
    embedders: Sequence[str] = ("judge",),
    split: Split | None = None,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Compare systems with the recorded sounds, by name of the clip.

    A clip that cannot be compared (no partner, unreadable, wrong number of channels, not finite, a silent
    recording) is left out of that system's means and named in the findings; a difference in length or rate is
    named and counted. So is a generated sound that is silent, in the figures that silence has.

    Args:
        reference: Folder of recorded AmbiX sounds, or of videos that carry them.
        generated: Folder of generated sounds by name of the system.
        groups: Groups of figures: "spatial", "published", "semantic", "visual". The last one needs videos in
            the reference folder, and is left out without them unless it is the only one.
        embedders: Those that hear, for the group "semantic".
        split: Clips to evaluate; all of the reference folder if None.
        seed: Seed of intervals, tests and random directions.
        jobs: Number of processes that measure. With several, a script that calls this must do so under
            `if __name__ == "__main__":`, as `multiprocessing` asks.
        on_progress: Called with the clips done so far and their number.

    Returns:
        The scores of every system and of the trivial ones, comparisons, and what is odd.

    Raises:
        UserError: A folder does not exist, holds no sound or a name that is no text, or shares no clip with
            the reference; a system has the name of a row that every table has; there is no such group or
            embedder, or its weights are missing; a process died.
    """
    reference, folders = Path(reference), {name: Path(folder) for name, folder in generated.items()}
    matched = match_clips(reference, folders, split)
    videos = find_videos_in(reference) if "visual" in groups else {}
    notes = list(matched.notes)
    if "visual" in groups and not videos:
        groups = [group for group in groups if group != "visual"]
        if not groups:
            raise UserError("holds no videos, which figures about the picture need", file=reference)
        notes.append("no videos beside the recorded sounds: figures about the picture are left out")
    heard = tuple(dict.fromkeys(embedders)) if "semantic" in groups else ()
    captions = find_captions(reference) if heard else {}
    metrics = choose_metrics(groups, [_traits(name, worded=bool(captions)) for name in heard])

    def tasks() -> Iterator[ClipTask]:
        for index, (clip, recorded) in enumerate(matched.recorded.items()):
            yield ClipTask(
                clip=clip,
                reference=recorded,
                generated={
                    name: sounds[clip] for name, sounds in matched.generated.items() if clip in sounds
                },
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
            on_progress(done, len(matched.recorded))

    tidy()
    with closing(in_order(evaluate_clip, tasks(), jobs=jobs)) as outcomes:
        gathered = gather(outcomes, advance)
    return _conclude(
        reference, folders, metrics, gathered, (*matched.findings, *gathered.findings), notes, seed
    )


def _traits(name: str, *, worded: bool) -> EmbedderTraits:
    """Load an embedder here first: what is missing should be said before work begins."""
    embedder = load_embedder(name)
    return EmbedderTraits(
        name=name,
        title=embedder.title,
        labelled=embedder.labels is not None,
        worded=worded and isinstance(embedder, WordEmbedder),
    )


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
    trivial = [name for name in TRIVIAL if name in gathered.values]
    folders |= dict.fromkeys(trivial)
    systems = tuple(scores_of(name, folder, gathered, metrics, seed=seed) for name, folder in folders.items())
    return Evaluation(
        reference=reference,
        metrics=metrics,
        systems=systems,
        comparisons=compare_systems(systems, metrics, gathered.heard, seed=seed),
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.system))),
        notes=(
            *notes,
            *gathered.heard.notes(),
            *gathered.heard.narrowed_notes(list(generated)),
            *left_out_notes(gathered),
            *_few_clips(systems),
        ),
        directions=gathered.directions,
        strips=tuple(gathered.strips),
        seed=seed,
    )
