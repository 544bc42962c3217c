"""The one error that the command line turns into a single line and exit status 2."""

from pathlib import Path


class UserError(Exception):
    """Something the user gave cannot be used, and here is what to do about it.

    Attributes:
        what: What is wrong, as a sentence without a final full stop.
        file: The file it is wrong with, if there is one.
        remedy: What to do, as a sentence without a final full stop.

    Args:
        what: What is wrong.
        file: The file it is wrong with, if there is one.
        remedy: What to do.
    """

    def __init__(self, what: str, *, file: str | Path | None = None, remedy: str = "") -> None:
        self.what = what
        self.file = None if file is None else str(file)
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        prefix = "" if self.file is None else f"{self.file}: "
        suffix = f". {self.remedy}" if self.remedy else ""
        return f"{prefix}{self.what}{suffix}".replace("\n", " ")


class MissingExtraError(UserError):
    """An optional dependency is not installed.

    Attributes:
        extra: The name of the extra that brings it.

    Args:
        needed_for: What cannot be done without it.
        extra: The name of the extra.
    """

    def __init__(self, needed_for: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{needed_for} needs the optional '{extra}' packages",
            remedy=f"Install them with: pip install 'audiospace[{extra}]'",
        )
