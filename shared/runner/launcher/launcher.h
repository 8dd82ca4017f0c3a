/* What the launcher sees of processes through /proc. */
#ifndef POLYKERNEL_LAUNCHER_H
#define POLYKERNEL_LAUNCHER_H

#include <sys/types.h>

/* Fills pids with root's descendants (not root itself); returns how many. */
size_t descendants(pid_t root, pid_t *pids, size_t most);

/* Sends a signal to every descendant of the calling process. */
void signal_descendants(int signal_number);

/* The inode of the pipe or file behind a descriptor of the calling process; 0 if none. */
ino_t pipe_inode(int fd);

/* Whether program or a descendant is blocked until something can be read from the pipe that is
 * this process's standard input, and nothing is there. */
int is_waiting(pid_t program, ino_t input);

#endif
