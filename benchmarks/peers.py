"""What other libraries make of the same questions, each in an environment of its own.

    python -m benchmarks.peers          make the environments, once: .venv-peers/NAME

The one idea: a peer that needs older libraries than ours still reads the same Parquet file and is timed in
its own process. Where it defines something otherwise, it is asked for the part that means the same, and
only that part is compared; `SAME` says which.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import CHANNELS, LAST, STEPS
from benchmarks.jobs import Answer, Way, sorted_columns

HOMES = Path(__file__).parent.parent / ".venv-peers"
#: Environment to what is installed into it.
PINS = {
    "openretailscience": "openretailscience==0.48.1",
    "pymc-marketing": "pymc-marketing==0.19.2",
    "retentioneering": "retentioneering==5.2.4",
    "lifetimes": "lifetimes==0.11.3",
}
#: What each peer answers, where that is less than the question.
SAME = {
    "openretailscience": "RFM: recency and orders are compared; its scores break ties by customer",
    "pymc-marketing": "RFM: recency is compared; it scores in quarters and counts days, not orders",
    "retentioneering": "funnel without a limit of time, as it knows none",
}


def python_of(home: str) -> Path | None:
    """Return the interpreter that has a peer: of its environment, else this one, else None."""
    own = HOMES / home / "bin" / "python"
    here = find_spec(home.replace("-", "_"))
    return own if own.exists() else Path(sys.executable) if here else None


def ways(job: str) -> dict[str, Way]:
    """Return the ways of the peers that are there."""
    known = {name: (name.split(",")[0], *way) for name, way in _WAYS.get(job, {}).items()}
    return {
        name: Way(run, answer, home=home) for name, (home, run, answer) in known.items() if python_of(home)
    }


def _sales(orders: pd.DataFrame) -> pd.DataFrame:
    kept = (orders["status"] == "paid") & (orders["kind"] == "sale") & orders["customer_id"].notna()
    return orders[kept]


def _baskets(orders: pd.DataFrame) -> pd.DataFrame:
    """Return one row an order: customer, day and worth; a refund belongs to the day of its order."""
    paid = orders[(orders["status"] == "paid") & orders["customer_id"].notna()]
    paid = paid.assign(worth=paid["quantity"] * paid["unit_price"] - paid["discount"])
    return paid.groupby("order_id", as_index=False).agg(
        customer_id=("customer_id", "first"), day=("ordered_at", "min"), worth=("worth", "sum")
    )


def _retail_names(orders: pd.DataFrame, **more: Any) -> pd.DataFrame:
    names = {"order_id": "transaction_id", "ordered_at": "transaction_date", "quantity": "unit_quantity"}
    return orders.rename(columns=names).assign(**more)


def _retail_rfm(orders: pd.DataFrame) -> Any:
    from openretailscience.segmentation.rfm import RFMSegmentation

    sales = _sales(orders)
    worth = sales["quantity"] * sales["unit_price"] - sales["discount"]
    lines = _retail_names(sales, unit_spend=worth)
    return RFMSegmentation(
        lines, current_date=LAST.date(), r_segments=5, f_segments=5, m_segments=5
    ).table.execute()


def _retail_rfm_answer(found: Any) -> Answer:
    return sorted_columns(
        found.rename(columns={"frequency": "orders"}), ["customer_id"], ["recency_days", "orders"]
    )


def _retail_cohorts(orders: pd.DataFrame) -> Any:
    from openretailscience.analysis.cohort import CohortAnalysis

    return CohortAnalysis(_retail_names(_sales(orders)), "customer_id", "nunique", "month").df


def _retail_cohorts_answer(found: Any) -> Answer:
    from benchmarks.buyers import matrix

    return matrix(*np.indices(found.shape), found.to_numpy())


def _retail_profit(orders: pd.DataFrame) -> Any:
    from openretailscience.segmentation.segstats import SegTransactionStats

    from benchmarks.profit import finished

    paid = orders[orders["status"] == "paid"]
    worth = paid["quantity"] * paid["unit_price"] - paid["discount"]
    lines = _retail_names(paid, unit_spend=worth, sold=worth.where(paid["kind"] == "sale", 0.0))
    stats = SegTransactionStats(
        lines, ["sku", "channel"], grouping_sets=[("sku", "channel")], extra_aggs={"sold": ("sold", "sum")}
    )
    sums = stats.table.execute()
    rate = sums["channel"].map({name: rate for name, (rate, _) in CHANNELS.items()}).astype(float)
    sums = sums.rename(columns={"spend": "net_sales"}).assign(fees=sums["sold"] * rate, fulfilment=0.0)
    return finished(sums[["sku", "channel", "net_sales", "units", "fees", "fulfilment"]])


def _profit_answer(found: Any) -> Answer:
    from benchmarks.profit import answer

    return answer(found)


def _marketing_rfm(orders: pd.DataFrame) -> Any:
    from pymc_marketing.clv import rfm_segments

    sales = _sales(orders)
    worth = sales["quantity"] * sales["unit_price"] - sales["discount"]
    lines = sales.assign(worth=worth)[["customer_id", "ordered_at", "worth"]]
    return rfm_segments(lines, "customer_id", "ordered_at", "worth", observation_period_end=LAST)


def _marketing_rfm_answer(found: Any) -> Answer:
    return sorted_columns(
        found.rename(columns={"recency": "recency_days"}), ["customer_id"], ["recency_days"]
    )


def _marketing_repeat(orders: pd.DataFrame) -> Any:
    from pymc_marketing.clv import rfm_summary

    return rfm_summary(
        _baskets(orders), "customer_id", "day", "worth", observation_period_end=LAST, time_scaler=7
    )


def _lifetimes_repeat(orders: pd.DataFrame) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes.utils import summary_data_from_transaction_data

        found = summary_data_from_transaction_data(
            _baskets(orders), "customer_id", "day", "worth", observation_period_end=LAST, freq_multiplier=7
        )
    return found.reset_index()


def _repeat_answer(found: Any) -> Answer:
    found = found.rename(columns={"T": "age", "monetary_value": "value"})
    found["value"] = found["value"].where(found["frequency"] > 0)
    return sorted_columns(found, ["customer_id"], ["frequency", "recency", "age", "value"])


def _marketing_fit(histories: pd.DataFrame) -> Any:
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel

    # Flat priors: with them the top of the posterior is that of the likelihood.
    flat = {name: Prior("HalfFlat") for name in ("alpha", "r", "a", "b")}
    data = histories.rename(columns={"age": "T"}).assign(customer_id=range(len(histories)))
    model = BetaGeoModel(data=data, model_config=flat)
    model.fit(method="map", progressbar=False)
    return {name: float(model.fit_result[name].to_numpy().squeeze()) for name in flat}


def _lifetimes_fit(histories: pd.DataFrame) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter

        fitter = BetaGeoFitter()
        weights = histories.get("customers")
        fitter.fit(histories["frequency"], histories["recency"], histories["age"], weights=weights)
    return fitter.params_.to_dict()


def _lifetimes_grouped(histories: pd.DataFrame) -> Any:
    keys = ["frequency", "recency", "age"]
    return _lifetimes_fit(
        histories.groupby(keys, as_index=False).size().rename(columns={"size": "customers"})
    )


def _fit_answer(found: Any) -> Answer:
    from benchmarks.buyers import fit_answer

    return fit_answer(found)


def _paths(events: pd.DataFrame) -> Any:
    from retentioneering import Eventstream

    stream = Eventstream(events.rename(columns={"at": "timestamp"}))
    return [step["unique_paths"] for step in stream.funnel_data(list(STEPS))["steps"]]


def _paths_answer(found: Any) -> Answer:
    return {"reached": np.array(found, dtype=float)}


_WAYS: dict[str, dict[str, Any]] = {
    "profit": {"openretailscience": (_retail_profit, _profit_answer)},
    "rfm": {
        "openretailscience": (_retail_rfm, _retail_rfm_answer),
        "pymc-marketing": (_marketing_rfm, _marketing_rfm_answer),
    },
    "cohorts": {"openretailscience": (_retail_cohorts, _retail_cohorts_answer)},
    "repeat": {
        "lifetimes": (_lifetimes_repeat, _repeat_answer),
        "pymc-marketing": (_marketing_repeat, _repeat_answer),
    },
    "funnel_open": {"retentioneering": (_paths, _paths_answer)},
    "fit": {
        "lifetimes": (_lifetimes_fit, _fit_answer),
        "lifetimes, grouped by hand": (_lifetimes_grouped, _fit_answer),
        "pymc-marketing": (_marketing_fit, _fit_answer),
    },
}


def install() -> None:
    """Make an environment for each peer, with this interpreter."""
    for name, pin in PINS.items():
        if not python_of(name):
            print(f"{name} …", flush=True)
            subprocess.run([sys.executable, "-m", "venv", HOMES / name], check=True)
            subprocess.run([python_of(name), "-m", "pip", "install", "-q", pin, "pyarrow"], check=True)


if __name__ == "__main__":
    install()
