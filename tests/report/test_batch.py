"""A batch: one report a shop, whatever happens to the other shops."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sellerlab import report
from sellerlab.errors import InputError, ReadError, UnknownNameError
from sellerlab.report import kernels

Template = Callable[..., Path]

BROKEN = 'from sellerlab.errors import InputError\nif shop_name == "noa": raise InputError("No orders.")\n'


class Here(Executor):
    """An executor that runs everything at once, in this process, as some clusters' do."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def listed(folder: Path, text: str) -> Path:
    path = folder / "shops.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shop_that_fails_does_not_stop_the_other(tmp_path: Path, template: Template) -> None:
    shops = listed(tmp_path, "shared: {month: 2026-05}\nshops:\n  noa:\n  mika: {shop_name: '007'}\n")
    told: list[tuple[int, int, str, str]] = []
    path = template(("markdown", "## Channels"), ("code", BROKEN + "print('shop', shop_name)"))
    made = report.batch(
        "monthly", shops, out=tmp_path / "out", told=lambda *step: told.append(step), template=path
    )
    assert list(made.made) == ["mika"]
    assert made.failed["noa"].startswith("The report stopped at: Channels\nWhy: No orders.")
    assert sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in tmp_path.rglob("sellerlab-*")
    ) == [
        "mika/sellerlab-monthly-2026-05.html",
        "mika/sellerlab-monthly-2026-05.ipynb",
        "noa/sellerlab-monthly-2026-05-failed.ipynb",
    ]
    assert "<p>shop 007</p>" in made.made["mika"].html.read_text(encoding="utf-8")
    assert sorted((shop, bool(why)) for _, _, shop, why in told) == [("mika", False), ("noa", True)]
    assert [done for done, *_ in told] == [1, 2]
    summary = made.summary().splitlines()
    assert summary[0] == "Reports made: 1 of 2."
    assert "    Orders: 3" in summary
    assert summary[-4:-2] == ["Failed: 1.", "  noa: The report stopped at: Channels"]


def test_parameter_that_cannot_be_right_fails_its_own_shop_only(tmp_path: Path, template: Template) -> None:
    shops = {"mika": {}, "noa": {"curency": "JPY"}, "ren": {"orders": tmp_path / "no.csv"}}
    made = report.batch(
        "monthly", shops, out=tmp_path / "out", executor=Here(), template=template(("code", "1"))
    )
    assert list(made.made) == ["mika"]
    assert "Did you mean 'currency'" in made.failed["noa"]
    assert "no.csv" in made.failed["ren"]


def test_any_executor_will_do_and_is_left_open(tmp_path: Path, template: Template) -> None:
    path = template(("code", "print(shop_name)"))
    with ThreadPoolExecutor(2) as pool:
        made = report.batch("monthly", {"a": {}, "b": {}}, out=tmp_path, executor=pool, template=path)
        assert pool.submit(lambda: 1).result() == 1
    assert list(made.made) == ["a", "b"]
    assert kernels._idle == []


def test_kernel_is_used_again_and_knows_nothing_of_the_shop_before(
    tmp_path: Path, template: Template
) -> None:
    first = template(("code", "secret = 'of shop a'; import os; print(os.getpid())"))
    one = report.make("monthly", out=tmp_path / "a", template=first, warm=True)
    second = template(("code", "import os; print(os.getpid(), 'secret' in globals(), len(In))"))
    other = report.make("monthly", out=tmp_path / "b", template=second, warm=True)
    kernels.close()
    pid = one.html.read_text(encoding="utf-8").split("<p>")[-1].split("</p>")[0]
    assert f"<p>{pid} False 5</p>" in other.html.read_text(encoding="utf-8")
    assert "of shop a" not in other.notebook.read_text(encoding="utf-8")


def test_kernel_that_died_is_not_lent_again(tmp_path: Path, template: Template) -> None:
    with pytest.raises(report.ReportError, match="ended by the system"):
        report.make("monthly", out=tmp_path, template=template(("code", "import os; os._exit(1)")), warm=True)
    made = report.make("monthly", out=tmp_path, template=template(("code", "print('well')")), warm=True)
    kernels.close()
    assert "<p>well</p>" in made.html.read_text(encoding="utf-8")


def test_shop_that_ends_its_worker_is_named(
    tmp_path: Path, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(Here):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            from concurrent.futures.process import BrokenProcessPool

            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("a worker is gone"))
            return future

    module = __import__("sys").modules["sellerlab.report.batch"]
    monkeypatch.setattr(module, "_pool", lambda workers: Breaking())
    made = report.batch("monthly", {"mika": {}}, out=tmp_path)
    assert "ended by the system" in made.failed["mika"]


def test_list_is_read_as_text_with_paths_from_its_folder(tmp_path: Path) -> None:
    from sellerlab.report.batch import _read

    shops = listed(
        tmp_path,
        "shared: {dayfirst: true, costs: costs.yaml}\n"
        "shops:\n  No: {orders: a/no.csv, shop_name: 007, month: 2026-05}\n  b: {dayfirst: false}\n",
    )
    costs = str(tmp_path / "costs.yaml")
    assert _read(shops, "monthly") == {
        "No": {
            "dayfirst": True,
            "costs": costs,
            "orders": str(tmp_path / "a" / "no.csv"),
            "shop_name": "007",
            "month": "2026-05",
        },
        "b": {"dayfirst": False, "costs": costs},
    }


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("- a\n- b\n", ReadError, "has no shops. Write each shop under 'shops:'"),
        ("shops: {a: [1}\n", ReadError, "line 1 is not YAML"),
        ("shop: {a: {}}\nshops: {a: {}}\n", UnknownNameError, "Did you mean 'shops'"),
        ("shops: {a: orders.csv}\n", ReadError, "a should hold `name: value` lines"),
        ("shops: {}\n", InputError, "names no shop"),
        ("shops: {../a: {}}\n", InputError, "'../a' cannot name a folder"),
        ("shops: {'a/b': {}}\n", InputError, "cannot name a folder"),
    ],
)
def test_list_that_cannot_be_right_is_refused(
    text: str, kind: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as error:
        report.batch("monthly", listed(tmp_path, text), out=tmp_path / "out")
    assert words in str(error.value)
    assert not (tmp_path / "out").exists()


def test_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"shops\.yaml cannot be read: there is no such file"):
        report.batch("monthly", tmp_path / "shops.yaml")
