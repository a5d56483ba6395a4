"""One look for every picture: colour-blind safe, readable at a projector and in print.

Colours are those of Okabe and Ito (2008), told apart with any colour vision; text is large enough for
the last row of a room. A picture never shows boxes instead of letters without a word: where the system
has no font for a script, the picture says which font to install.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe-Ito without its yellow, which is too pale on white.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#555555")
GAIN, LOSS, TOTAL, MUTED = "#009E73", "#D55E00", "#0072B2", "#999999"

#: Scripts, the letters that show them, and fonts that have them, best first.
SCRIPTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "Japanese": (
        r"[\u3040-\u30ff]",
        ("Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic", "Hiragino Sans", "Meiryo", "IPAexGothic"),
        "Noto Sans CJK",
    ),
    "Korean": (
        r"[\uac00-\ud7a3]",
        ("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans KR", "Malgun Gothic", "AppleGothic"),
        "Noto Sans CJK",
    ),
    "Chinese": (
        r"[\u4e00-\u9fff]",
        ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Microsoft YaHei", "PingFang SC"),
        "Noto Sans CJK",
    ),
    "Hebrew": (
        r"[\u0590-\u05ff]",
        ("DejaVu Sans", "Noto Sans Hebrew", "Arial", "Arial Hebrew"),
        "Noto Sans Hebrew",
    ),
}

#: Width of a picture, inches: narrow enough that its words can still be read on a phone.
WIDTH = 6.4

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.unicode_minus": False,
    "figure.dpi": 150,
    "figure.figsize": (WIDTH, 3.6),
    "font.size": 11,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "savefig.dpi": 150,
    "svg.hashsalt": "sellerlab",
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}


@contextmanager
def look() -> Iterator[None]:
    """Draw everything inside the block in sellerlab's look; global settings stay as they were.

    >>> import matplotlib
    >>> before = matplotlib.rcParams["axes.grid"]
    >>> with look():
    ...     inside = matplotlib.rcParams["axes.grid"]
    >>> inside, matplotlib.rcParams["axes.grid"] == before
    (True, True)
    """
    import matplotlib
    from cycler import cycler

    from sellerlab import text

    # Chinese, Japanese and Korean share letters that each draws in its own way: the reader's own comes first.
    own = {"zh": "Chinese", "ko": "Korean"}.get(text.current())
    scripts = sorted(SCRIPTS, key=lambda script: script != own)
    families = ["DejaVu Sans", *(font for script in scripts if (font := font_for(script)))]
    settings: dict[Any, Any] = _STYLE | {
        "axes.prop_cycle": cycler(color=COLOURS),
        "font.family": list(dict.fromkeys(families)),
    }
    with matplotlib.rc_context(settings):
        yield


@cache
def font_for(script: str) -> str | None:
    """Return the name of an installed font for a script, or None.

    >>> font_for("Hebrew") is not None
    True
    """
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return next((font for font in SCRIPTS[script][1] if font in installed), None)


def font_hint(texts: Iterable[str]) -> str:
    """Say which font to install where a script in `texts` has none here; else an empty string.

    >>> font_hint(["Phone stand"])
    ''
    """
    joined = "".join(texts)
    kana = re.search(SCRIPTS["Japanese"][0], joined)
    missing: dict[str, list[str]] = {}
    for script, (letters, _, package) in SCRIPTS.items():
        name = "Japanese" if script == "Chinese" and kana else script
        if re.search(letters, joined) and font_for(name) is None:
            missing.setdefault(package, []).append(name)
    if not missing:
        return ""
    scripts = " and ".join(dict.fromkeys(name for names in missing.values() for name in names))
    return f"No font here for {scripts} letters: install {' and '.join(missing)}."


def axes(ax: Axes | None = None, *, height: float = 3.6) -> Axes:
    """Return `ax`, or new axes `WIDTH` wide in sellerlab's look.

    Args:
        ax: Axes of the caller's own, drawn on as they are.
        height: Height of a new picture, inches.
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    return figure.add_subplot()


def png(figure: Figure) -> bytes:
    """Return the picture as PNG bytes: the same picture gives the same bytes.

    A note is added under a picture whose letters no installed font can draw.
    """
    import warnings

    from matplotlib.text import Text

    hint = font_hint(text.get_text() for text in figure.findobj(Text))
    if hint:
        figure.supxlabel(hint, fontsize=9, color=LOSS)
    stream = io.BytesIO()
    with warnings.catch_warnings():
        if hint:
            warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def show(figure: Figure, alt: str) -> None:
    """Show a picture in a notebook with `alt` as its text for those who cannot see it.

    Args:
        figure: The picture; it is closed afterwards.
        alt: The finding in words, not a title.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    data = png(figure)
    plt.close(figure)
    bundle = {"image/png": data, "text/plain": alt}
    shown = {"alt": alt, "width": round(WIDTH * 100)}
    display(bundle, metadata={"image/png": shown}, raw=True)  # type: ignore[no-untyped-call]


def bars(ax: Axes, labels: Sequence[str], values: Sequence[float], colours: Sequence[str]) -> None:
    """Draw horizontal bars, first on top, each in its own colour.

    Args:
        ax: Axes to draw on.
        labels: One name a bar.
        values: One length a bar.
        colours: One colour a bar.
    """
    places = range(len(labels))
    ax.barh(places, values, color=colours)
    ax.set_yticks(list(places), labels)
    ax.invert_yaxis()
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def money_axis(ax: Axes, currency: str | None, *, axis: str = "y") -> None:
    """Write the ticks of an axis as whole amounts and name the currency.

    Args:
        ax: Axes to write on.
        currency: ISO code, or None.
        axis: ``"x"`` or ``"y"``.
    """
    from sellerlab import text

    which = ax.xaxis if axis == "x" else ax.yaxis
    low, high = which.get_view_interval()
    decimals = 0 if max(abs(low), abs(high)) >= 10 else 2
    which.set_major_formatter(lambda value, _: text.number(value, decimals))
    if axis == "x":
        ax.locator_params(axis="x", nbins=6)  # wide labels side by side would run into each other
    (ax.set_xlabel if axis == "x" else ax.set_ylabel)(currency or text.say("amount"))


def percent_axis(ax: Axes, *, axis: str = "y") -> None:
    """Write the ticks of an axis as percentages.

    Args:
        ax: Axes to write on.
        axis: ``"x"`` or ``"y"``.
    """
    from sellerlab import text

    which = ax.xaxis if axis == "x" else ax.yaxis

    def written(value: float, _: float) -> str:
        # Ticks of 2.5% written whole would read 2%, 5%, 8%. All of an axis get the decimals of its step.
        ticks = [100 * float(each) for each in which.get_majorticklocs()]
        step = min((right - left for left, right in pairwise(ticks)), default=1.0)
        decimals = next((n for n in (0, 1) if abs(step - round(step, n)) < 1e-6), 2)
        return text.percent(value, decimals)

    which.set_major_formatter(written)
