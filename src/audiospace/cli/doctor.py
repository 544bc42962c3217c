"""`audiospace doctor`: what is here, what is missing, and the command that fixes it."""

from typing import TYPE_CHECKING, Annotated

import typer

from audiospace.cli.console import output, print_json
from audiospace.cli.models import listed_json

if TYPE_CHECKING:
    from audiospace.model_store import Diagnosis

UNHEALTHY = 1


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show what is installed, which devices and memory there are, and what each model still lacks.

    Ends with status 0 if audiospace-mini, the model that ships, can run, and with status 1 if not.
    """
    from audiospace.model_store import examine

    found = examine()
    if as_json:
        print_json(_tree(found))
    else:
        console = output()
        for line in [*_software(found), *_machine(found), *_models(found)]:
            console.print(line, markup=False)
    if not found.healthy:
        raise typer.Exit(UNHEALTHY)


def _software(found: "Diagnosis") -> list[str]:
    lines = ["installed"]
    lines += [f"  {package} {number or 'MISSING'}" for package, number in found.versions.items()]
    lines.append("optional packages")
    for extra in found.extras:
        state = "installed" if extra.installed else f"not installed; {extra.command}"
        lines.append(f"  {extra.name} ({extra.purpose}): {state}")
    return lines


def _machine(found: "Diagnosis") -> list[str]:
    cpu = found.processor
    instructions = f" ({', '.join(cpu.instructions)})" if cpu.instructions else ""
    lines = [
        "machine",
        f"  cpu: {cpu.name}, {cpu.cores} cores, {cpu.threads} threads, {cpu.capability}{instructions}",
    ]
    for device in found.accelerators:
        lines.append(f"  {device.device}: {device.name}, {_gigabytes(device.memory)}")
    if not found.accelerators:
        lines.append("  no GPU that PyTorch can use")
    lines.append(f"  free memory: {_gigabytes(found.memory)}")
    lines.append(f"  free disk: {_gigabytes(found.disk)} in {found.cache}")
    return lines


def _models(found: "Diagnosis") -> list[str]:
    lines = ["models"]
    for model in found.models:
        state = f"ready ({model.where})" if model.ready else "not ready; it lacks"
        lines.append(f"  {model.known.name}: {state}")
        for lack in model.lacks:
            lines.append(f"    {lack.what}" + (f": {lack.command}" if lack.command else ""))
    return lines


def _gigabytes(count: int | None) -> str:
    return "unknown" if count is None else f"{count / 1e9:.1f} GB"


def _tree(found: "Diagnosis") -> dict[str, object]:
    cpu = found.processor
    return {
        "healthy": found.healthy,
        "versions": found.versions,
        "extras": [
            {
                "name": extra.name,
                "purpose": extra.purpose,
                "installed": extra.installed,
                "packages": extra.packages,
                "command": extra.command,
            }
            for extra in found.extras
        ],
        "cpu": {
            "name": cpu.name,
            "cores": cpu.cores,
            "threads": cpu.threads,
            "capability": cpu.capability,
            "instructions": list(cpu.instructions),
        },
        "accelerators": [
            {"device": device.device, "name": device.name, "bytes": device.memory, "free_bytes": device.free}
            for device in found.accelerators
        ],
        "free_memory_bytes": found.memory,
        "cache": str(found.cache),
        "free_disk_bytes": found.disk,
        "models": [listed_json(model) for model in found.models],
    }
