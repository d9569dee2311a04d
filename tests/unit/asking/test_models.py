"""The page's models are loaded once, and leave the garbage collector to what visitors leave."""

import subprocess
import sys

OLD_GARBAGE = """
import weakref
from collections import deque
from demo.server.warm_up import load_models

class Connection:
    def __init__(self):
        self.itself = self

load_models()
# So many are open at once, old enough that only a full collection finds them when they end.
alive, open_ones = weakref.WeakSet(), deque(maxlen=5_000)
for _ in range(50_000):
    open_ones.append(Connection())
    alive.add(open_ones[-1])
print(len(alive))
"""


def test_what_ended_connections_leave_is_collected_soon() -> None:
    found = subprocess.run(
        [sys.executable, "-c", OLD_GARBAGE], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) < 20_000
