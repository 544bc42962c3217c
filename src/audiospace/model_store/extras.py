"""The optional packages: which there are, and the command that adds each."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

_REQUIREMENT = re.compile(r"""(?P<package>[\w.-]+).*;.*extra\s*==\s*['"](?P<extra>[\w-]+)['"]""")
_FOR_DEVELOPERS = "dev"
_PURPOSES = {
    "clap": "compare sounds with CLAP in evaluations",
    "hub": "download models from the Hugging Face hub",
    "metaclip": "look at videos as the published model does",
    "openl3": "compare sounds with OpenL3 in evaluations",
    "plots": "draw plots of evaluations",
    "ray": "spread a batch over several machines",
    "shards": "train on shards that lie on other machines",
    "sofa": "read measured head responses (SOFA files)",
    "tensorboard": "watch training in TensorBoard",
    "wandb": "watch training in Weights and Biases",
}


@dataclass(frozen=True)
class Extra:
    """A group of optional packages.

    Attributes:
        name: As in `audiospace[NAME]`.
        purpose: What it is for.
        packages: Version of each package; None where it is not installed.
    """

    name: str
    purpose: str
    packages: dict[str, str | None]

    @property
    def installed(self) -> bool:
        """Whether all of its packages are there."""
        return None not in self.packages.values()

    @property
    def command(self) -> str:
        """The command that adds it."""
        return pip_command(self.name)


def list_extras() -> tuple[Extra, ...]:
    """Look for the optional packages, except those for developers.

    Returns:
        Every group that this package declares, in order of name.
    """
    groups: dict[str, dict[str, str | None]] = {}
    for requirement in requires("audiospace") or ():
        found = _REQUIREMENT.match(requirement)
        if found is not None and found["extra"] != _FOR_DEVELOPERS:
            groups.setdefault(found["extra"], {})[found["package"]] = installed_version(found["package"])
    return tuple(Extra(name, _PURPOSES.get(name, ""), groups[name]) for name in sorted(groups))


def is_installed(extra: str) -> bool:
    """Whether the packages of an extra are there.

    Args:
        extra: Its name.

    Returns:
        False too for one that is not declared.
    """
    return any(entry.installed for entry in list_extras() if entry.name == extra)


def installed_version(package: str) -> str | None:
    """Give the version of an installed package.

    Args:
        package: Its name.

    Returns:
        The version, or None if it is not installed.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def pip_command(extra: str) -> str:
    """Give the command that adds the packages of an extra.

    Args:
        extra: Its name.

    Returns:
        A line for the shell.
    """
    return f"pip install 'audiospace[{extra}]'"
