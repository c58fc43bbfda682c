"""The configuration files of the cluster's programs."""

from __future__ import annotations

import os
import pwd
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .cluster import ClusterState

SLURM_CONF: Final = """\
ClusterName={cluster}
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={directory}/run/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MaxJobCount=200000
ReturnToService=2
SlurmctldPidFile={directory}/run/slurmctld.pid
SlurmdPidFile={directory}/run/slurmd-%n.pid
SlurmdSpoolDir={directory}/spool/slurmd-%n
StateSaveLocation={directory}/spool/slurmctld
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SlurmctldTimeout=60
SlurmdTimeout=120
MinJobAge=60
KillWait=2
InactiveLimit=0
WaitTime=0
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=5,defer_batch
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=1
PriorityType=priority/multifactor
PriorityDecayHalfLife={half_life}
PriorityUsageResetPeriod=NONE
PriorityCalcPeriod=1
PriorityWeightFairshare=10000
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={dbd_port}
AccountingStoragePass={directory}/run/munge.socket
AccountingStorageEnforce={enforce}
AccountingStorageTRES={tres}
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
JobCompType=jobcomp/none
MailProg=/bin/true
SlurmctldDebug=info
SlurmdDebug=info
SlurmctldLogFile={directory}/log/slurmctld.log
SlurmdLogFile={directory}/log/slurmd-%n.log
{gres_types}{nodes}
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=long Nodes=ALL Default=NO MaxTime=INFINITE State=UP
{extra}
"""
"""``AccountingStoragePass`` names the munge socket: clients find a private one for slurmdbd by nothing else."""

SLURMDBD_CONF: Final = """\
AuthType=auth/munge
AuthInfo=socket={directory}/run/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={dbd_port}
CommunicationParameters=NoInAddrAny
SlurmUser={user}
PidFile={directory}/run/slurmdbd.pid
LogFile={directory}/log/slurmdbd.log
DebugLevel=info
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={db_port}
StorageUser=slurm
StoragePass={db_pass}
StorageLoc=slurm_acct_db
"""

MY_CNF: Final = """\
[mariadbd]
datadir={directory}/mysql
socket={directory}/run/mysql.sock
pid-file={directory}/run/mariadbd.pid
tmpdir={directory}/tmp
port={db_port}
bind-address=127.0.0.1
user={user}
skip-name-resolve
skip-log-bin
loose-plugin-load-add=
innodb_buffer_pool_size=64M
innodb_log_file_size=64M
innodb_lock_wait_timeout=900
innodb_flush_log_at_trx_commit=2
innodb_doublewrite=0
max_allowed_packet=64M
character-set-server=utf8mb4
"""


def write_configuration(directory: Path, state: ClusterState) -> None:
    """Write all configuration files, the munge key, and the devices that stand for GPUs."""
    values = _values(directory, state)
    etc = directory / "etc"
    _write(etc / "slurm.conf", SLURM_CONF.format_map(values).encode(), 0o644)
    if state.gpus:
        devices = _gpu_devices(directory, state.gpus)
        names = ",".join(state.node_names)
        _write(etc / "gres.conf", f"NodeName={names} Name=gpu File={devices}\n".encode(), 0o644)
    _write(etc / "cgroup.conf", b"CgroupPlugin=cgroup/v1\n", 0o644)
    _write(etc / "slurmdbd.conf", SLURMDBD_CONF.format_map(values).encode(), 0o600)
    _write(etc / "my.cnf", MY_CNF.format_map(values).encode(), 0o600)
    _write(etc / "munge.key", secrets.token_bytes(64), 0o400)


def _values(directory: Path, state: ClusterState) -> Mapping[str, str | int]:
    gres = f" Gres=gpu:{state.gpus}" if state.gpus else ""
    nodes = (
        f"NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs={state.cpus} "
        f"RealMemory={state.cpus * 8000} TmpDisk=0{gres} State=UNKNOWN"
        for name, port in zip(state.node_names, state.slurmd_ports, strict=True)
    )
    return {
        "cluster": state.cluster,
        "directory": str(directory),
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "ctld_port": state.ctld_port,
        "dbd_port": state.dbd_port,
        "db_port": state.db_port,
        "db_pass": state.db_pass,
        "enforce": state.enforce,
        "half_life": state.half_life,
        "tres": "gres/gpu,billing" if state.gpus else "billing",
        "gres_types": "GresTypes=gpu\n" if state.gpus else "",
        "nodes": "\n".join(nodes),
        "extra": "\n".join(state.extra),
    }


def _gpu_devices(directory: Path, gpus: int) -> str:
    """slurmd counts only GPUs that have a character device each."""
    devices = directory / "dev"
    devices.mkdir(exist_ok=True)
    for number in range(gpus):
        device = devices / f"gpu{number}"
        if not device.is_symlink():
            device.symlink_to("/dev/null")
    return f"{devices}/gpu[0-{gpus - 1}]"


def _write(path: Path, content: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as written:
        path.chmod(mode)
        written.write(content)
