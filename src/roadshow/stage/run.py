"""Run the cells of one segment in a terminal, as the build does, for somebody who wants to try to break what it shows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from traitlets.config import Config

from roadshow.cells import Cell, kernel_environment, read_cells
from roadshow.stage import StageError
from roadshow.visit import Visit


def run(page: Path, root: Path, visit: Visit, console: Console) -> None:
    """Run the cells of a page in a fresh kernel in `root`, and print what each puts out under the title of its slide.

    Raises:
        StageError: there is no such page, it has no cells, or one of them failed; the message names the cell.
    """
    try:
        cells = read_cells(page.read_text(encoding="utf-8"))
    except OSError as error:
        raise StageError(f"{page}: cannot be read ({error.strerror}); name a segment, or the file of one") from None
    if not cells:
        raise StageError(f"{page}: has no cells to run")
    tags = {False: [], True: ["raises-exception"]}
    made = [nbformat.v4.new_code_cell(cell.code, metadata={"tags": tags[cell.may_raise]}) for cell in cells]
    place, said = "", set[str]()

    def begin(cell: Any, cell_index: int) -> None:
        nonlocal place
        place = f"{page}:{cells[cell_index].line}: cell {cell_index + 1} of {len(cells)}"

    def show(cell: Any, cell_index: int, execute_reply: object) -> None:
        _print(cells[cell_index], cell.outputs, said, console)

    with tempfile.TemporaryDirectory(prefix="roadshow-", ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            nbformat.v4.new_notebook(cells=made),
            # A socket of the file system is nobody else's.
            config=Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder, "kernel"))}}),
            timeout=None,
            kernel_name="python3",
            resources={"metadata": {"path": str(root)}},
        )
        client.on_cell_start, client.on_cell_executed = begin, show
        try:
            client.execute(env=kernel_environment(root, visit, Path(folder)))
        except CellExecutionError as error:
            raise StageError(f"{place} raised {error.ename}: {error.evalue}") from None
        except DeadKernelError:
            raise StageError(f"{place} ended its kernel (killed, perhaps for want of memory)") from None


def _print(cell: Cell, outputs: list[Any], said: set[str], console: Console) -> None:
    if outputs and cell.slide not in said:
        said.add(cell.slide)
        console.print(f"\n[bold]{escape(cell.slide)}[/]")
    for output in outputs:
        if output.output_type == "stream":
            console.print(escape(output.text.rstrip()), highlight=False)
        elif output.output_type == "error":
            console.print(f"{escape(output.ename)}: {escape(output.evalue)}", highlight=False)
        elif table := _table(output.data.get("text/html", "")):
            console.print(table)
        elif "image/png" in output.data or "image/svg+xml" in output.data:
            console.print("(a picture)")
        else:
            console.print(escape(output.data.get("text/plain", "").rstrip()), highlight=False)


def _table(html: str) -> Table | None:
    """The one table that an output consists of; none for other HTML, such as a repr."""
    soup = BeautifulSoup(html, "html.parser")
    found = soup.find("table")
    if not found or soup.find("style"):
        return None
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in found.find_all("tr")]
    table = Table(*rows[0])
    for row in rows[1:]:
        table.add_row(*map(escape, row))
    return table
