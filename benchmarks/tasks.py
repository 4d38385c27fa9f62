"""What each of a hundred thousand tasks costs on a cluster; the page on task graphs reads it from tasks.json.

It would hold up a build. Run ``python -m benchmarks.tasks`` on a machine that does nothing else; it takes some minutes.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import distributed

from examples import cluster

RESULT = Path(__file__).with_name("tasks.json")


def nothing(i: int) -> int:
    return i


def cost(client: distributed.Client, number: int) -> float:
    """The time of each of so many tasks that do nothing, microseconds."""
    graph = {f"task-{i}": (nothing, i) for i in range(number)}
    start = time.perf_counter()
    assert list(client.get(graph, list(graph))) == list(range(number))
    return (time.perf_counter() - start) / number * 1e6


def main() -> None:
    cluster.prepare()
    with cluster.connect() as client:
        client.gather(client.map(nothing, range(100), pure=False))
        each = {str(number): round(cost(client, number)) for number in (10_000, 100_000)}
        ran_on = cluster.described(client)
    cluster.finish()
    ran = {"cluster": ran_on, "cores": os.cpu_count(), "date": datetime.now(UTC).date().isoformat()}
    told = {"microseconds": each, **ran}
    RESULT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
