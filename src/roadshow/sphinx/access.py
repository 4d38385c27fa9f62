"""Names for what the theme and the reader of Markdown leave without one, so that a screen reader has something to say."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

_BOX = '<input class="task-list-item-checkbox"'
_NAMED = {
    '<summary><span class="toctree-toggle"': '<summary aria-label="Pages below this one"><span class="toctree-toggle"',
    '<div id="pst-primary-sidebar" class=': '<div id="pst-primary-sidebar" role="complementary" aria-label="Site" class=',
}


class LabelTasksTransform(SphinxTransform):
    """Make the words of a task the label of its box."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        for box in list(self.document.findall(nodes.raw)):
            if box.astext().startswith(_BOX):
                box.parent.insert(box.parent.index(box), nodes.raw("", "<label>", format="html"))
                box.parent += nodes.raw("", "</label>", format="html")


def named(page: str) -> str:
    """The HTML of a page in which the parts of the theme have their names."""
    for without, with_name in _NAMED.items():
        page = page.replace(without, with_name)
    return page


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(LabelTasksTransform)
