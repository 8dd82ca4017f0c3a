/* polykernel-launch: runs one program of the user's and tells how it ended.
 *
 *   polykernel-launch -c FD [-w FD] [-r FD] [-p] [-a] [-i] [-u UID -g GID] [-d DIR] [-t SECONDS]
 *                     [-f BYTES] [-C BYTES] [-W MS] [-U US] [-M BYTES] [-N COUNT] -- ARGV...
 *   polykernel-launch clean|snapshot ...                 (clean.c)
 *   polykernel-launch rulesets -c FD                     (landlock.c, for -r)
 *
 * Three processes, so that user code can take away the least of them only:
 *
 *   supervisor   keeps the runner's uid; reaps, kills, limits, reports on the control socket (-c)
 *   `- watcher   the user's uid (only with -w); says on its socket when the program waits for input
 *      `- program
 *
 * The watcher never reaps the program: when the program ends it exits, the program's zombie goes
 * to the supervisor, which is the subreaper, and so does a living program whose watcher was killed.
 * A watcher that the program has stopped is killed by the supervisor when the program has ended.
 * The watcher is the program's ancestor and has its uid, which is what ptrace_scope 1 asks of who
 * wants to look at it.
 *
 * With -p standard input is a terminal, and becomes the program's controlling one. -a says that no
 * other program of the user's runs, -i that what it makes of shared memory, semaphores and message
 * queues is removed at its end. -C is what the container may use before the program is ended.
 *
 * The supervisor holds the limits -W (wall time), -U (cpu), -M (resident memory) and -N (processes)
 * itself: what the program does to the runner's speed does not delay its end.
 *
 * Control socket (SOCK_SEQPACKET). In: "i" SIGINT to the program's group, "t" SIGTERM to all its
 * processes, "k" or end of file SIGKILL to all, "o" it is no longer alone; "w CPU_US MEMORY
 * PROCESSES ALONE" limits of a piece of work that begins now, which are only reported; "u" what
 * that work has used, and its end. Out: "start WATCHER PROGRAM" (pids; no watcher: 0),
 * "over wall|cpu|memory|processes|container", "usage CPU_US MEMORY PEAK", "exit STATUS", and last
 * "end CPU_US MAXRSS_KB", of all that it started.
 * Watch socket. In: one byte, any number, after each input. Out: the same byte, once, when the
 * program waits after that; the number tells a late answer from a fresh one. It begins with 0.
 * In: two bytes, not to look until the next input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "launcher.h"

void die(const char *what) {
    dprintf(STDERR_FILENO, "polykernel-launch: %s: %s\n", what, strerror(errno));
    _exit(125);
}

long long number(const char *text) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || *end || end == text || value < 0) {
        errno = EINVAL;
        die(text);
    }
    return value;
}

static struct options parse(int argc, char **argv) {
    struct options o = {.control = -1, .watch = -1, .ruleset = -1, .uid = -1, .gid = -1,
                        .cpu_seconds = RLIM_INFINITY, .file_size = RLIM_INFINITY};
    int c;
    while ((c = getopt(argc, argv, "+c:w:r:paiu:g:d:t:f:C:W:U:M:N:")) != -1) {
        switch (c) {
        case 'c': o.control = (int)number(optarg); break;
        case 'w': o.watch = (int)number(optarg); break;
        case 'r': o.ruleset = (int)number(optarg); break;
        case 'p': o.terminal = 1; break;
        case 'a': o.alone = 1; break;
        case 'i': o.removes_ipc = 1; break;
        case 'u': o.uid = (long)number(optarg); break;
        case 'g': o.gid = (long)number(optarg); break;
        case 'd': o.directory = optarg; break;
        case 't': o.cpu_seconds = (rlim_t)number(optarg); break;
        case 'f': o.file_size = (rlim_t)number(optarg); break;
        case 'C': o.ceiling = number(optarg); break;
        case 'W': o.limits.wall_ms = number(optarg); break;
        case 'U': o.limits.cpu_us = number(optarg); break;
        case 'M': o.limits.memory = number(optarg); break;
        case 'N': o.limits.processes = (long)number(optarg); break;
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

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "rulesets"))
        return send_rulesets(argc - 1, argv + 1);
    if (argc > 1 && argv[1][0] != '-')
        return files_command(argc - 1, argv + 1);
    struct options o = parse(argc, argv);
    pid_t watcher, program;
    fcntl(o.control, F_SETFD, FD_CLOEXEC);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
        die("subreaper");
    if (o.removes_ipc)
        remember_ipc();
    begin_accounts(o.alone, o.limits.memory > 0);
    program = start_program(&o, &watcher);
    return supervise(&o, watcher, program);
}
