/* Starts the program, and the watcher that looks whether it waits for input. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

/* How far programs stand back behind the runner and the launcher, which must be heard when a
 * container's cpus are all taken; see nice(1). */
enum { STEP_BACK = 19 };

static void become_user(const struct options *o) {
    /* When memory runs out the kernel shall take the program, not the runner. Allowed only before
     * the change of uid, after which /proc/self belongs to root. */
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, "500", 3) < 0) { /* a wish, no need */
        }
        close(fd);
    }
    if (o->uid < 0)
        return;
    if (setgroups(0, NULL) || setgid((gid_t)o->gid) || setuid((uid_t)o->uid))
        die("cannot become the user");
}

static void limit(int what, rlim_t value) {
    struct rlimit both;
    if (value == RLIM_INFINITY)
        return;
    if (getrlimit(what, &both))
        die("cannot read a limit");
    /* Nobody but root may ask for more than the container has. */
    both.rlim_cur = both.rlim_max = value < both.rlim_max ? value : both.rlim_max;
    if (setrlimit(what, &both))
        die("cannot set a limit");
}

static void run_program(const struct options *o) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Whoever started us in the background of a shell made us ignore SIGINT. */
    for (int number = 1; number < SIGRTMIN; number++)
        signal(number, SIG_DFL);
    setsid();
    if (o->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0))
        die("cannot take the terminal");
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, o->cpu_seconds);
    limit(RLIMIT_FSIZE, o->file_size);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    restrict_to(o->ruleset);
    if (nice(STEP_BACK) < 0) { /* a wish, no need */
    }
    umask(022);
    close(o->control);
    if (o->watch >= 0)
        close(o->watch);
    if (o->directory && chdir(o->directory)) {
        dprintf(STDERR_FILENO, "%s: %s\n", o->directory, strerror(errno));
        _exit(126);
    }
    execvp(o->argv[0], o->argv);
    dprintf(STDERR_FILENO, "%s: %s\n", o->argv[0],
            errno == ENOENT ? "command not found" : strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

int child_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        die("signalfd");
    return fd;
}

void drain(int fd) {
    char buffer[sizeof(struct signalfd_siginfo) * 8];
    while (read(fd, buffer, sizeof buffer) > 0) {
    }
}

/* The watcher: returns when the program has ended. */
static void watch(int channel, pid_t program, int children) {
    struct pollfd fds[2] = {{children, POLLIN, 0}, {channel, POLLIN, 0}};
    unsigned char turn = 0;
    int pending = 1, pause_ms = 1, looks = 0;
    ino_t input = pipe_inode(STDIN_FILENO);
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)program, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
            return;
        if (pending && looks && is_waiting(program, input)) {
            pending = 0;
            if (send(channel, &turn, 1, MSG_NOSIGNAL) < 0)
                fds[1].fd = -1;
        }
        poll(fds, 2, pending ? pause_ms : -1);
        drain(children);
        if (fds[1].revents) {
            unsigned char heard[2];
            ssize_t got = recv(channel, heard, sizeof heard, MSG_DONTWAIT);
            if (got == 1) {
                turn = heard[0], pending = 1, pause_ms = 1, looks = 0;
            } else if (got == 2) {
                pending = 0; /* nobody wants to know until there is input */
            } else if (errno != EAGAIN || fds[1].revents & POLLHUP) {
                fds[1].fd = -1, pending = 0;
            }
        } else if (pause_ms < (looks++ > 100 ? 50 : 20)) {
            pause_ms *= 2;
        }
    }
}

static pid_t start_watched(const struct options *o, pid_t *program) {
    int told[2];
    if (pipe2(told, O_CLOEXEC))
        die("pipe");
    pid_t watcher = fork();
    if (watcher < 0)
        die("fork");
    if (watcher == 0) {
        close(told[0]);
        become_user(o);
        int children = child_signals();
        pid_t pid = fork();
        if (pid == 0) {
            run_program(o);
        }
        close(o->control);
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        if (pid < 0 || write(told[1], &pid, sizeof pid) != sizeof pid)
            _exit(125);
        close(told[1]);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        watch(o->watch, pid, children);
        _exit(0);
    }
    close(told[1]);
    if (read(told[0], program, sizeof *program) != sizeof *program || *program < 0) {
        errno = EAGAIN;
        die("cannot start the program");
    }
    close(told[0]);
    close(o->watch);
    return watcher;
}

static pid_t start_plain(const struct options *o) {
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        become_user(o);
        run_program(o);
    }
    return pid;
}

pid_t start_program(const struct options *o, pid_t *watcher) {
    pid_t program = 0;
    *watcher = 0;
    if (o->watch < 0)
        return start_plain(o);
    fcntl(o->watch, F_SETFD, FD_CLOEXEC);
    *watcher = start_watched(o, &program);
    return program;
}
