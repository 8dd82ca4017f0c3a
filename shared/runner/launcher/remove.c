/* Removes what users have left, whatever it is: see the rules in clean.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "launcher.h"

uid_t user;
static int is_separated;

void be_user(long uid, long gid) {
    user = uid < 0 ? geteuid() : (uid_t)uid;
    is_separated = uid >= 0 && user != geteuid();
    umask(0);
    if (uid >= 0 && (setgroups(0, NULL) || setegid((gid_t)gid)))
        die("cannot act as the user");
    act_as(user);
}

void act_as(uid_t uid) {
    if (!is_separated || geteuid() == uid)
        return;
    if (geteuid() != 0 && seteuid(0))
        die("cannot be root again");
    if (uid && seteuid(uid))
        die("cannot act as the user");
}

void stuck(const char *doing, const char *name) {
    dprintf(STDERR_FILENO, "%s %.100s: %s\n", doing, name, strerror(errno));
    _exit(STUCK);
}

void act_for(const struct stat *directory) {
    act_as(directory->st_uid == 0 && !(directory->st_mode & S_ISVTX) ? 0 : user);
}

int is_dot(const char *name) {
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

int open_directory(int parent, const char *name, struct stat *about) {
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);
    if (fd < 0 && errno == EACCES && !fstatat(parent, name, about, AT_SYMLINK_NOFOLLOW)) {
        act_as(about->st_uid == 0 ? 0 : user);
        if (fchmodat(parent, name, 0700, 0))
            return -1;
        fd = openat(parent, name, flags);
    }
    if (fd < 0 || fstat(fd, about))
        return -1;
    act_for(about);
    if ((about->st_mode & 0700) != 0700 && geteuid() == about->st_uid)
        fchmod(fd, (about->st_mode & 07777) | 0700);
    return fd;
}

/* Removes an entry that is no directory with something in it; returns whether it is one. */
static int is_full_directory(int parent, const char *name) {
    if (!unlinkat(parent, name, 0) || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        stuck("cannot remove", name);
    if (!unlinkat(parent, name, AT_REMOVEDIR) || errno == ENOENT)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        stuck("cannot remove", name);
    return 1;
}

struct place {
    dev_t device;
    ino_t inode;
};
static struct {
    struct place *levels;
    size_t depth, room;
} way;

static void descend(const struct stat *into) {
    if (way.depth == way.room) {
        way.room = way.room ? 2 * way.room : 64;
        way.levels = realloc(way.levels, way.room * sizeof *way.levels);
        if (!way.levels)
            die("no memory");
    }
    way.levels[way.depth++] = (struct place){into->st_dev, into->st_ino};
}

/* Goes up one directory, and makes sure that it is the one it came from. */
static int ascend(int fd) {
    struct stat about;
    int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(fd);
    if (parent < 0 || fstat(parent, &about))
        stuck("cannot leave", "a directory");
    way.depth--;
    if (about.st_dev != way.levels[way.depth - 1].device ||
        about.st_ino != way.levels[way.depth - 1].inode) {
        errno = ELOOP;
        stuck("cannot leave", "a directory that was moved");
    }
    act_for(&about);
    return parent;
}

/* Removes entries until one is a directory with something in it, which it opens; -1 for none. */
static int first_full(int fd, struct stat *about) {
    static char batch[BATCH] __attribute__((aligned(8)));
    for (;;) {
        long size, seen = 0;
        if (lseek(fd, 0, SEEK_SET) < 0)
            return -1;
        size = syscall(SYS_getdents64, fd, batch, sizeof batch);
        for (long at = 0; at < size;) {
            struct linux_dirent64 *entry = (struct linux_dirent64 *)(batch + at);
            at += entry->d_reclen;
            if (is_dot(entry->d_name))
                continue;
            seen++;
            if (is_full_directory(fd, entry->d_name)) {
                int below = open_directory(fd, entry->d_name, about);
                if (below < 0)
                    stuck("cannot open", entry->d_name);
                if (about->st_dev != way.levels[way.depth - 1].device) {
                    errno = EBUSY;
                    stuck("cannot remove", entry->d_name);
                }
                return below;
            }
        }
        if (!seen)
            return -1;
    }
}

void empty(int directory, const struct stat *about) {
    struct stat next;
    int fd = dup(directory), below;
    if (fd < 0)
        die("dup");
    way.depth = 0;
    descend(about);
    for (;;) {
        if ((below = first_full(fd, &next)) >= 0) {
            close(fd);
            fd = below;
            descend(&next);
        } else if (way.depth == 1) {
            break;
        } else {
            fd = ascend(fd);
        }
    }
    close(fd);
}

void remove_entry(int parent, const struct stat *parents, const char *name) {
    struct stat about;
    act_for(parents);
    if (!is_full_directory(parent, name))
        return;
    int fd = open_directory(parent, name, &about);
    if (fd < 0)
        stuck("cannot open", name);
    empty(fd, &about);
    close(fd);
    act_for(parents);
    if (is_full_directory(parent, name)) {
        errno = ENOTEMPTY;
        stuck("cannot remove", name);
    }
}

char *join(const char *directory, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        die("no memory");
    return path;
}
