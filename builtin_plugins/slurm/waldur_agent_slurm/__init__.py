"""SLURM accounts, limits and members, kept in step through ``sacctmgr``."""
