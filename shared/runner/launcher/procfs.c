/* Processes as /proc tells of them. A process may go away between any two reads: then the read
 * fails, and what could not be read counts as not there. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

enum { MOST_POLLED = 256, MOST_PASSES = 16 };

ssize_t read_file(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, buffer, size - 1);
    close(fd);
    if (got >= 0)
        buffer[got] = 0;
    return got;
}

typedef int thread_visitor(pid_t pid, pid_t thread, void *with);

/* Calls visit for each thread of pid until one call returns nonzero, and returns that. */
static int each_thread(pid_t pid, thread_visitor *visit, void *with) {
    char path[64];
    int result = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return 0;
    for (struct dirent *entry; !result && (entry = readdir(tasks));) {
        pid_t thread = atoi(entry->d_name);
        if (thread > 0)
            result = visit(pid, thread, with);
    }
    closedir(tasks);
    return result;
}

struct pid_list {
    pid_t *pids;
    size_t count, most;
};

static int add_children(pid_t pid, pid_t thread, void *with) {
    struct pid_list *list = with;
    char path[96], text[16384];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
    if (read_file(path, text, sizeof text) <= 0)
        return 0;
    char *save = NULL;
    for (char *word = strtok_r(text, " \n", &save); word && list->count < list->most;
         word = strtok_r(NULL, " \n", &save))
        list->pids[list->count++] = atoi(word);
    return 0;
}

size_t descendants(pid_t root, pid_t *pids, size_t most) {
    struct pid_list list = {pids, 0, most};
    each_thread(root, add_children, &list);
    for (size_t next = 0; next < list.count; next++)
        each_thread(pids[next], add_children, &list);
    return list.count;
}

void signal_descendants(int signal_number) {
    static pid_t pids[MOST_PROCESSES];
    size_t count = descendants(getpid(), pids, MOST_PROCESSES);
    for (size_t i = 0; i < count; i++)
        kill(pids[i], signal_number);
}

static int is_among(pid_t pid, const pid_t *pids, size_t count) {
    while (count--)
        if (pids[count] == pid)
            return 1;
    return 0;
}

/* They get the first signal until no look finds one that was not there at the look before: then none
 * is left that could start another. SIGSTOP loses no time by dying while others are born; SIGKILL
 * gives back memory meanwhile. One that a stranger among them has woken again is killed like the
 * rest, and what it has started meanwhile at the next call. */
void kill_descendants(int first) {
    static pid_t lists[2][MOST_PROCESSES];
    pid_t *pids = lists[0], *before = lists[1];
    size_t count = 0, known = 0;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        size_t fresh = 0;
        count = descendants(getpid(), pids, MOST_PROCESSES);
        for (size_t i = 0; i < count; i++) {
            if (!is_among(pids[i], before, known)) {
                kill(pids[i], first);
                fresh++;
            }
        }
        if (!fresh)
            break;
        pid_t *swap = before;
        before = pids, known = count, pids = swap;
    }
    for (size_t i = 0; i < known; i++)
        kill(before[i], SIGKILL);
    for (size_t i = 0; i < count && pids != before; i++)
        kill(pids[i], SIGKILL);
}

ino_t pipe_inode(int fd) {
    struct stat about;
    return fstat(fd, &about) ? 0 : about.st_ino;
}

static int is_input(pid_t pid, uint64_t fd, ino_t input) {
    char path[64];
    struct stat about;
    if (fd > 1 << 20)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, (int)fd);
    return !stat(path, &about) && about.st_ino == input && S_ISFIFO(about.st_mode);
}

/* By /proc and not by process_vm_readv, which the seccomp profile of Docker 20.10 refuses. */
static int peek(pid_t pid, uint64_t address, void *into, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = pread(fd, into, size, (off_t)address);
    close(fd);
    return got == (ssize_t)size;
}

static int polls_input(pid_t pid, uint64_t address, uint64_t count, ino_t input) {
    struct pollfd fds[MOST_POLLED];
    if (count > MOST_POLLED || !peek(pid, address, fds, count * sizeof *fds))
        return 0;
    for (uint64_t i = 0; i < count; i++)
        if (fds[i].fd >= 0 && (fds[i].events & (POLLIN | POLLRDNORM)) &&
            is_input(pid, (uint64_t)fds[i].fd, input))
            return 1;
    return 0;
}

static int selects_input(pid_t pid, uint64_t count, uint64_t address, ino_t input) {
    fd_set set;
    if (!address || count > FD_SETSIZE)
        return 0;
    FD_ZERO(&set);
    size_t words = (size_t)(count + 63) / 64;
    if (!peek(pid, address, &set, words * 8))
        return 0;
    for (uint64_t fd = 0; fd < count; fd++)
        if (FD_ISSET((int)fd, &set) && is_input(pid, fd, input))
            return 1;
    return 0;
}

static int epolls_input(pid_t pid, uint64_t epoll, ino_t input) {
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, (int)epoll);
    if (read_file(path, text, sizeof text) <= 0)
        return 0;
    for (char *at = text; (at = strstr(at, "tfd:")); at += 4) {
        unsigned long long fd;
        unsigned events;
        /* One that has fired and is asked for once only stays, with no events. */
        if (sscanf(at, "tfd:%llu events:%x", &fd, &events) == 2 &&
            (events & (EPOLLIN | EPOLLRDNORM)) && is_input(pid, fd, input))
            return 1;
    }
    return 0;
}

/* The line of /proc/PID/task/TID/syscall is "NUMBER ARG0 ... ARG5 SP PC" for a blocked thread. */
static int thread_waits(pid_t pid, pid_t thread, void *with) {
    ino_t input = *(ino_t *)with;
    char path[96], line[256];
    long call;
    unsigned long long a, b, c;
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", pid, thread);
    if (read_file(path, line, sizeof line) <= 0)
        return 0;
    if (sscanf(line, "%ld %llx %llx %llx", &call, &a, &b, &c) != 4)
        return 0;
    switch (call) {
    case SYS_read:
    case SYS_readv:
    case SYS_splice:
        return is_input(pid, a, input);
    case SYS_sendfile:
        return is_input(pid, b, input);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
        return polls_input(pid, a, b, input);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6:
        return selects_input(pid, a, b, input);
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
#ifdef SYS_epoll_pwait2
    case SYS_epoll_pwait2:
#endif
    case SYS_epoll_pwait:
        return epolls_input(pid, a, input);
    default:
        return 0;
    }
}

int is_waiting(pid_t program, ino_t input) {
    static pid_t pids[MOST_PROCESSES];
    int left = 0;
    if (ioctl(STDIN_FILENO, FIONREAD, &left) || left)
        return 0;
    int waits = each_thread(program, thread_waits, &input);
    size_t count = waits ? 0 : descendants(program, pids, MOST_PROCESSES);
    for (size_t i = 0; i < count && !waits; i++)
        waits = each_thread(pids[i], thread_waits, &input);
    /* What was there may have come and gone while we looked. */
    return waits && !ioctl(STDIN_FILENO, FIONREAD, &left) && !left;
}
