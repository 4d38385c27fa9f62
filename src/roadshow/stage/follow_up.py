"""What the command shows of a follow-up: a table and what is due in the terminal, and a report with a plot to give away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from io import StringIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from rich.console import Console
from rich.markup import escape as plain
from rich.table import Table

from roadshow.follow_up import FEWEST, MOMENTS, Due, Goal, in_words, published
from roadshow.stage.files import written
from roadshow.visit import Visit

BLUE = "#0072B2"
MONTHS = {name: weeks * 12 / 52 for name, weeks in MOMENTS.items()}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
:is(th, td) { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8888; }
figure { margin: 2rem 0; background: #fff; color: #333; padding: .5rem; }
svg { width: 100%; height: auto; } .facts { font-size: .9rem; }
@media (max-width: 40rem) {
  thead { display: none; } :is(table, tbody, tr, td) { display: block; } td::before { content: attr(data-head) ": "; }
}
"""


def print_follow_up(goals: Sequence[Goal], due: Sequence[Due], today: date, console: Console) -> None:
    """Print each goal with its values, then what is overdue as warnings, then what is due next."""
    table = Table("goal", "by", "baseline", *map(in_words, MOMENTS))
    for goal in goals:
        values = [goal.baseline, *goal.values.values()]
        table.add_row(plain(goal.goal), plain(goal.by), *("–" if value is None else f"{value:,g}" for value in values))
    console.print(table)
    for late in (one for one in due if one.day < today):
        who = f"ask {late.goal.by}, and write it on line {late.goal.line}"
        text = f"{plain(late.goal.goal)}: {in_words(late.moment)} was due on {late.day:%d %B %Y}; {plain(who)}"
        console.print(f"[yellow]warning[/]: {text}", highlight=False, soft_wrap=True)
    ahead = [one for one in due if one.day >= today]
    for one in (one for one in ahead if one.day == ahead[0].day):
        text = f"next: {plain(one.goal.goal)}, {in_words(one.moment)}, by {one.day:%d %B %Y}"
        console.print(text, highlight=False, soft_wrap=True)


def write_report(goals: Sequence[Goal], visit: Visit, today: date, path: Path) -> Path:
    """Write the report: a page of HTML with a table and a plot, in which no count from 1 to 4 stands.

    Raises:
        StageError: the file cannot be written.
    """
    title = f"What came of the visit to {visit.called}"
    heads = ["Goal", "Before", *(f"After {in_words(name)}" for name in MOMENTS)]
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    measured = "".join(f"<li><strong>{escape(goal.goal)}</strong>: {escape(goal.measured)}</li>" for goal in goals)
    hidden = f"A bar in place of a point: a count of 1 to {FEWEST - 1}, which is not published, since among few a figure says who."
    page = f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><main>
<h1>{escape(title)}</h1>
<p>{escape(visit.when)}. As noted on {today:%d %B %Y}. A change after a visit need not come from it.</p>
<table><thead><tr>{head}</tr></thead><tbody>{"".join(_row(goal, heads) for goal in goals)}</tbody></table>
<figure>{_plot(goals)}<figcaption class="facts">{hidden}</figcaption></figure>
<h2>How it was measured</h2>
<ul class="facts">{measured}</ul>
</main></body>
</html>
"""
    with written(path) as draft:
        draft.write_text(page, encoding="utf-8")
    return path


def _row(goal: Goal, heads: Sequence[str]) -> str:
    values = [goal.goal, *map(published, (goal.baseline, *goal.values.values()))]
    cells = (f'<td data-head="{head}">{escape(value)}</td>' for head, value in zip(heads, values, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _plot(goals: Sequence[Goal]) -> str:
    """A panel for each goal: its values against the months from the visit, as SVG whose words are text."""
    figure = Figure(figsize=(9, 2.3 * len(goals)), layout="constrained")
    for axes, goal in zip(figure.subplots(len(goals), sharex=True, squeeze=False)[:, 0], goals, strict=True):
        noted = {0.0: goal.baseline, **{MONTHS[name]: value for name, value in goal.values.items()}}
        shown = {month: value for month, value in noted.items() if value is not None}
        for month, value in shown.items():
            if 0 < value < FEWEST:
                axes.vlines(month, 1, FEWEST - 1, color=BLUE, lw=7, alpha=0.35)
            else:
                axes.plot(month, value, "o", color=BLUE, ms=9)
                axes.annotate(f"{value:,g}", (month, value), (0, 9), textcoords="offset points", ha="center")
        top = max([FEWEST, *shown.values()])
        axes.set(ylim=(0, 1.35 * top), xlim=(-0.6, 12.6), xticks=[0, *MONTHS.values()])
        axes.set_xticklabels(["before", *map(in_words, MONTHS)])
        axes.set_title(goal.goal, loc="left", fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    drawn = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "follow-up"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = drawn.getvalue()
    named = '<svg role="img" aria-label="The values of the table above, a panel for each goal" '
    return named + svg[svg.index("<svg ") + len("<svg ") :]
