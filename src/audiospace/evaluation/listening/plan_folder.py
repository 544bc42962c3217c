"""A plan as a folder: the key for whoever holds the test, and one blind list for each rater."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from audiospace.errors import UserError
from audiospace.evaluation.listening.balance import balance_of
from audiospace.evaluation.listening.drawing import Progress, draw_plan
from audiospace.evaluation.listening.plan import REFERENCE, Design, LeftOut, Plan, Stimulus, Trial
from audiospace.evaluation.listening.rules import Screening
from audiospace.evaluation.listening.scales import SCALES, require_scales
from audiospace.evaluation.plain_figures import csv_text
from audiospace.generation.staging import folders_made
from audiospace.media import writing

FORMAT = "audiospace listening plan 1"
PLAN_FILE, RATER_FOLDER, TEMPLATE = "plan.json", "raters", "ratings.csv"
TRIAL_COLUMNS = ("rater", "trial", "block", "stimulus")
TEMPLATE_COLUMNS = ("rater", "trial", "stimulus", "scale", "value", "time")

_Record = TypeVar("_Record")


def make_plan(
    folder: Path,
    reference: Path,
    systems: Mapping[str, Path],
    design: Design,
    *,
    seed: int,
    on_progress: Progress | None = None,
) -> Plan:
    """Draw a plan and write its folder, which is there whole or not at all.

    The folder gets `plan.json` (the key: not for raters), `raters/NAME.csv` (what each rater hears, in blind
    names), `ratings.csv` (a form with a line for every answer) and, where copies or anchors are asked for,
    `stimuli/BLINDNAME.wav`.

    Args:
        folder: Where; it must not exist or be empty, so that the key of a test that runs is never lost.
        reference: Folder of recorded sounds, or of videos with them.
        systems: Folder of generated sounds by name of the system.
        design: What is wished for.
        seed: Seed of the draw.
        on_progress: Called as the sounds are prepared.

    Returns:
        The plan.

    Raises:
        UserError: As for `draw_plan`, or the folder is not empty or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError("exists and is not an empty folder", file=folder, remedy="Choose a new folder")
    target = folder.resolve()
    with (
        folders_made(target.parent),
        tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary,
    ):
        work = Path(temporary) / "plan"
        work.mkdir()
        plan = draw_plan(reference, systems, design, work, seed=seed, on_progress=on_progress)
        _write(work, plan)
        work.replace(target)
    return plan


def read_plan(folder: Path) -> Plan:
    """Read the plan of a folder.

    Args:
        folder: Folder that `make_plan` wrote, or its `plan.json`.

    Returns:
        The plan.

    Raises:
        UserError: There is none, or it is damaged.
    """
    file = folder / PLAN_FILE if folder.is_dir() else folder
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=file) from error
    except ValueError as error:
        raise UserError("is not a JSON file", file=file) from error
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise UserError(
            "is not a listening plan", file=file, remedy="Give a folder made by `audiospace listening plan`"
        )
    try:
        plan = _from_tree(tree)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"is a damaged listening plan ({error})", file=file) from error
    _check_whole(plan, file)
    return plan


def plan_tree(plan: Plan) -> dict[str, object]:
    """Describe a plan as a tree that `json.dumps` takes, with how even it is.

    Args:
        plan: The plan.

    Returns:
        The content of `plan.json`.
    """
    tree = asdict(plan)
    scales = {
        key: {"title": SCALES[key].title, "question": SCALES[key].question} for key in plan.design.scales
    }
    return {"format": FORMAT, **tree, "scales": scales, "balance": asdict(balance_of(plan))}


def _from_tree(tree: Mapping[str, object]) -> Plan:
    design = dict(_table(tree["design"]))
    design["scales"] = tuple(_list(design["scales"]))
    return Plan(
        seed=int(str(tree["seed"])),
        design=_record(Design, design),
        screening=_record(Screening, tree["screening"]),
        systems=tuple(str(name) for name in _list(tree["systems"])),
        stimuli=tuple(_record(Stimulus, row) for row in _list(tree["stimuli"])),
        trials=tuple(_record(Trial, row) for row in _list(tree["trials"])),
        left_out=tuple(_record(LeftOut, row) for row in _list(tree["left_out"])),
        notes=tuple(str(note) for note in _list(tree["notes"])),
    )


def _record(kind: type[_Record], value: object) -> _Record:
    """Make a dataclass of a table whose values have the types of its fields."""
    record = kind(**_table(value))
    for name, hint in get_type_hints(kind).items():
        found, wanted = getattr(record, name), tuple if get_origin(hint) is tuple else hint
        # JSON has one kind of number: 30.0 may have become 30.
        whole = type(found) is int and float in (hint, *get_args(hint))
        if not (isinstance(found, wanted) or whole):
            raise TypeError(f"{name} cannot be {found!r}")
    return record


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"expected a table, not {value!r}")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, not {value!r}")
    return value


def _check_whole(plan: Plan, file: Path) -> None:
    require_scales(plan.design.scales)
    unknown = {trial.stimulus for trial in plan.trials} - plan.key.keys()
    foreign = {stimulus.system for stimulus in plan.stimuli} - set(plan.systems)
    if unknown or foreign or REFERENCE not in plan.systems or len(plan.key) < len(plan.stimuli):
        raise UserError("is a damaged listening plan (its trials and sounds do not fit together)", file=file)


def _write(folder: Path, plan: Plan) -> None:
    (folder / RATER_FOLDER).mkdir()
    for rater in plan.raters:
        trials = [trial for trial in plan.trials if trial.rater == rater]
        _write_csv(
            folder / RATER_FOLDER / f"{rater}.csv",
            TRIAL_COLUMNS,
            ((trial.rater, trial.number, trial.block, trial.stimulus) for trial in trials),
        )
    _write_csv(
        folder / TEMPLATE,
        TEMPLATE_COLUMNS,
        (
            (trial.rater, trial.number, trial.stimulus, scale, "", "")
            for trial in plan.trials
            for scale in plan.design.scales
        ),
    )
    text = json.dumps(plan_tree(plan), indent=1, allow_nan=False, ensure_ascii=False)
    with writing(folder / PLAN_FILE) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with writing(path) as temporary:
        temporary.write_text(csv_text(columns, rows), encoding="utf-8", newline="")
