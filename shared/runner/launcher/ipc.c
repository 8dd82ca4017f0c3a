/* System V shared memory, queues and semaphores and POSIX message queues: they belong to nobody's
 * process, so what a program makes of them has to be found and removed.
 *
 * What was there before the program is remembered by its number. /proc/sysvipc lists all of the
 * container's: https://man7.org/linux/man-pages/man5/proc_sysvipc.5.html
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

/* As many as there can be: shmmni, msgmni and semmni of a container are 4096, 32000 and 32000. */
enum { MOST_OBJECTS = 32768, QUEUES = 3, KINDS = 4, DIRENT_SIZE = 20 };

static const char *const lists[QUEUES] = {"/proc/sysvipc/shm", "/proc/sysvipc/msg",
                                          "/proc/sysvipc/sem"};
static const char mqueues[] = "/dev/mqueue";

static size_t removed;
static struct {
    unsigned long long ids[MOST_OBJECTS];
    size_t count;
} known[KINDS];

typedef void visitor(int kind, unsigned long long id, const char *name);

static void each_system_v(int kind, visitor *visit) {
    char line[512];
    long long key, id;
    FILE *file = fopen(lists[kind], "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%lld %lld", &key, &id) == 2) /* not the heading */
            visit(kind, (unsigned long long)id, NULL);
    fclose(file);
}

static void each_mqueue(visitor *visit) {
    DIR *directory = opendir(mqueues);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            visit(QUEUES, entry->d_ino, entry->d_name);
    closedir(directory);
}

/* How many there are of all kinds: to ask costs much less than to look. */
static long count_all(void) {
    struct shm_info shm;
    struct msginfo msg;
    struct seminfo sem;
    struct stat about;
    long count = 0;
    if (shmctl(0, SHM_INFO, (struct shmid_ds *)&shm) >= 0)
        count += shm.used_ids;
    if (msgctl(0, MSG_INFO, (struct msqid_ds *)&msg) >= 0)
        count += msg.msgpool;
    if (semctl(0, 0, SEM_INFO, &sem) >= 0)
        count += sem.semusz;
    /* The directory of queues grows with each; see DIRENT_SIZE in ipc/mqueue.c of Linux. */
    if (!stat(mqueues, &about))
        count += about.st_size / DIRENT_SIZE - 2;
    return count;
}

static void each(visitor *visit) {
    for (int kind = 0; kind < QUEUES; kind++)
        each_system_v(kind, visit);
    each_mqueue(visit);
}

static int compare(const void *a, const void *b) {
    unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;
    return (x > y) - (x < y);
}

static void remember(int kind, unsigned long long id, const char *name) {
    (void)name;
    if (known[kind].count < MOST_OBJECTS)
        known[kind].ids[known[kind].count++] = id;
}

static void remove_unknown(int kind, unsigned long long id, const char *name) {
    char path[sizeof mqueues + 256];
    int failed;
    if (bsearch(&id, known[kind].ids, known[kind].count, sizeof id, compare))
        return;
    switch (kind) {
    case 0: failed = shmctl((int)id, IPC_RMID, NULL); break;
    case 1: failed = msgctl((int)id, IPC_RMID, NULL); break;
    case 2: failed = semctl((int)id, 0, IPC_RMID); break;
    default:
        snprintf(path, sizeof path, "%s/%s", mqueues, name);
        failed = unlink(path);
    }
    removed += !failed;
}

void remember_ipc(void) {
    if (!count_all())
        return;
    each(remember);
    for (int kind = 0; kind < KINDS; kind++)
        qsort(known[kind].ids, known[kind].count, sizeof known[kind].ids[0], compare);
}

void remove_new_ipc(uid_t uid) {
    if (!count_all())
        return;
    /* As the user, who may remove no others' but his own. */
    if (seteuid(uid))
        return;
    /* A list that becomes shorter while it is read may leave some out. */
    do {
        removed = 0;
        each(remove_unknown);
    } while (removed);
    if (seteuid(0)) { /* it was not root before either */
    }
}
