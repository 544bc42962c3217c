"""From a table's name to the table: everything that is missing is prepared, trained and judged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from audiospace import __version__
from audiospace.baselines import FRONT, random_direction
from audiospace.evaluation.report.plots_style import require_plots
from audiospace.hearing import load_embedder
from audiospace.model_store import load_model
from audiospace.models import SpatialAudioModel
from audiospace.reproduction.config import Row, Size, read_size, read_table
from audiospace.reproduction.data import (
    SETS,
    TEST,
    OnProgress,
    Source,
    prepare_items,
    read_items,
    scene_examples,
)
from audiospace.reproduction.judging import (
    Figures,
    FloatArray,
    Judged,
    compare,
    errors,
    generated,
    kept,
    listen,
    reconstructed,
)
from audiospace.reproduction.networks import check_autoencoder
from audiospace.reproduction.plot import draw_table
from audiospace.reproduction.report import Report, write_csv, write_markdown
from audiospace.reproduction.results import read_figures, write_figures
from audiospace.reproduction.stages import Workshop, trained
from audiospace.reproduction.summary import Line, reference, summarise
from audiospace.training.latents import fingerprint
from audiospace.training.processes import Machines, launch

JUDGE = "judge"
"""The embedder behind FD and KL: small, and always at hand."""

OnRow = Callable[[str, int, Figures], None]
"""Called with a row's title, the seed and the figures when they are there."""


@dataclass(frozen=True)
class Request:
    """What to reproduce, and with what.

    Attributes:
        table: 'pretraining', 'branches', or the path of a YAML file like theirs.
        output: Folder for the tables, and for everything that they are made from.
        size: 'cpu', 'gpu', 'tiny', or the path of a YAML file like theirs.
        model: Name or file of the model whose autoencoder all rows share.
        sounds: Folders of recordings that join the procedural sounds.
        seeds: How many times everything is trained; as the size says if None.
        jobs: Processes that prepare scenes.
        plots: Whether the table is drawn, too.
    """

    table: str
    output: Path
    size: str = "cpu"
    model: str = "audiospace-mini"
    sounds: tuple[Path, ...] = ()
    seeds: int | None = None
    jobs: int = 1
    plots: bool = True


@dataclass(frozen=True)
class Bench:
    """What rows are judged with.

    Attributes:
        shop: What they are trained with.
        truth: What the test scenes sound like.
        sample_rate: Of the sounds.
    """

    shop: Workshop
    truth: Judged
    sample_rate: int


def reproduce(request: Request, on_progress: OnProgress, on_row: OnRow) -> tuple[Path, ...]:
    """Train and judge the rows of a table. What an earlier call has finished is taken from its files.

    The table is written anew after every row, so that an interruption leaves what there is.

    Args:
        request: What to do.
        on_progress: Called with what is being done, how much of it is done and how much there is.
        on_row: Called with each row's figures.

    Returns:
        The table's files: Markdown, CSV, and the plot if it was asked for.

    Raises:
        UserError: A file or folder is wrong, or the model's autoencoder does not suit a row.
        MissingExtraError: A plot is asked for and matplotlib is not installed.
        Stopped: SIGTERM or Ctrl-C came during training; a checkpoint was saved.
    """
    if request.plots:
        require_plots()
    table, size = read_table(request.table), read_size(request.size)
    seeds = size.seeds if request.seeds is None else request.seeds
    loaded = load_model(request.model)
    for row in table.rows:
        check_autoencoder(row.variant, loaded.model.vae)
    sounds = [str(path) for path in request.sounds]
    key = fingerprint(__version__, replace(size, seeds=1), sounds, loaded.sha256)
    folder = request.output / f"{Path(request.size).stem}-{key[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    source = Source(size, request.sounds, request.model, folder / "data")
    source.folder.mkdir(exist_ok=True)
    prepare_items(source, request.jobs, on_progress)
    bench = _bench(source, loaded.model, folder, on_progress)
    references = _references(bench, loaded.model, folder)
    circumstances = _circumstances(size, source)
    found: dict[str, list[Figures]] = {row.title: [] for row in table.rows}
    done, total = 0, seeds * len(table.rows)
    files: tuple[Path, ...] = ()
    for seed in range(seeds):
        for row in table.rows:
            on_progress("rows", done, total)
            figures = _row(bench, row, seed, folder)
            found[row.title].append(figures)
            on_row(row.title, seed, figures)
            done += 1
            finished = [(one, found[one.title]) for one in table.rows if found[one.title]]
            lines = [*summarise(finished), *references]
            report = Report(table, lines, circumstances)
            files = _write(request, report)
    on_progress("rows", done, total)
    return files


