from dataclasses import FrozenInstanceError, dataclass

import duckdb
import pandas as pd
import polars as pl
import pytest

from sellerlab import plots, text
from sellerlab.results import SHOWN_ROWS, Result


@dataclass(frozen=True, kw_only=True, repr=False)
class Sales(Result):
    total: float

    def _draw(self, ax):
        plots.bars(ax, ["A <b>", "B"], [3.0, -1.0], [plots.GAIN, plots.LOSS])


def sales(frame=None):
    frame = (
        pd.DataFrame({"sku": ["A <b>", "B"], "net_sales": [1234.4, None], "share": [0.25, 0.75]})
        if frame is None
        else frame
    )
    return Sales(
        table=frame,
        sentence="Of JPY 1,234 a quarter came from A.",
        definition="net sales: amount without tax",
        currency="JPY",
        formats={"net_sales": "money", "share": "rate"},
        total=1234.0,
    )


def test_an_answer_cannot_be_changed_by_accident():
    with pytest.raises(FrozenInstanceError):
        sales().total = 1.0


def test_it_prints_the_sentence_then_the_table_rounded_for_the_reader():
    lines = repr(sales()).splitlines()
    assert lines[0] == "Of JPY 1,234 a quarter came from A."
    assert lines[2].split() == ["sku", "net", "sales", "share"]
    assert lines[3].split() == ["A", "<b>", "JPY", "1,234", "25.0%"]
    assert lines[4].split() == ["B", "–", "75.0%"]


@pytest.mark.parametrize(
    "kind", [pl.from_pandas, lambda frame: pl.from_pandas(frame).lazy(), lambda frame: duckdb.from_df(frame)]
)
def test_it_prints_the_same_on_every_engine(kind):
    frame = pd.DataFrame({"sku": ["A"], "net_sales": [1234.4], "share": [0.25]})
    assert repr(sales(kind(frame))) == repr(sales(frame))


def test_html_escapes_what_comes_from_the_data_and_marks_numbers():
    html = sales()._repr_html_()
    assert "A &lt;b&gt;" in html
    assert "<b>" not in html
    assert '<td class="number">JPY 1,234</td>' in html
    assert '<th scope="col" class="text">sku</th>' in html
    assert "net sales: amount without tax" in html


def test_a_long_table_is_cut_and_says_so():
    frame = pd.DataFrame({"sku": [str(n) for n in range(SHOWN_ROWS + 5)]})
    html = sales(frame)._repr_html_()
    assert html.count("<tr>") == SHOWN_ROWS + 1
    assert "5 more rows" in html


def test_plot_draws_on_the_axes_it_is_given_and_returns_them():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert sales().plot(ax) is ax
    assert len(ax.patches) == 2


def test_show_puts_the_sentence_beside_the_picture(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *data, **more: shown.append((data, more)))
    sales().show()
    (bundle,), more = shown[0]
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == more["metadata"]["image/png"]["alt"] == sales().sentence


def test_the_words_around_the_table_follow_the_language():
    with text.language("ja"):
        assert "How it is computed" not in sales()._repr_html_()


def test_a_sentence_is_text_and_shows_itself_as_a_paragraph():
    answer = sales()
    assert answer.sentence == "Of JPY 1,234 a quarter came from A."
    assert answer.sentence._repr_html_() == "<p>Of JPY 1,234 a quarter came from A.</p>"
