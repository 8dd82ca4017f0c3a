/* polykernel-launch: runs one program of the user's and tells how it ended.
 *
 *   polykernel-launch -c FD [-w FD] [-p] [-u UID -g GID] [-d DIR] [-t SECONDS] [-f BYTES] -- ARGV...
 *
 * Three processes, so that user code can take away the least of them only:
 *
 *   supervisor   keeps the runner's uid; reaps, kills, reports on the control socket (-c)
 *   `- watcher   the user's uid (only with -w); says on its socket when the program waits for input
 *      `- program
 *
 * The watcher never reaps the program: when the program ends it exits, the program's zombie goes
 * to the supervisor, which is the subreaper, and so does a living program whose watcher was killed.
 * The watcher is the program's ancestor and has its uid, which is what ptrace_scope 1 asks of who
 * wants to look at it.
 *
 * With -p standard input is a terminal, and becomes the program's controlling one.
 *
 * Control socket (SOCK_SEQPACKET). In: "i" SIGINT to the program's group, "t" SIGTERM to all its
 * processes, "k" or end of file SIGKILL to all. Out: "start WATCHER PROGRAM" (pids; no watcher: 0),
 * then "exit STATUS CPU_US MAXRSS_KB".
 * Watch socket. In: one byte, any number, after each input. Out: the same byte, once, when the
 * program waits after that; the number tells a late answer from a fresh one. It begins with 0.
 * In: two bytes, not to look until the next input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

struct options {
    int control, watch, terminal;
    long uid, gid;
    const char *directory;
    rlim_t cpu_seconds, file_size;
    char **argv;
};

static void die(const char *what) {
    dprintf(STDERR_FILENO, "polykernel-launch: %s: %s\n", what, strerror(errno));
    _exit(125);
}

static long number(const char *text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < 0) {
        errno = EINVAL;
        die(text);
    }
    return value;
}

static struct options parse(int argc, char **argv) {
    struct options o = {-1, -1, 0, -1, -1, NULL, RLIM_INFINITY, RLIM_INFINITY, NULL};
    int c;
    while ((c = getopt(argc, argv, "+c:w:pu:g:d:t:f:")) != -1) {
        switch (c) {
        case 'c': o.control = (int)number(optarg); break;
        case 'w': o.watch = (int)number(optarg); break;
        case 'p': o.terminal = 1; break;
        case 'u': o.uid = number(optarg); break;
        case 'g': o.gid = number(optarg); break;
        case 'd': o.directory = optarg; break;
        case 't': o.cpu_seconds = (rlim_t)number(optarg); break;
        case 'f': o.file_size = (rlim_t)number(optarg); break;
        default: _exit(125);
        }
    }
    o.argv = argv + optind;
    if (o.control < 0 || !*o.argv || (o.uid < 0) != (o.gid < 0)) {
        errno = EINVAL;
        die("usage");
    }
    return o;
}

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

static int child_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        die("signalfd");
    return fd;
}

static void drain(int fd) {
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

static void report(int control, int status, const struct rusage *use) {
    char line[96];
    long long cpu = (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000LL +
                    use->ru_utime.tv_usec + use->ru_stime.tv_usec;
    int size = snprintf(line, sizeof line, "exit %d %lld %ld", status, cpu, use->ru_maxrss);
    send(control, line, (size_t)size, MSG_NOSIGNAL);
}

static void report_start(int control, pid_t watcher, pid_t program) {
    char line[48];
    int size = snprintf(line, sizeof line, "start %d %d", watcher, program);
    send(control, line, (size_t)size, MSG_NOSIGNAL);
}

/* Reaps what has ended; returns 0 when no child is left. */
static int reap(int control, pid_t program, int *ended) {
    for (;;) {
        int status;
        struct rusage use;
        pid_t pid = wait4(-1, &status, WNOHANG, &use);
        if (pid == 0)
            return 1;
        if (pid < 0)
            return errno == EINTR;
        if (pid == program) {
            *ended = 1;
            report(control, status, &use);
        }
    }
}

static void interrupt_group(pid_t program) {
    /* A program that has only just been started may not have its group yet. */
    if (kill(-program, SIGINT))
        kill(program, SIGINT);
}

static int supervise(int control, pid_t program, int children) {
    struct pollfd fds[2] = {{children, POLLIN, 0}, {control, POLLIN, 0}};
    int killing = 0, ended = 0;
    while (reap(control, program, &ended)) {
        if (killing)
            signal_descendants(SIGKILL);
        /* While killing, a process that forks may have slipped past the last look. */
        poll(fds, 2, killing ? 5 : -1);
        drain(children);
        if (fds[1].revents) {
            char order = 'k';
            ssize_t got = recv(control, &order, 1, MSG_DONTWAIT);
            if (got < 0 && errno == EAGAIN)
                continue;
            if (got == 1 && order == 'i') {
                if (!ended)
                    interrupt_group(program);
            } else if (got == 1 && order == 't') {
                signal_descendants(SIGTERM);
            } else if (got != 1 || order == 'k') {
                killing = 1;
                fds[1].fd = -1;
            }
        }
    }
    return ended ? 0 : 125;
}

int main(int argc, char **argv) {
    struct options o = parse(argc, argv);
    pid_t watcher = 0, program;
    fcntl(o.control, F_SETFD, FD_CLOEXEC);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
        die("subreaper");
    if (o.watch >= 0) {
        fcntl(o.watch, F_SETFD, FD_CLOEXEC);
        watcher = start_watched(&o, &program);
    } else {
        program = start_plain(&o);
    }
    int children = child_signals();
    report_start(o.control, watcher, program);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    return supervise(o.control, program, children);
}
