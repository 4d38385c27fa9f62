"""Compose executed segments into talks for different audiences.

The pipeline, in the order in which a build goes through it:

1. `roadshow.visit` reads the one file that says who visits whom.
2. `roadshow.sphinx.execution` runs the cells of every page that is out of date, once, whatever the number of decks.
3. `roadshow.sphinx.directives` reads what a segment says of its slides and what a deck says of its segments.
4. `roadshow.deck` checks each deck: its segments, its depths, its speakers, its minutes.
5. `roadshow.sphinx.assembly` makes the slides of each deck out of the segments' pages.
"""
