"""Kernels that stay warm, so that many reports cost one start.

Most of the time of a single report is spent on starting a kernel and importing libraries. The one idea: a
kernel that has run a report is emptied and used again; what was imported stays, what was read is gone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import util
from typing import Any

#: Given to every kernel: no log on the terminal, no record of what was run on disk.
ARGUMENTS = ("--IPKernelApp.log_level=40", "--HistoryManager.enabled=False")

#: Name under which papermill knows the engine below.
ENGINE = "sellerlab-warm"

#: Run between two reports: what the last one read is gone, and so is what its error may still hold.
_EMPTY = (
    "import sys; sys.last_value = sys.last_traceback = sys.last_exc = None; "
    "get_ipython().reset(); __import__('gc').collect()"
)

_idle: list[Any] = []
_lock = threading.Lock()


@contextmanager
def warm() -> Iterator[dict[str, Any]]:
    """Lend a kernel that has run before, or a new one, as arguments for `papermill.execute_notebook`."""
    _register()
    with _lock:
        manager = _idle.pop() if _idle else None
    manager = manager or _started()
    try:
        yield {"engine_name": ENGINE, "km": manager}
    finally:
        if manager.is_alive():
            with _lock:
                _idle.append(manager)
        _close_loop()


def close() -> None:
    """End the kernels of this process that are not in use."""
    with _lock:
        ending, _idle[:] = list(_idle), []
    for manager in ending:
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


# Also where a worker of a pool ends, which leaves Python without its usual goodbye.
util.Finalize(None, close, exitpriority=100)


def _close_loop() -> None:
    """Close the event loop that Jupyter opened for this thread, if the thread may end before the program."""
    import asyncio

    from jupyter_core.utils import ensure_event_loop

    if threading.current_thread() is not threading.main_thread():
        ensure_event_loop().close()
        asyncio.set_event_loop(None)


def _started() -> Any:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    manager.client_class = "jupyter_client.asynchronous.AsyncKernelClient"
    manager.start_kernel(extra_arguments=list(ARGUMENTS))
    return manager


def _register() -> None:
    """Tell papermill of an engine that runs a notebook in the kernel it is given, and empties it."""
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class Warm(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, km: Any, **_: Any) -> None:
            client = PapermillNotebookClient(nb_man, km=km, kernel_name=kernel_name)
            # Saved once, when it has failed or is done, and not before and after each cell.
            save, nb_man.save = nb_man.save, lambda **_: None
            try:
                client.execute()
                client.wait_for_reply(client.kc.execute(_EMPTY, silent=True))
            except BaseException:
                save()
                km.shutdown_kernel(now=True)  # what it holds now is not known
                raise
            finally:
                if client.kc is not None:
                    client.kc.stop_channels()

    papermill_engines.register(ENGINE, Warm)
