"""How even a plan is, counted from its trials alone."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, product

from audiospace.evaluation.listening.plan import Plan


@dataclass(frozen=True)
class Balance:
    """Least and greatest counts over a plan, repeats apart.

    Attributes:
        raters_per_sound: How many raters hear a sound (a clip from one system).
        times_at_place: How often a system stands at a place of a block.
        times_after: How often a system follows another one within a block; (0, 0) if there is only one.
        repeats_per_system: How often a sound of a system is repeated.
    """

    raters_per_sound: tuple[int, int]
    times_at_place: tuple[int, int]
    times_after: tuple[int, int]
    repeats_per_system: tuple[int, int]


def balance_of(plan: Plan) -> Balance:
    """Count how even a plan is.

    Args:
        plan: The plan.

    Returns:
        Least and greatest counts; where the two differ by 1 at most, no more balance is possible.
    """
    sounds: Counter[tuple[str, str]] = Counter()
    repeats: Counter[str] = Counter()
    blocks: dict[tuple[str, int], list[str]] = {}
    for trial in plan.trials:
        stimulus = plan.key[trial.stimulus]
        if stimulus.repeat:
            repeats[stimulus.system] += 1
            continue
        sounds[stimulus.clip, stimulus.system] += 1
        blocks.setdefault((trial.rater, trial.block), []).append(stimulus.system)
    places = Counter(pair for block in blocks.values() for pair in enumerate(block))
    after = Counter(pair for block in blocks.values() for pair in pairwise(block))
    systems = plan.systems
    return Balance(
        _range([sounds[pair] for pair in product(plan.clips, systems)]),
        _range([places[pair] for pair in product(range(len(systems)), systems)]),
        _range([after[one, other] for one, other in product(systems, systems) if one != other]),
        _range([repeats[system] for system in systems]),
    )


def _range(counts: list[int]) -> tuple[int, int]:
    return (min(counts), max(counts)) if counts else (0, 0)
