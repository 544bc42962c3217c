"""The command line: one application, and how its failures become one line and an exit status."""

import errno
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer

from audiospace.cli import (
    baseline,
    convert,
    data,
    doctor,
    evaluate,
    generate,
    info,
    listening,
    models,
    reproduce,
    simulate,
    spatialize,
    train,
)
from audiospace.errors import UserError

USER_MISTAKE = 2
INTERRUPTED = 130
TERMINATED = 143

USAGE_ERRORS: tuple[type[Exception], ...] = tuple(
    kind for kind in typer.BadParameter.__mro__[:3] if issubclass(kind, Exception)
)
"""What a wrong option raises, and its base classes: typer has no public name for these."""

app = typer.Typer(
    name="audiospace",
    help="360-degree video in, spatial sound out: ambisonics that stays where its source is seen.",
    epilog="Start with: audiospace generate VIDEO. Angles are degrees: left and up are positive.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("generate")(generate.generate_command)
app.command("info")(info.info_command)
app.command("convert")(convert.convert_command)
app.command("spatialize")(spatialize.spatialize_command)
app.command("baseline")(baseline.baseline_command)
app.command("simulate")(simulate.simulate_command)
app.add_typer(data.data_app)
app.command("train")(train.train_command)
app.command("evaluate")(evaluate.evaluate_command)
app.add_typer(listening.listening_app)
app.add_typer(reproduce.reproduce_app)
app.add_typer(models.model_app)
app.command("doctor")(doctor.doctor_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from audiospace import __version__

        typer.echo(f"audiospace {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _application(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """360-degree video in, spatial sound out: ambisonics that stays where its source is seen."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Leave through the clean-up code of whatever is running."""
    raise SystemExit(TERMINATED)


def _explain(error: OSError) -> UserError | None:
    """Turn an operating-system error that the user can do something about into a user's error."""
    remedies = {
        errno.ENOSPC: ("the disk is full", "Free some space or choose another folder"),
        errno.EDQUOT: ("the disk quota is used up", "Free some space or choose another folder"),
        errno.EACCES: ("permission denied", "Choose a file or folder that you may read and write"),
        errno.EPERM: ("permission denied", "Choose a file or folder that you may read and write"),
        errno.EROFS: ("the file system is read-only", "Choose another folder"),
        errno.ENOENT: ("there is no such file or folder", ""),
        errno.ENOTDIR: ("a part of this path is not a folder", ""),
        errno.EISDIR: ("is a folder", "Give a file"),
        errno.EEXIST: ("exists already and is not a folder", "Choose another name"),
        errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter one"),
    }
    found = remedies.get(error.errno or 0)
    return None if found is None else UserError(found[0], file=error.filename, remedy=found[1])


def _fail(message: str) -> int:
    typer.echo(f"audiospace: {' '.join(message.split())}", err=True)
    return USER_MISTAKE


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and say how it went.

    Args:
        arguments: Words after the program's name; those of the process if None.

    Returns:
        Exit status: 0 for success, 2 for a mistake in what was given (one line on the standard error), 130
        when interrupted.
    """
    try:
        status = app(list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
    except UserError as error:
        return _fail(str(error))
    except USAGE_ERRORS as error:
        return _fail(f"{_usage_message(error)} See 'audiospace --help'.")
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except OSError as error:
        explained = _explain(error)
        if explained is None:
            raise
        return _fail(str(explained))
    return _interrupted() if status == INTERRUPTED else status if isinstance(status, int) else 0


def _interrupted() -> int:
    typer.echo("audiospace: interrupted", err=True)
    return INTERRUPTED


def _usage_message(error: BaseException) -> str:
    format_message = getattr(error, "format_message", None)
    return str(error) if format_message is None else str(format_message())


class _Interruption:
    """Handles Ctrl-C as Python does, and remembers that it came."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> NoReturn:
        self.came = True
        raise KeyboardInterrupt


def main() -> NoReturn:
    """Run the command line as a process."""
    interruption = _Interruption()
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interruption)
    try:
        status = run()
    except Exception:
        # An interruption in the middle of an import can come out as some other exception.
        if not interruption.came:
            raise
        status = _interrupted()
    sys.exit(status)
