"""The JSON Schema of a visit file, with which editors complete and check it; `python -m roadshow.schema` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from roadshow.visit import Visit

FILE = "visit.schema.json"


def schema() -> dict[str, Any]:
    """The schema, in the draft that editors of TOML read.

    A local time has a pattern: the schemas' own `date-time` wants an offset, which a visit file must not have.
    """
    made = Visit.model_json_schema()
    for table in made["$defs"].values():
        for field in table["properties"].values():
            if field.get("format") == "date-time":
                del field["format"]
                field["pattern"] = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
    return {"$schema": "http://json-schema.org/draft-07/schema#", **made}


def schema_text() -> str:
    """The schema as it is committed and published."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    Path("visits", FILE).write_text(schema_text(), encoding="utf-8")
