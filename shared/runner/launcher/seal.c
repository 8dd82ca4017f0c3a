/* What was built, in a directory that programs can only read: a copy, since only who has the right to
 * give files away could make them root's. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "launcher.h"

enum { COPY_SIZE = 256 << 10 };

static int copy_bytes(int from, int to) {
    static char buffer[COPY_SIZE];
    ssize_t got;
    while ((got = read(from, buffer, sizeof buffer)) > 0)
        for (ssize_t done = 0, put; done < got; done += put)
            if ((put = write(to, buffer + done, (size_t)(got - done))) < 0)
                return -1;
    return got < 0 ? -1 : 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *about) {
    mode_t mode = 0444 | (about->st_mode & 0111 ? 0111 : 0);
    act_as(user);
    int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    act_as(0);
    int target = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct timespec times[2] = {about->st_atim, about->st_mtim};
    int failed = source < 0 || target < 0 || copy_bytes(source, target) || fchmod(target, mode) ||
                 futimens(target, times);
    close(source);
    close(target);
    return failed ? -1 : 0;
}

static int copy_link(int from, int to, const char *name) {
    char target[4096];
    act_as(user);
    ssize_t size = readlinkat(from, name, target, sizeof target - 1);
    act_as(0);
    if (size < 0)
        return -1;
    target[size] = 0;
    return symlinkat(target, to, name);
}

static int copy_tree(int from, int to, int depth);

static int copy_directory(int from, int to, const char *name, int depth) {
    struct stat about;
    act_as(user);
    int source = open_directory(from, name, &about);
    act_as(0);
    if (source < 0 || mkdirat(to, name, 0755))
        return -1;
    int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int failed = target < 0 || copy_tree(source, target, depth + 1);
    close(source);
    close(target);
    return failed ? -1 : 0;
}

/* Copies all in a directory of the user's into one of root's; what is no file is left out. */
static int copy_tree(int from, int to, int depth) {
    int failed = depth > MOST_DEPTH ? -1 : 0;
    DIR *directory = failed ? NULL : fdopendir(dup(from));
    if (!directory)
        return -1;
    for (struct dirent *entry; !failed && (entry = readdir(directory));) {
        struct stat about;
        if (is_dot(entry->d_name))
            continue;
        act_as(user);
        failed = fstatat(from, entry->d_name, &about, AT_SYMLINK_NOFOLLOW);
        act_as(0);
        if (S_ISDIR(about.st_mode))
            failed = failed || copy_directory(from, to, entry->d_name, depth);
        else if (S_ISREG(about.st_mode))
            failed = failed || copy_file(from, to, entry->d_name, &about);
        else if (S_ISLNK(about.st_mode))
            failed = failed || copy_link(from, to, entry->d_name);
    }
    closedir(directory);
    return failed;
}

/* The directory above belongs to root, so nobody else can put something in its place meanwhile. */
void seal(const char *path) {
    struct stat about;
    char *old = join(path, "");
    memcpy(strrchr(old, '/'), "~", 2);
    act_as(0);
    if (rename(path, old) || mkdir(path, 0755))
        stuck("cannot make", path);
    act_as(user);
    int from = open_directory(AT_FDCWD, old, &about);
    act_as(0);
    int to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = from < 0 || to < 0 || copy_tree(from, to, 0);
    int code = errno;
    act_as(0);
    if (failed) { /* for lack of room, say: then all is as it was */
        if (to >= 0 && !fstat(to, &about))
            empty(to, &about);
        rmdir(path);
        rename(old, path);
        errno = code;
        stuck("cannot copy", path);
    }
    fstat(from, &about);
    act_for(&about);
    empty(from, &about);
    act_as(0);
    if (rmdir(old))
        stuck("cannot remove", old);
    close(from);
    close(to);
}
