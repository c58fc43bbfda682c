"""Makes SLURM's daemons answer at once.

SLURM writes each message in two pieces. Between programs on one machine the second piece waits until the first one is
acknowledged, which the kernel puts off for 40 ms; ten times for one ``sacctmgr``. A library that is loaded into the
daemons acknowledges what they read, and has what they write sent, without delay. Nothing else about them changes.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from .processes import run

_SOURCE: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static void now(int fd, int option) {
    int kept = errno, on = 1;
    setsockopt(fd, IPPROTO_TCP, option, &on, sizeof on);
    errno = kept;
}

ssize_t read(int fd, void *to, size_t size) {
    static ssize_t (*real)(int, void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "read");
    ssize_t got = real(fd, to, size);
    if (got > 0) now(fd, TCP_QUICKACK);
    return got;
}

ssize_t recv(int fd, void *to, size_t size, int flags) {
    static ssize_t (*real)(int, void *, size_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "recv");
    ssize_t got = real(fd, to, size, flags);
    if (got > 0) now(fd, TCP_QUICKACK);
    return got;
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    static int (*real)(int, struct sockaddr *, socklen_t *, int);
    if (!real) real = dlsym(RTLD_NEXT, "accept4");
    int made = real(fd, address, length, flags);
    if (made >= 0) now(made, TCP_NODELAY);
    return made;
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (!real) real = dlsym(RTLD_NEXT, "connect");
    int status = real(fd, address, length);
    now(fd, TCP_NODELAY);
    return status;
}
"""


def prompt_environment(directory: Path) -> dict[str, str]:
    """What a daemon's environment needs to be prompt; nothing where there is no C compiler: it is slow then."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    library = directory / "run" / "promptness.so"
    if not library.exists():
        source = library.with_suffix(".c")
        source.write_text(_SOURCE)
        run([compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(source)])
    return {"LD_PRELOAD": str(library)}
