import math
from dataclasses import replace

import numpy as np
import pytest
from report_example import CLIPS, FRONT, MUTE, PERCENT, VISAGE, example, strip, unit

from audiospace.evaluation.report.plot_histogram import angles_by_system, histogram_figure
from audiospace.evaluation.report.plot_polar import place, polar_figure
from audiospace.evaluation.report.plot_strips import corner, decibels, moments, strip_figure
from audiospace.evaluation.report.plots import draw_plots
from audiospace.evaluation.report.plots_style import GREY, colours

PNG = b"\x89PNG"


def test_angles_are_great_circle_errors():
    angles = angles_by_system(example())
    assert set(angles) == {PERCENT, VISAGE, FRONT}
    assert np.degrees(angles[FRONT][0]) == pytest.approx(0)
    assert np.degrees(angles[PERCENT][:2]) == pytest.approx([30, 30])
    assert np.degrees(angles[VISAGE]) == pytest.approx([0, 180])


def test_histogram_has_a_panel_per_system_with_every_clip():
    pytest.importorskip("matplotlib")
    panels = [axes for axes in histogram_figure(example()).axes if axes.get_visible()]
    titles = [axes.get_title() for axes in panels]
    assert titles[1] == f"{VISAGE}\nmean 1.57, n = 2"
    assert [sum(bar.get_height() for bar in axes.patches) for axes in panels] == [3, 2, 3]
    assert [axes.patches[0].get_facecolor()[:3] for axes in panels][2] == pytest.approx((128 / 255,) * 3)


def test_front_is_up_and_left_is_on_the_left():
    pytest.importorskip("matplotlib")
    figure = polar_figure(example())
    axes = figure.axes[0]
    figure.canvas.draw()
    middle = axes.transData.transform((0, 0))

    def offset(azimuth, elevation):
        return axes.transData.transform(place(unit(azimuth, elevation))) - middle

    front, left, above, below = offset(0, 0), offset(90, 0), offset(0, 60), offset(0, -60)
    assert front[1] > 10
    assert front[0] == pytest.approx(0, abs=1e-6)
    assert left[0] < -10
    assert left[1] == pytest.approx(0, abs=1e-6)
    assert above[1] < front[1] < below[1]


def test_polar_plot_draws_given_systems_with_both_directions():
    pytest.importorskip("matplotlib")
    panels = polar_figure(example()).axes
    assert [axes.get_title() for axes in panels] == [f"{PERCENT} (n = 3)", f"{VISAGE} (n = 2)"]
    generated, recorded = (np.asarray(collection.get_offsets()) for collection in panels[0].collections)
    assert np.degrees(generated[:, 0]) == pytest.approx([30, 90, -90])
    assert generated[:, 1] == pytest.approx([90, 50, 110])
    assert recorded[:, 1] == pytest.approx([90, 80, 110])
    joined = panels[0].lines[0].get_xydata()
    assert joined[0] == pytest.approx(recorded[0])
    assert joined[1] == pytest.approx(generated[0])
    assert np.isnan(joined[2]).all()


def test_trivial_systems_are_drawn_where_there_are_no_others():
    pytest.importorskip("matplotlib")
    evaluation = example()
    only = replace(evaluation, systems=evaluation.systems[3:])
    assert [axes.get_title() for axes in polar_figure(only).axes] == [f"{FRONT} (n = 3)"]


def test_nothing_to_draw_makes_no_figure():
    pytest.importorskip("matplotlib")
    empty = replace(example(), directions={"reference": dict.fromkeys(CLIPS, unit(0, 0))}, strips=())
    assert histogram_figure(empty) is None
    assert polar_figure(empty) is None
    assert strip_figure(replace(strip(), maps={"reference": np.zeros((0, 4, 8))})) is None


def test_energy_maps_stand_where_they_belong():
    pytest.importorskip("matplotlib")
    axes = strip_figure(strip()).axes[0]
    places = [tuple(image.get_extent()) for image in axes.images]
    expected = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), *((c, line) for line in (2, 3) for c in range(3))]
    assert places == [
        (left, left + 360, top - 180, top) for left, top in (corner(*position) for position in expected)
    ]
    first = axes.images[0].get_array()
    row, column = np.unravel_index(np.argmax(first), first.shape)
    assert column / first.shape[1] == pytest.approx(0.25, abs=0.07)
    assert row / first.shape[0] == pytest.approx(0.5, abs=0.07)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["reference", PERCENT, VISAGE, MUTE]
    assert [text.get_text() for text in axes.texts] == ["0.5 s", "1.5 s", "2.5 s"]


def test_lines_go_down_and_moments_to_the_right_without_overlap():
    assert corner(0, 0) == (0, 0)
    assert corner(1, 0)[0] > 360
    assert corner(0, 1)[1] < -180


def test_levels_are_relative_to_the_loudest_of_a_line():
    levels = decibels(np.array([[[1.0, 10.0]], [[100.0, 1e-9]]]))
    assert levels.ravel() == pytest.approx([-15, -10, 0, -15])
    assert decibels(np.array([[[1.0, 4.0]]]))[0, 0, 0] == pytest.approx(-10 * math.log10(4))
    assert (decibels(np.zeros((2, 3, 4))) == -15).all()
    assert np.isfinite(decibels(np.full((1, 2, 2), np.nan))).all()


@pytest.mark.parametrize("count", [1, 7, 10, 11, 100])
def test_moments_are_evenly_spaced_and_few(count):
    chosen = moments(count)
    assert chosen[0] == 0
    assert len(chosen) <= 10
    assert chosen[-1] < count
    assert len(set(np.diff(chosen))) <= 1


def test_colours_of_given_systems_differ_and_trivial_ones_are_grey():
    chosen = colours([False, True, False, True])
    assert chosen[1] == chosen[3] == GREY
    assert len({chosen[0], chosen[2], GREY}) == 3


def test_plots_have_safe_names(tmp_path):
    pytest.importorskip("matplotlib")
    files = draw_plots(tmp_path, example())
    assert [path.name for path in files] == [
        "errors.png",
        "directions.png",
        "energy-01-dog_1.png",
        "energy-02-cat_the_.._x.png",
    ]
    assert all(path.read_bytes().startswith(PNG) for path in files)


def test_names_with_dollars_and_other_scripts_are_drawn(tmp_path, recwarn):
    pytest.importorskip("matplotlib")
    evaluation = example()
    odd = "$x_海$ \\frac"
    renamed = replace(
        evaluation,
        systems=(replace(evaluation.systems[0], name=odd),),
        directions={"reference": evaluation.directions["reference"], odd: evaluation.directions[PERCENT]},
        strips=(replace(strip(odd), maps={odd: strip().maps[PERCENT]}),),
    )
    assert len(draw_plots(tmp_path, renamed)) == 3
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
