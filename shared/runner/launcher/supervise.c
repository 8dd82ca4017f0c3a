/* Supervises the program until it and all that it started are gone: reaps, limits, kills, reports.
 *
 * Rules: the program's end is reported once; whatever ends it otherwise is reported before that
 * ("over"); nothing waits for the runner, and the runner's end ends everything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

/* Milliseconds between looks: at what the limits are about; at processes that are being killed; and
 * at the container's memory, by how much of it is left, at most and at least. */
enum { LOOK_MS = 10, KILL_MS = 5, LONGEST_MS = 1000, SHORTEST_MS = 1 };
/* Bytes that programs may fill in a millisecond, as far as the time of the next look goes. */
enum { FILLED_IN_MS = 16 << 20 };

struct supervision {
    const struct options *o;
    pid_t watcher, program;
    int pidfd, ended, killing, is_full;
    /* What is reported as exceeded: by the program as a whole, or by a piece of its work. */
    struct limits limits;
    int only_reports;
    long long deadline, cpu_before, peak;
    long long next_look, next_memory_look;
    long max_rss;
};

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void say(const struct supervision *s, const char *line, int size) {
    send(s->o->control, line, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static long long used_cpu(const struct supervision *s) {
    struct usage now;
    measure(s->watcher, 0, &now);
    return now.cpu_us;
}

/* Returns processor time since the work began. What a child used is known to the microsecond while it
 * lives, and to a tick when its parent has waited for it: the sum may go back a little. */
static long long since_begin(const struct supervision *s, long long cpu_us) {
    return cpu_us > s->cpu_before ? cpu_us - s->cpu_before : 0;
}

static void over(struct supervision *s, const char *what, int is_end) {
    char line[32];
    if (s->killing)
        return;
    say(s, line, snprintf(line, sizeof line, "over %s", what));
    if (is_end)
        s->killing = 1;
}

static void exceeded(struct supervision *s, const char *what) {
    over(s, what, !s->only_reports);
    s->limits = (struct limits){0};
}

/* Looks at what the limits are about, but for wall time. */
static void look(struct supervision *s) {
    struct usage now;
    if (!s->limits.cpu_us && !s->limits.memory && !s->limits.processes)
        return;
    measure(s->watcher, s->limits.memory > 0, &now);
    if (now.memory > s->peak)
        s->peak = now.memory;
    if (s->limits.memory && now.memory > s->limits.memory)
        exceeded(s, "memory");
    else if (s->limits.cpu_us && since_begin(s, now.cpu_us) >= s->limits.cpu_us)
        exceeded(s, "cpu");
    else if (s->limits.processes && now.processes > s->limits.processes)
        exceeded(s, "processes");
}

static void report_exit(const struct supervision *s, int status) {
    char line[32];
    say(s, line, snprintf(line, sizeof line, "exit %d", status));
}

/* Reaps what has ended; returns 0 when no child is left. */
static int reap(struct supervision *s) {
    for (;;) {
        int status;
        struct rusage use;
        pid_t pid = wait4(-1, &status, WNOHANG, &use);
        if (pid == 0)
            return 1;
        if (pid < 0)
            return errno == EINTR;
        if (pid == s->watcher) {
            s->watcher = 0; /* from now on another process may have this number */
            continue;
        }
        account_reaped(&use);
        if (use.ru_maxrss > s->max_rss)
            s->max_rss = use.ru_maxrss;
        if (pid == s->program) {
            if (!s->only_reports)
                look(s);
            s->ended = 1;
            s->deadline = 0;
            report_exit(s, status);
        }
    }
}

static void interrupt_group(pid_t program) {
    /* A program that has only just been started may not have its group yet. */
    if (kill(-program, SIGINT))
        kill(program, SIGINT);
}

static void begin_work(struct supervision *s, const char *order) {
    int alone = 0;
    struct limits limits = {0};
    if (sscanf(order, "w %lld %lld %ld %d", &limits.cpu_us, &limits.memory, &limits.processes,
               &alone) != 4)
        return;
    begin_accounts(alone, limits.memory > 0);
    s->limits = limits;
    s->only_reports = 1;
    s->peak = 0;
    s->cpu_before = used_cpu(s);
}

static void end_work(struct supervision *s) {
    struct usage now;
    char line[96];
    measure(s->watcher, 1, &now);
    if (now.memory > s->peak)
        s->peak = now.memory;
    say(s, line, snprintf(line, sizeof line, "usage %lld %lld %lld",
                          since_begin(s, now.cpu_us), now.memory, s->peak));
    s->limits = (struct limits){0};
}

/* Does what the runner says; returns 0 where nothing more will come from there. */
static int obey(struct supervision *s) {
    char order[128];
    ssize_t got = recv(s->o->control, order, sizeof order - 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 1;
    if (got <= 0) {
        s->killing = 1;
        return 0;
    }
    order[got] = 0;
    switch (order[0]) {
    case 'i':
        if (!s->ended)
            interrupt_group(s->program);
        break;
    case 't': signal_descendants(SIGTERM); break;
    case 'o': no_longer_alone(); break;
    case 'w': begin_work(s, order); break;
    case 'u': end_work(s); break;
    default: s->killing = 1;
    }
    return 1;
}

static void look_at_memory(struct supervision *s, long long now) {
    long long headroom = 0;
    if (is_above(s->o->ceiling, &headroom)) {
        over(s, "container", 1);
        s->is_full = 1;
        return;
    }
    long long pause = headroom / FILLED_IN_MS;
    if (pause > LONGEST_MS)
        pause = LONGEST_MS;
    s->next_memory_look = now + (pause < SHORTEST_MS ? SHORTEST_MS : pause);
}

static int is_limited(const struct supervision *s) {
    return !s->ended && (s->limits.cpu_us || s->limits.memory || s->limits.processes);
}

/* Milliseconds until there is something to do; -1 for none. */
static int pause_ms(const struct supervision *s, long long now) {
    long long next = -1;
    if (s->killing)
        return KILL_MS;
    if (s->o->ceiling)
        next = s->next_memory_look;
    if (is_limited(s) && (next < 0 || s->next_look < next))
        next = s->next_look;
    if (s->deadline && (next < 0 || s->deadline < next))
        next = s->deadline;
    if (next < 0)
        return -1;
    if (next <= now)
        return 0;
    return next - now > LONGEST_MS ? LONGEST_MS : (int)(next - now);
}

static void keep_limits(struct supervision *s) {
    long long now = now_ms();
    if (s->killing)
        return;
    if (s->deadline && now >= s->deadline) {
        s->deadline = 0;
        over(s, "wall", 1);
        return;
    }
    if (s->o->ceiling && now >= s->next_memory_look)
        look_at_memory(s, now);
    if (!s->killing && is_limited(s) && now >= s->next_look) {
        look(s);
        /* A look at very many processes takes long: it shall not take all the time there is. */
        s->next_look = now_ms() + LOOK_MS + 2 * (now_ms() - now);
    }
}

int supervise(const struct options *o, pid_t watcher, pid_t program) {
    struct supervision s = {.o = o, .watcher = watcher, .program = program, .limits = o->limits};
    long long started = now_ms();
    char line[96];
    int children = child_signals();
    s.pidfd = watcher ? (int)syscall(SYS_pidfd_open, program, 0) : -1;
    s.deadline = o->limits.wall_ms ? started + o->limits.wall_ms : 0;
    s.next_look = started + 1;
    s.next_memory_look = started + 1;
    say(&s, line, snprintf(line, sizeof line, "start %d %d", watcher, program));
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    struct pollfd fds[3] = {{children, POLLIN, 0}, {o->control, POLLIN, 0}, {s.pidfd, POLLIN, 0}};
    while (reap(&s)) {
        keep_limits(&s);
        if (s.killing)
            kill_descendants(s.is_full ? SIGKILL : SIGSTOP);
        poll(fds, 3, pause_ms(&s, now_ms()));
        drain(children);
        if (fds[1].revents && !obey(&s))
            fds[1].fd = -1;
        if (fds[2].revents) {
            /* The program has ended: a watcher that was stopped would keep its zombie for good. */
            fds[2].fd = -1;
            if (s.watcher)
                kill(s.watcher, SIGKILL);
        }
    }
    if (o->removes_ipc)
        remove_new_ipc(o->uid < 0 ? getuid() : (uid_t)o->uid);
    say(&s, line, snprintf(line, sizeof line, "end %lld %ld", since_begin(&s, final_cpu()), s.max_rss));
    return s.ended ? 0 : 125;
}
