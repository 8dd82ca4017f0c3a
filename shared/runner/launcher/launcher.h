/* The parts of polykernel-launch. */
#ifndef POLYKERNEL_LAUNCHER_H
#define POLYKERNEL_LAUNCHER_H

#include <sys/resource.h>
#include <sys/types.h>

enum { MOST_PROCESSES = 8192 };

struct limits {
    long long wall_ms, cpu_us, memory; /* 0 is no limit */
    long processes;
};

struct options {
    int control, watch, terminal, ruleset;
    /* Whether no other program of the user's runs beside this one, so that what the container
     * uses beside the runner is this program's; and whether none but idle ones do. */
    int alone, removes_ipc;
    long uid, gid;
    const char *directory;
    rlim_t cpu_seconds, file_size;
    /* How much memory the container may use before this program is ended, in bytes; 0 is any. */
    long long ceiling;
    struct limits limits;
    char **argv;
};

void die(const char *what) __attribute__((noreturn));
long long number(const char *text);

/* start.c: starts the program, with a watcher if one is wanted (else *watcher is 0). */
pid_t start_program(const struct options *o, pid_t *watcher);
int child_signals(void);
void drain(int fd);

/* landlock.c: `polykernel-launch rulesets`, and keeping to such rules from then on; -1 is none. */
int send_rulesets(int argc, char **argv);
void restrict_to(int ruleset);

/* supervise.c: until the program and all that it started are gone. */
int supervise(const struct options *o, pid_t watcher, pid_t program);

/* usage.c */
struct usage {
    long processes;
    long long cpu_us, memory;
};
/* From now on; the first call is before the program is started. */
void begin_accounts(int alone, int with_memory);
/* A child has been reaped: what it and the children that it waited for used. */
void account_reaped(const struct rusage *use);
/* From now on the container's counters tell nothing about this program. */
void no_longer_alone(void);
void measure(pid_t watcher, int with_memory, struct usage *now);
/* Processor time when nothing of the program is left. */
long long final_cpu(void);
/* Whether the container uses more than so many bytes that it cannot give back; sets *headroom. */
int is_above(long long ceiling, long long *headroom);

/* ipc.c: System V and POSIX objects that are made from now on, by a user. */
void remember_ipc(void);
void remove_new_ipc(uid_t uid);

/* clean.c: `polykernel-launch clean|snapshot`. */
int files_command(int argc, char **argv);

/* procfs.c: what it sees of processes through /proc. */

/* Fills pids with root's descendants (not root itself); returns how many. */
size_t descendants(pid_t root, pid_t *pids, size_t most);

/* Sends a signal to every descendant of the calling process. */
void signal_descendants(int signal_number);

/* Ends every descendant of the calling process: all get the first signal, and then SIGKILL. */
void kill_descendants(int first);

/* The inode of the pipe or file behind a descriptor of the calling process; 0 if none. */
ino_t pipe_inode(int fd);

/* Reads a file of /proc into buffer, which ends with 0; returns its size or -1. */
ssize_t read_file(const char *path, char *buffer, size_t size);

/* Whether program or a descendant is blocked until something can be read from the pipe that is
 * this process's standard input, and nothing is there. */
int is_waiting(pid_t program, ino_t input);

#endif
