"""What is done with a built deck: present it, carry it, rehearse it. Nothing here knows of Sphinx."""

from __future__ import annotations


class StageError(Exception):
    """Something that the user can mend; the message says what and how."""
