"""Whether there is a GPU, found out without loading PyTorch."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

_DRIVER = Path("/proc/driver/nvidia")


def is_there() -> bool:
    """Whether this machine has an NVIDIA GPU or is lent one."""
    return is_lent() or _DRIVER.is_dir() or shutil.which("nvidia-smi") is not None


def is_lent() -> bool:
    """Whether this is a Space that is lent a GPU for each batch (ZeroGPU) and can ask for it."""
    promised = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
    return promised and find_spec("spaces") is not None
