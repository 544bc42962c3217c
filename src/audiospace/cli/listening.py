"""`audiospace listening`: plan a listening test, and score its ratings."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from audiospace.cli.console import output, stage_progress
from audiospace.cli.systems import parse_systems
from audiospace.errors import UserError

if TYPE_CHECKING:
    from audiospace.evaluation.listening import ListeningScores, Panel, Plan, Screening

listening_app = typer.Typer(
    name="listening",
    help="Plan blind listening tests and score them (MOS-SQ and MOS-AF, 0 to 100).",
    rich_markup_mode="markdown",
)


@listening_app.callback(invoke_without_command=True)
def _listening(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@listening_app.command("plan")
def plan_command(
    reference: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of recorded sounds, or of videos with them.")
    ],
    system: Annotated[
        list[str],
        typer.Option(metavar="[NAME=]DIR", help="Folder of generated sounds; may be given several times."),
    ],
    raters: Annotated[int, typer.Option(min=1, help="How many people will listen.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="PLAN_DIR", help="Folder to write; new or empty.")
    ],
    clips: Annotated[
        int | None, typer.Option(min=1, help="Draw so many clips; by default all that every system has.")
    ] = None,
    per_rater: Annotated[
        int | None,
        typer.Option(min=1, help="Clips for each rater, each heard from all systems; by default all."),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(min=0, help="Sounds that each rater hears twice, to see how reliable they are: 4."),
    ] = None,
    anchor: Annotated[
        bool, typer.Option("--anchor", help="Add a poor sound: mono, nothing above 3.5 kHz.")
    ] = False,
    scales: Annotated[
        str, typer.Option(metavar="sq,af", help="Spatial quality (sq), alignment with the video (af).")
    ] = "sq,af",
    open_reference: Annotated[
        bool,
        typer.Option(
            "--open-reference",
            help="Raters can also hear the recording under its name; who then misses it is left out.",
        ),
    ] = False,
    copy: Annotated[
        bool,
        typer.Option("--copy", help="Write all sounds under blind names in one format (WAV, 48 kHz)."),
    ] = False,
    loudness: Annotated[
        float | None,
        typer.Option(metavar="LUFS", min=-70, max=0, help="Bring all copies to one loudness, such as -23."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the plan; by default drawn, and kept in plan.json.")
    ] = None,
) -> None:
    """Draw a random, blind, balanced plan.

    PLAN_DIR/plan.json is the key: keep it from raters. raters/NAME.csv says what each of them hears, and
    ratings.csv is the form to fill in.
    """
    from audiospace.evaluation.listening import Design, make_plan

    design = Design(
        raters=raters,
        clips=clips,
        clips_per_rater=per_rater,
        repeats=repeats,
        anchor=anchor,
        scales=tuple(key.strip() for key in scales.split(",") if key.strip()),
        open_reference=open_reference,
        copies=copy,
        loudness=loudness,
    )
    with stage_progress() as advance:
        plan = make_plan(
            out,
            reference,
            parse_systems(system),
            design,
            seed=secrets.randbits(32) if seed is None else seed,
            on_progress=lambda done, total: advance("sounds", done, total),
        )
    console = output()
    for line in _plan_lines(plan):
        console.print(line, markup=False)


def _plan_lines(plan: "Plan") -> list[str]:
    from audiospace.evaluation.listening import balance_of, left_out_lines

    balance, design = balance_of(plan), plan.design
    heard, times = map(_span, (balance.raters_per_sound, balance.times_at_place))
    trials = len(plan.trials) // len(plan.raters)
    lines = [
        f"{len(plan.raters)} raters, {design.clips} clips, seed {plan.seed}",
        f"systems: {', '.join(plan.systems)}",
        f"each rater: {design.clips_per_rater} clips, {trials} sounds, {design.repeats} of them heard before",
        f"each sound: {heard} raters; each system at each place of a block: {times} times",
    ]
    return [*lines, *left_out_lines(plan.left_out), *plan.notes]


def _span(counts: tuple[int, int]) -> str:
    least, most = counts
    return str(least) if least == most else f"{least} to {most}"


@listening_app.command("score")
def score_command(
    plan_folder: Annotated[Path, typer.Argument(metavar="PLAN_DIR", help="Folder that `plan` wrote.")],
    ratings: Annotated[Path, typer.Argument(metavar="RATINGS.csv", help="The form, filled in.")],
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write results.json, table.md, scores.csv and raters.csv here."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure here.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the table of scores here.")
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write a page with all tables here.")
    ] = None,
    reference_floor: Annotated[
        float | None, typer.Option(min=0, max=100, help="A hidden reference rated below is missed.")
    ] = None,
    reference_misses: Annotated[
        float | None, typer.Option(min=0, max=1, help="Leave out who misses a larger share of them.")
    ] = None,
    repeat_difference: Annotated[
        float | None, typer.Option(min=0, help="Leave out who differs more when a sound comes again.")
    ] = None,
    agreement: Annotated[
        float | None, typer.Option(min=-1, max=1, help="Leave out who correlates less with the others.")
    ] = None,
    spread: Annotated[
        float | None, typer.Option(min=0, max=100, help="Leave out who uses fewer points of the scale.")
    ] = None,
    screening: Annotated[
        bool, typer.Option("--screening/--no-screening", help="Leave out raters who cannot be relied on.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals and tests.")] = 0,
) -> None:
    """Unblind ratings, screen the raters and give mean opinion scores with 95 % intervals.

    Raters are screened by the rules in plan.json unless limits are given here, and the report says so.
    """
    from audiospace.evaluation.listening import (
        markdown,
        read_plan,
        read_ratings,
        score,
        scores_csv,
        scores_json,
        write_scores,
        write_text,
    )
    from audiospace.media.atomic import check_writable

    plan = read_plan(plan_folder)
    limits = {
        "reference_floor": reference_floor,
        "reference_misses": reference_misses,
        "repeat_difference": repeat_difference,
        "agreement": agreement,
        "spread": spread,
    }
    rules = _rules(plan.screening, limits) if screening else _no_rules(limits)
    scores = score(plan, read_ratings(ratings, plan), rules=rules, seed=seed)
    texts = ((json_file, scores_json), (csv_file, scores_csv), (markdown_file, markdown))
    wanted = [(path, text) for path, text in texts if path is not None]
    for path, _text in wanted:
        check_writable(path)
    for path, text in wanted:
        write_text(path, text(scores))
    if report is not None:
        write_scores(report, scores)
    _print(scores)


def _rules(stated: "Screening", limits: dict[str, float | None]) -> "Screening":
    return replace(stated, **{name: limit for name, limit in limits.items() if limit is not None})


def _no_rules(limits: dict[str, float | None]) -> "Screening":
    from audiospace.evaluation.listening import Screening

    if any(limit is not None for limit in limits.values()):
        raise UserError("Limits for raters make no sense with --no-screening")
    return Screening(reference_floor=None, repeat_difference=None, agreement=None, spread=None)


def _print(scores: "ListeningScores") -> None:
    from audiospace.evaluation.listening import difference_lines, summary_lines

    console = output()
    panels = {"raters who are kept": scores.screened, "all raters": scores.everyone}
    if scores.screened.raters == scores.everyone.raters:
        del panels["all raters"]
    for title, panel in panels.items():
        for scale in scores.plan.design.scales:
            console.print(_table(title, panel, scale))
    for line in (*difference_lines(scores.screened), *summary_lines(scores)):
        console.print(line, markup=False)


def _table(title: str, panel: "Panel", scale: str) -> Table:
    from audiospace.evaluation.listening import SCALES, SCORE_HEADER, score_rows

    table = Table(
        title=f"{SCALES[scale].title}, {title}: mean [95 % interval], 0 to 100",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column(SCORE_HEADER[0])
    for name in SCORE_HEADER[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    for system, *figures in score_rows(panel, scale):
        table.add_row(Text(system), *figures)
    return table