def _bench(source: Source, model: SpatialAudioModel, folder: Path, on_progress: OnProgress) -> Bench:
    items = {name: read_items(source, name) for name in SETS}
    fabric = launch(Machines(), "bfloat16" if source.size.precision == "bfloat16" else "float32")
    shop = Workshop(source.size, model.vae, items.__getitem__, folder / "weights", fabric, on_progress)
    path, rate = folder / "truth.npz", model.vae.sample_rate
    truth = kept(path)
    if truth is None:
        samples = items[TEST].latents.shape[2] * model.vae.hop
        fields = (sound[:, :samples] for sound in _test_fields(source, rate, on_progress))
        truth = kept(path, listen(fields, load_embedder(JUDGE), rate))
    assert truth is not None  # noqa: S101  just written
    return Bench(shop, truth, rate)


def _test_fields(source: Source, sample_rate: int, on_progress: OnProgress) -> Iterator[FloatArray]:
    count = source.count(TEST)
    examples = scene_examples(source.recipe("test"), sample_rate, 0)
    for number in range(count):
        yield next(examples).sound
        on_progress("truth", number + 1, count)


def _row(bench: Bench, row: Row, seed: int, folder: Path) -> Figures:
    """Train, generate and judge, unless the figures are there."""
    path = folder / "rows" / f"{row.variant.name}_seed-{seed}.json"
    figures = read_figures(path)
    if figures is None:
        model = trained(bench.shop, row.variant, seed)
        items = bench.shop.items(TEST)
        sounds = _counted(generated(model, items, seed, bench.shop.fabric.device), bench, len(items))
        figures = compare(bench.truth, listen(sounds, load_embedder(JUDGE), bench.sample_rate))
        write_figures(path, figures)
    return figures


def _counted(sounds: Iterator[FloatArray], bench: Bench, count: int) -> Iterator[FloatArray]:
    for number, sound in enumerate(sounds, start=1):
        yield sound
        bench.shop.on_progress("sounds", number, count)


def _references(bench: Bench, model: SpatialAudioModel, folder: Path) -> list[Line]:
    """Rows that show what the figures can be: the best, and what is had without looking."""
    truth, path = bench.truth, folder / "rows" / "reconstruction.json"
    best = read_figures(path)
    if best is None:
        sounds = reconstructed(model, bench.shop.items(TEST))
        best = compare(truth, listen(sounds, load_embedder(JUDGE), bench.sample_rate))
        write_figures(path, best)
    other = Judged(*(np.roll(values, 1, axis=0) for values in vars(truth).values()))
    at_random = np.stack([random_direction(f"test-{number}", 0) for number in range(len(truth.directions))])
    return [
        reference("true latents, decoded", best),
        reference("another scene's sound", replace(compare(truth, other), fd=None)),
        reference("always front", Figures(errors(truth.directions, np.array(FRONT)), None)),
        reference("random direction", Figures(errors(truth.directions, at_random), None)),
    ]


def _circumstances(size: Size, source: Source) -> tuple[str, ...]:
    sounds = (
        f"procedural sounds and {len(source.sounds)} folders of recordings"
        if source.sounds
        else ("procedural sounds alone")
    )
    device = "a GPU" if torch.cuda.is_available() else "the CPU"
    return (
        f"{size.test_scenes} test scenes of SimSphere, {size.seconds:g} s each, {sounds}; trained on "
        f"{size.scenes} others with simulated features, on {device}.",
        f"Networks of width {size.width} and depth {size.depth}: {size.finetune_steps} steps with video of "
        f"{size.batch_size} scenes, after {size.coarse_steps} (coarse) and {size.fine_steps} (fine) steps of "
        "pre-training where there is any. All rows share autoencoder, scenes, and the noise they start from.",
        "FD and KL are of the embedded sound judge.",
    )


def _write(request: Request, report: Report) -> tuple[Path, ...]:
    base = request.output / report.table.name
    files = [base.with_suffix(".md"), base.with_suffix(".csv")]
    write_markdown(files[0], report)
    write_csv(files[1], report)
    if request.plots:
        files.append(base.with_suffix(".png"))
        draw_table(files[2], report)
    return tuple(files)
