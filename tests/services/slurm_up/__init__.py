"""A private, real SLURM cluster on this one machine, without systemd.

Starts munged (own key and socket), mariadbd (own data directory), slurmdbd, slurmctld and one slurmd per node, all on
127.0.0.1 and with all state in one directory. The nodes claim many CPUs and GPUs that the machine has not, so that
real jobs run and are accounted with whatever size they asked for. No cgroups are used.
"""

from __future__ import annotations

from .cluster import Cluster, ClusterSettings
from .processes import SlurmUpError
from .programs import install_hint, missing_packages

__all__ = ["Cluster", "ClusterSettings", "SlurmUpError", "install_hint", "missing_packages"]
