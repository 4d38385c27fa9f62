"""The client of a page's kernel: it runs the cells, notes what each took, and stops one that puts out without end."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbclient import NotebookClient

from roadshow.ledger import CellRun
from roadshow.sphinx.store import code_cells

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbformat import NotebookNode

MOST_OUTPUT = 10 * 2**20
"""Characters that one cell may put out: more than any page can show, and less than what fills a machine."""


class Client(NotebookClient):
    """Runs a notebook in two steps, notes what each cell took, and stops one that puts out without end."""

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.runs: list[CellRun] = []
        self.current, self.put_out, self.started = 0, 0, 0.0
        self.on_cell_start, self.on_cell_execute, self.on_cell_executed = self._reach, self._start, self._end

    @asynccontextmanager
    async def kernel(self, environment: dict[str, str]) -> AsyncIterator[None]:
        """Have a kernel. (nbclient's own takes Ctrl-C for its one kernel only; all of them have to go.)"""
        self.create_kernel_manager()
        try:
            # What a cell prints comes another way; here a kernel that ends says, at length, what it could not flush.
            await self.async_start_new_kernel(env=environment, stderr=subprocess.DEVNULL)
            await self.async_start_new_kernel_client()
            yield
        finally:
            await self._async_cleanup_kernel()

    async def run_cells(self) -> None:
        """Run every cell, in the kernel that is there."""
        assert self.kc
        reply = await self.async_wait_for_reply(self.kc.kernel_info())
        self.nb.metadata["language_info"] = reply["content"]["language_info"] if reply else {}
        for index, cell in enumerate(self.nb.cells):
            await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)

    def _reach(self, cell: NotebookNode, cell_index: int) -> None:
        self.current = cell_index

    def _start(self, cell: NotebookNode, cell_index: int) -> None:
        self.put_out, self.started = 0, time.perf_counter()
        _reset_peak(self._pid)

    def _end(self, cell: NotebookNode, cell_index: int, execute_reply: object) -> None:
        seconds = time.perf_counter() - self.started
        number = sum(cell.cell_type == "code" for cell in self.nb.cells[: cell_index + 1])
        self.runs.append(CellRun(number, code_cells(self.nb)[number - 1][0], seconds, _peak(self._pid)))
        cell.outputs = _joined(cell.outputs)

    @property
    def _pid(self) -> int:
        return self.km.provisioner.pid  # type: ignore[union-attr]

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> NotebookNode | None:
        content = msg["content"]
        self.put_out += len(content.get("text", "")) + sum(len(str(data)) for data in content.get("data", {}).values())
        if self.put_out > MOST_OUTPUT:
            # To nbclient its kernel is dead, and soon it is.
            assert self.task_poll_for_reply
            self.task_poll_for_reply.cancel()
            return None
        return super().output(outs, msg, display_id, cell_index)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with one stream of each name.

    A kernel sends what it has five times a second, in the middle of a line too, where `nb_merge_streams` would break the line.
    """
    joined: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type == "stream" and (first := streams.setdefault(output.name, output)) is not output:
            first.text += output.text
        else:
            joined.append(output)
    return joined


def _reset_peak(pid: int) -> None:
    """Have the system note the peak memory of a process anew. (Linux: `proc_pid_clear_refs(5)`.)"""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak(pid: int) -> int | None:
    """The peak memory of a process since it was reset, in bytes, where the system tells. (Linux: `proc_pid_status(5)`.)"""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            return int(found[1]) * 1024
    return None
