"""The synthetic twin of the leak of February 2021 (spec, "The replica").

    from etanche.replica import ReplicaOptions, write
    write(Path("replica"), ReplicaOptions(rows=10_000))

makes a folder with the leak, its laboratories' registries and exports, and the truth about all of it.
"""

from etanche.replica.folder import write
from etanche.replica.options import ReplicaOptions

__all__ = ["ReplicaOptions", "write"]
