"""What was left out of means or counted in spite of a difference, brought together to be read."""

from dataclasses import dataclass

from audiospace.evaluation.results import Evaluation, Kind


@dataclass(frozen=True)
class FindingGroup:
    """All clips of one system with the same sort of finding.

    Attributes:
        system: Name of the system, or "reference".
        kind: What sort of thing it is.
        counted: Whether the clips are part of the system's means all the same.
        clips: Names of the clips.
        details: What exactly, one per clip.
        every: Whether these are all clips that the system has figures for.
    """

    system: str
    kind: Kind
    counted: bool
    clips: tuple[str, ...]
    details: tuple[str, ...]
    every: bool

    def line(self, limit: int | None = None) -> str:
        """Say it in one line.

        Args:
            limit: How many clips are named at most; None names all.

        Returns:
            System, kind, whether counted, and the clips with what is the matter with them: once if it is the
            same with all. Line ends in names become spaces.
        """
        return " ".join(self._text(limit).split())

    def _text(self, limit: int | None) -> str:
        start = f"{self.system}, {self.kind}, {'counted' if self.counted else 'left out'}: "
        shown = len(self.clips) if limit is None else min(limit, len(self.clips))
        rest = f" and {len(self.clips) - shown} more" if shown < len(self.clips) else ""
        if len(set(self.details)) > 1:
            pairs = list(zip(self.clips, self.details, strict=True))[:shown]
            return start + "; ".join(f"{clip}: {detail}" for clip, detail in pairs) + rest
        names = f"all {len(self.clips)} clips" if self.every else ", ".join(self.clips[:shown]) + rest
        return f"{start}{self.details[0]}: {names}"


def group_findings(evaluation: Evaluation) -> tuple[FindingGroup, ...]:
    """Bring together the findings of a system that are of the same kind.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        Groups in the order in which their first findings come.
    """
    measured = {scores.name: set(scores.clips) for scores in evaluation.systems}
    groups: dict[tuple[str, Kind, bool], dict[str, list[str]]] = {}
    for finding in evaluation.findings:
        group = groups.setdefault((finding.system, finding.kind, finding.counted), {})
        group.setdefault(finding.clip, []).append(finding.detail)
    return tuple(
        FindingGroup(
            system=system,
            kind=kind,
            counted=counted,
            clips=tuple(clips),
            details=tuple(", ".join(dict.fromkeys(details)) for details in clips.values()),
            every=len(clips) > 1 and set(clips) == measured.get(system),
        )
        for (system, kind, counted), clips in groups.items()
    )
