import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from sellerlab import plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_look_leaves_global_settings_as_they_were():
    before = dict(mpl.rcParams)
    with plots.look():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


def test_the_same_picture_gives_the_same_bytes():
    def draw():
        with plots.look():
            ax = plots.axes()
            plots.bars(ax, ["A", "B"], [2, -1], [plots.GAIN, plots.LOSS])
            plots.money_axis(ax, "JPY", axis="x")
            return plots.png(ax.figure)

    assert draw() == draw()


def test_colours_are_told_apart_with_any_colour_vision():
    """Every two colours differ in lightness or survive a deuteranope's view by a clear distance."""
    import numpy as np
    from matplotlib.colors import to_rgb

    rgb = np.array([to_rgb(colour) for colour in plots.COLOURS])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    # Deuteranopia, Viénot, Brettel and Mollon (1999), in linear RGB.
    deuteranope = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    seen = np.clip(linear @ deuteranope.T, 0, 1) ** (1 / 2.4)
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > 0.08


def test_a_script_without_a_font_is_answered_with_the_font_to_install(monkeypatch):
    monkeypatch.setattr(plots, "font_for", lambda script: None)
    assert plots.font_hint(["手机支架"]) == "No font here for Chinese letters: install Noto Sans CJK."
    assert "Japanese" in plots.font_hint(["スマホ台"])
    assert "Korean and Hebrew" in plots.font_hint(["거치대", "ספר"])
    assert plots.font_hint(["Phone stand"]) == ""


def test_boxes_never_come_without_a_word(monkeypatch):
    monkeypatch.setattr(plots, "font_for", lambda script: None)
    with plots.look():
        ax = plots.axes()
        ax.set_title("スマホ台")
        plots.png(ax.figure)
    assert "install Noto Sans CJK" in ax.figure.get_supxlabel()


def test_money_axis_names_the_currency():
    with plots.look():
        ax = plots.axes()
        ax.plot([0, 12000])
        plots.money_axis(ax, "JPY")
    assert ax.get_ylabel() == "JPY"
    assert ax.yaxis.get_major_formatter()(12000, 0) == "12,000"


def test_percent_axis_writes_shares():
    with plots.look():
        ax = plots.axes()
        plots.percent_axis(ax, axis="x")
    assert ax.xaxis.get_major_formatter()(0.25, 0) == "25%"


@pytest.mark.parametrize(
    ("ticks", "written"),
    [
        ([0, 0.05, 0.1], ["0%", "5%", "10%"]),
        ([0, 0.025, 0.05, 0.075], ["0.0%", "2.5%", "5.0%", "7.5%"]),
        ([0, 0.0025, 0.005], ["0.00%", "0.25%", "0.50%"]),
    ],
)
def test_percent_axis_writes_no_two_steps_of_different_size(ticks, written):
    with plots.look():
        ax = plots.axes()
        ax.set_yticks(ticks)
        plots.percent_axis(ax)
        ax.figure.canvas.draw()
    assert [each.get_text() for each in ax.get_yticklabels()] == written
