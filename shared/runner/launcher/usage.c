/* What the program and all that it started use.
 *
 * Processor time is that of the living, as the kernel's clocks tell, and of those that were reaped
 * here. One whose parent does not wait for it (SIGCHLD ignored) is in neither; where no other
 * program of the user's runs, the container's own counter, less what the runner and the launcher
 * have used, shows that such time is missing, and is taken instead.
 *
 * Memory is what is resident. Where the program is alone it is also what the container holds in
 * memory files (tmpfs, memfd, shared memory) more than when it began: nobody maps those.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, cgroup-v1/cpuacct.html, cgroup-v2.html
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

/* What the counter must show beyond what is known of processes to be believed, in microseconds and
 * as a part of it: the runner's own work is not known to the last microsecond. */
enum { MISSING_US = 50000, MISSING_PART = 10 };

struct counter_file {
    const char *v1, *v2;
    int fd, is_v2;
};
static struct counter_file cpu_file = {"/sys/fs/cgroup/cpuacct/cpuacct.usage",
                                       "/sys/fs/cgroup/cpu.stat", -1, 0};
static struct counter_file used_file = {"/sys/fs/cgroup/memory/memory.usage_in_bytes",
                                        "/sys/fs/cgroup/memory.current", -1, 0};
static struct counter_file kinds_file = {"/sys/fs/cgroup/memory/memory.stat",
                                         "/sys/fs/cgroup/memory.stat", -1, 0};

static int is_alone;
static long long reaped_us, known_before, container_before, shared_before;

/* Reads a counter's file; returns its size or -1. */
static ssize_t read_counter(struct counter_file *file, char *text, size_t size) {
    if (file->fd == -1) {
        file->fd = open(file->v1, O_RDONLY | O_CLOEXEC);
        if (file->fd < 0) {
            file->fd = open(file->v2, O_RDONLY | O_CLOEXEC);
            file->is_v2 = 1;
        }
        if (file->fd < 0)
            file->fd = -2; /* there is none */
    }
    ssize_t got = file->fd < 0 ? -1 : pread(file->fd, text, size - 1, 0);
    text[got < 0 ? 0 : got] = 0;
    return got;
}

/* The number behind a name at the start of a line; 0 if there is none. */
static long long field(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = text; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (!strncmp(at, name, length) && at[length] == ' ')
            return atoll(at + length + 1);
    return 0;
}

static long long clock_us(pid_t pid) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
        return 0;
    return used.tv_sec * 1000000LL + used.tv_nsec / 1000;
}

/* What the container has used beside the runner and this process, in microseconds; -1 if untold. */
static long long container_us(void) {
    char text[512];
    if (read_counter(&cpu_file, text, sizeof text) <= 0)
        return -1;
    long long all = cpu_file.is_v2 ? field(text, "usage_usec") : atoll(text) / 1000;
    return all - clock_us(getppid()) - clock_us(getpid());
}

static long long memory_files(void) {
    char text[8192];
    if (read_counter(&kinds_file, text, sizeof text) <= 0)
        return -1;
    return field(text, kinds_file.is_v2 ? "shmem" : "total_shmem");
}

static long long ticks_us(unsigned long long ticks) {
    static long per_second;
    if (!per_second)
        per_second = sysconf(_SC_CLK_TCK);
    return (long long)(ticks * 1000000ULL / (unsigned long long)per_second);
}

/* Adds what one process uses; its memory apart from what it shares with files to *private. */
static void add(pid_t pid, int with_memory, struct usage *sum, long long *private_memory) {
    char path[48], text[1024];
    unsigned long long waited_user, waited_system;
    long long resident, size, shared;
    char state;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (read_file(path, text, sizeof text) <= 0)
        return;
    /* The name may hold anything, parentheses too. proc(5): 3 state, 16 cutime, 17 cstime, 24 rss. */
    char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1,
                        " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %llu %llu %*d %*d "
                        "%*d %*d %*u %*u %lld",
                        &state, &waited_user, &waited_system, &resident) != 4)
        return;
    sum->cpu_us += clock_us(pid) + ticks_us(waited_user + waited_system);
    sum->processes += state != 'Z';
    sum->memory += resident * sysconf(_SC_PAGESIZE);
    if (!with_memory || !is_alone)
        return;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (read_file(path, text, sizeof text) > 0 &&
        sscanf(text, "%lld %lld %lld", &size, &resident, &shared) == 3 && resident > shared)
        *private_memory += (resident - shared) * sysconf(_SC_PAGESIZE);
}

/* Returns processor time with what the container's counter shows to be missing in it. */
static long long with_missing(long long cpu_us) {
    if (!is_alone || container_before < 0)
        return cpu_us;
    long long known = cpu_us - known_before;
    long long counted = container_us() - container_before;
    return counted > known + known / MISSING_PART + MISSING_US ? known_before + counted : cpu_us;
}

long long final_cpu(void) { return with_missing(reaped_us); }

void measure(pid_t watcher, int with_memory, struct usage *now) {
    static pid_t pids[MOST_PROCESSES];
    size_t count = descendants(getpid(), pids, MOST_PROCESSES);
    long long private_memory = 0;
    *now = (struct usage){.cpu_us = reaped_us};
    for (size_t i = 0; i < count; i++)
        if (pids[i] != watcher)
            add(pids[i], with_memory, now, &private_memory);
    now->cpu_us = with_missing(now->cpu_us);
    if (!is_alone)
        return;
    if (with_memory && shared_before >= 0) {
        long long files = memory_files() - shared_before;
        if (private_memory + files > now->memory)
            now->memory = private_memory + files;
    }
}

void begin_accounts(int alone, int with_memory) {
    static int is_later;
    struct usage now = {0};
    is_alone = 0;
    if (is_later)
        measure(0, 0, &now);
    is_later = 1;
    known_before = now.cpu_us;
    is_alone = alone;
    if (!alone)
        return;
    container_before = container_us();
    shared_before = with_memory ? memory_files() : -1;
}

void account_reaped(const struct rusage *use) {
    reaped_us += (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000LL +
                 use->ru_utime.tv_usec + use->ru_stime.tv_usec;
}

void no_longer_alone(void) { is_alone = 0; }

int is_above(long long ceiling, long long *headroom) {
    char text[8192];
    *headroom = 1LL << 40;
    if (read_counter(&used_file, text, sizeof text) <= 0)
        return 0;
    long long used = atoll(text);
    if (used > ceiling && read_counter(&kinds_file, text, sizeof text) > 0) {
        /* What only keeps files in memory is given back when it is needed. */
        if (kinds_file.is_v2)
            used -= field(text, "inactive_file") + field(text, "active_file") +
                    field(text, "slab_reclaimable");
        else /* which does not tell what of the kernel's own memory it could give back */
            used -= field(text, "total_inactive_file") + field(text, "total_active_file");
    }
    *headroom = ceiling - used;
    return used > ceiling;
}
