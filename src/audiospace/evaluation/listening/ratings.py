"""Answers of raters as a CSV file, read strictly: a wrong line is named, never skipped."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audiospace.errors import UserError
from audiospace.evaluation.listening.plan import Plan
from audiospace.evaluation.listening.scales import HIGHEST, LOWEST
from audiospace.evaluation.plain_figures import csv_text
from audiospace.media import writing

NEEDED = ("rater", "stimulus", "scale", "value")
COLUMNS = (*NEEDED, "time")


@dataclass(frozen=True)
class Rating:
    """One answer.

    Attributes:
        rater: Name of the rater.
        stimulus: Blind name of the sound.
        scale: Key of the scale.
        value: From 0 to 100.
        time: When it was given, in ISO 8601, or empty.
    """

    rater: str
    stimulus: str
    scale: str
    value: float
    time: str = ""


def write_ratings(path: Path, ratings: Iterable[Rating]) -> None:
    """Write answers as `read_ratings` takes them.

    Args:
        path: File to write.
        ratings: The answers.

    Raises:
        UserError: The file cannot be written.
    """
    rows = ((one.rater, one.stimulus, one.scale, repr(one.value), one.time) for one in ratings)
    with writing(path) as temporary:
        temporary.write_text(csv_text(COLUMNS, rows), encoding="utf-8", newline="")


def read_ratings(path: Path, plan: Plan) -> tuple[Rating, ...]:
    """Read answers and check every one of them against a plan.

    Args:
        path: CSV file in UTF-8 with the columns rater, stimulus, scale and value, in any order; time may be
            there, and other columns are not looked at. A line with an empty value is no answer.
        plan: The plan that they belong to.

    Returns:
        The answers in the order of the file.

    Raises:
        UserError: The file cannot be read, lacks a column or holds no answer; or a line, which is named, has
            no rater, an unknown sound or scale, a value that is no number from 0 to 100, a time that is none,
            or answers what has been answered before.
    """
    ratings = []
    lines: dict[tuple[str, str, str], int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_columns(reader.fieldnames or (), path)
            for row in reader:
                rating = _rating(row, plan, path, reader.line_num)
                if rating is None:
                    continue
                key = (rating.rater, rating.stimulus, rating.scale)
                if key in lines:
                    what = f"{rating.rater} has rated {rating.stimulus} on {rating.scale} before"
                    raise _refusal(path, reader.line_num, f"{what}, in line {lines[key]}")
                lines[key] = reader.line_num
                ratings.append(rating)
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=path) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"is not a CSV file in UTF-8 ({error})", file=path) from error
    if not ratings:
        raise UserError("holds no rating", file=path)
    return tuple(ratings)


def _check_columns(names: Iterable[str], path: Path) -> None:
    columns = list(names)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise UserError(
            f"lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            file=path,
            remedy=f"The first line names them, separated by commas: {','.join(COLUMNS)}",
        )
    twice = sorted({name for name in COLUMNS if columns.count(name) > 1})
    if twice:
        raise UserError(f"has two columns named {', '.join(twice)}", file=path)


def _rating(row: dict[str, str | None], plan: Plan, path: Path, line: int) -> Rating | None:
    rater, stimulus, scale, text = ((row[name] or "").strip() for name in NEEDED)
    if not any((rater, stimulus, scale, text)):
        return None
    if not rater:
        raise _refusal(path, line, "names no rater")
    if stimulus not in plan.key:
        raise _refusal(path, line, f"the plan has no sound {stimulus!r}")
    if scale not in plan.design.scales:
        raise _refusal(
            path, line, f"the plan has no scale {scale!r} (it has {', '.join(plan.design.scales)})"
        )
    if not text:
        return None
    time = (row.get("time") or "").strip()
    return Rating(rater, stimulus, scale, _value(text, path, line), _time(time, path, line))


def _value(text: str, path: Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise _refusal(path, line, f"{text!r} is not a number") from error
    if not (math.isfinite(value) and LOWEST <= value <= HIGHEST):
        raise _refusal(path, line, f"{text} is not between {LOWEST:g} and {HIGHEST:g}")
    return value


def _time(text: str, path: Path, line: int) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise _refusal(path, line, f"{text!r} is not a time like 2026-01-31T12:00:00") from error
    return text


def _refusal(path: Path, line: int, what: str) -> UserError:
    return UserError(f"line {line}: {what}", file=path)
