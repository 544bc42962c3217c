"""Who hears what and in which order: balanced in what can be counted, random in the rest."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from audiospace.evaluation.listening.williams import williams_square


@dataclass(frozen=True)
class Presentation:
    """One sound that one rater hears.

    Attributes:
        block: Which of the rater's blocks it belongs to, from 1: all systems of one clip in turn, or at the
            end one sound that is heard again.
        clip: Index of the clip.
        system: Index of the system.
        repeat: Whether the rater has heard it before.
    """

    block: int
    clip: int
    system: int
    repeat: bool


Session = tuple[Presentation, ...]
"""What one rater hears, in order."""


def deal_clips(
    clips: int, raters: int, each: int, generator: np.random.Generator
) -> tuple[tuple[int, ...], ...]:
    """Deal clips to raters so that the numbers of raters of any two clips differ by 1 at most.

    Args:
        clips: How many clips there are.
        raters: How many raters there are.
        each: Clips that each rater gets, all different, at most `clips`.
        generator: Decides among clips that have been dealt equally often, and the order.

    Returns:
        For each rater the clips in the order in which they are heard.
    """
    dealt = np.zeros(clips, dtype=np.int64)
    hands = []
    for _ in range(raters):
        shuffled = generator.permutation(clips)
        hand = shuffled[np.argsort(dealt[shuffled], kind="stable")][:each]
        dealt[hand] += 1
        hands.append(tuple(generator.permutation(hand).tolist()))
    return tuple(hands)


def arrange_sessions(
    hands: tuple[tuple[int, ...], ...], systems: int, repeats: int, generator: np.random.Generator
) -> tuple[Session, ...]:
    """Put what each rater hears in order.

    A clip is heard from all systems in turn, in the order of a row of a Williams square; the rows are used
    one after the other, through all sessions. So any two counts of a system at a place differ by 1 at most.
    At the end of a session sounds from its first half are heard again, from different clips as far as there
    are enough, and from all systems about equally often over the raters.

    Args:
        hands: The clips of each rater in order.
        systems: How many systems there are.
        repeats: Sounds that each rater hears again, at most those of the first half of the clips.
        generator: Decides which system takes which number in the square, and what is repeated.

    Returns:
        The sessions, one for each rater.
    """
    names = generator.permutation(systems)
    rows = williams_square(systems)
    repeated: Counter[int] = Counter()
    sessions = []
    used = 0
    for hand in hands:
        session = []
        for block, clip in enumerate(hand, start=1):
            row = rows[used % len(rows)]
            session += [Presentation(block, clip, int(names[symbol]), repeat=False) for symbol in row]
            used += 1
        again = _choose_repeats(session[: first_half(len(hand)) * systems], repeats, repeated, generator)
        session += [
            Presentation(len(hand) + 1 + index, one.clip, one.system, repeat=True)
            for index, one in enumerate(again)
        ]
        sessions.append(tuple(session))
    return tuple(sessions)


def first_half(clips: int) -> int:
    """Say how many of a rater's clips count as the first half, from which sounds are repeated.

    Args:
        clips: Clips that the rater hears.

    Returns:
        Half of them, rounded up.
    """
    return -(-clips // 2)


def _choose_repeats(
    early: list[Presentation], repeats: int, repeated: Counter[int], generator: np.random.Generator
) -> list[Presentation]:
    left = [early[index] for index in generator.permutation(len(early))]
    from_clip: Counter[int] = Counter()
    chosen = []
    for _ in range(repeats):
        best = min(left, key=lambda one: (from_clip[one.clip], repeated[one.system]))
        left.remove(best)
        from_clip[best.clip] += 1
        repeated[best.system] += 1
        chosen.append(best)
    return chosen
