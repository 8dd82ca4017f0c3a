/* Files that programs leave: what there is, taking away what is not to stay, and keeping what was
 * built from the program.
 *
 *   polykernel-launch snapshot [-u UID -g GID] [-k FD -o FD] [-s PRIVATE] [-l PATH]... PLACE...
 *       prints all there is in the places, as entries (below); of those of -o only those of -k. With
 *       -s it first makes a directory a copy of itself that belongs to root, so that the user can
 *       only read it.
 *   polykernel-launch clean [-u UID -g GID] [-k FD] [-l PATH]... [-x PRIVATE]... [PLACE...]
 *       removes all that is in the places but the entries of -k, and sets the modes of directories
 *       right. A PRIVATE directory is emptied.
 *
 * An entry is a type (d directory, f all else), four octal digits of the mode, the path, and 0. A path
 * given by -l is left alone, and so is what another file system is mounted at.
 *
 * Rules: it acts with the user's rights, but in directories of root's. Nothing is followed: no link,
 * and no path longer than a name, so neither depth nor length nor number is a matter. Memory grows
 * with what is kept, not with what is removed. What cannot be removed ends it, with 3 and a word on
 * stderr; a snapshot that is too large ends with 4.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "files.h"
#include "launcher.h"

enum { MOST_NAMED = 256, MOST_SNAPSHOT = 16 << 20 };

static char *left_alone[MOST_NAMED];
static int left_alone_count;
static struct set kept, only;

static int is_left_alone(const char *path) {
    for (int i = 0; i < left_alone_count; i++)
        if (!strcmp(left_alone[i], path))
            return 1;
    return 0;
}

/* Makes a directory what it was: the mode, and no access control list or other attribute. */
static void set_right(int fd, const struct stat *about, mode_t wanted) {
    char names[4096];
    if (about->st_uid != user && about->st_uid != 0)
        return;
    act_as(about->st_uid);
    ssize_t size = flistxattr(fd, names, sizeof names);
    for (char *name = names; size > 0 && name < names + size; name += strlen(name) + 1)
        fremovexattr(fd, name);
    fchmod(fd, wanted);
}

static void clean_directory(int fd, const struct stat *about, const char *path, int depth);

/* Removes an entry, or lets it stay and cleans it. */
static int clean_entry(int fd, const struct stat *about, const char *path, const char *name,
                       int depth) {
    struct stat here;
    const char *entry = entry_of(&kept, path);
    if (fstatat(fd, name, &here, AT_SYMLINK_NOFOLLOW) || is_left_alone(path) ||
        here.st_dev != about->st_dev)
        return 0;
    if (entry && (entry[0] == 'd') == S_ISDIR(here.st_mode)) {
        int below = entry[0] == 'd' && depth < MOST_DEPTH ? open_directory(fd, name, &here) : -1;
        if (below >= 0) {
            clean_directory(below, &here, path, depth + 1);
            set_right(below, &here, (mode_t)strtol((char[]){entry[1], entry[2], entry[3], entry[4], 0},
                                                  NULL, 8));
            close(below);
        }
        act_for(about);
        return 0;
    }
    if (here.st_uid != user && here.st_uid != 0)
        return 0; /* nobody's here */
    if (here.st_uid == 0 && user != 0)
        return 0; /* the image's or the runner's: no program made it */
    remove_entry(fd, about, name);
    return 1;
}

static void clean_directory(int fd, const struct stat *about, const char *path, int depth) {
    size_t removed;
    do { /* a directory that loses entries while it is read may not show all the others */
        char batch[BATCH] __attribute__((aligned(8)));
        long size;
        removed = 0;
        lseek(fd, 0, SEEK_SET);
        act_for(about);
        while ((size = syscall(SYS_getdents64, fd, batch, sizeof batch)) > 0) {
            for (long at = 0; at < size;) {
                struct linux_dirent64 *entry = (struct linux_dirent64 *)(batch + at);
                at += entry->d_reclen;
                if (is_dot(entry->d_name))
                    continue;
                char *below = join(path, entry->d_name);
                removed += (size_t)clean_entry(fd, about, below, entry->d_name, depth);
                free(below);
            }
        }
    } while (removed);
}

static void clean_place(const char *place) {
    struct stat about;
    const char *entry = entry_of(&kept, place);
    int fd = open_directory(AT_FDCWD, place, &about);
    if (fd < 0)
        return;
    clean_directory(fd, &about, place, 0);
    if (entry)
        set_right(fd, &about, (mode_t)strtol((char[]){entry[1], entry[2], entry[3], entry[4], 0},
                                            NULL, 8));
    close(fd);
}

static size_t printed;

static void print(const struct stat *about, const char *path) {
    printed += strlen(path) + 6;
    if (printed > MOST_SNAPSHOT)
        _exit(TOO_MUCH);
    printf("%c%04o%s%c", S_ISDIR(about->st_mode) ? 'd' : 'f', about->st_mode & 07777, path, 0);
}

static void snapshot(int parent, const char *name, const char *path, int depth) {
    struct stat about, opened;
    if (fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) || is_left_alone(path))
        return;
    if (only.is_given && entry_of(&only, path) && !entry_of(&kept, path))
        return;
    print(&about, path);
    if (!S_ISDIR(about.st_mode) || depth >= MOST_DEPTH)
        return;
    int fd = open_directory(parent, name, &opened);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct stat here;
        if (is_dot(entry->d_name) ||
            fstatat(fd, entry->d_name, &here, AT_SYMLINK_NOFOLLOW) || here.st_dev != opened.st_dev)
            continue;
        char *below = join(path, entry->d_name);
        snapshot(fd, entry->d_name, below, depth + 1);
        free(below);
    }
    if (about.st_mode != opened.st_mode || (about.st_mode & 0700) != 0700)
        fchmod(fd, about.st_mode & 07777);
    closedir(directory);
}

static void empty_private(const char *path) {
    struct stat about;
    act_as(0);
    if (lstat(path, &about))
        return;
    if (about.st_uid == 0 && user != 0) { /* it was sealed: it is made anew */
        int fd = open_directory(AT_FDCWD, path, &about);
        if (fd < 0)
            stuck("cannot open", path);
        empty(fd, &about);
        close(fd);
        act_as(0);
        if (rmdir(path))
            stuck("cannot remove", path);
        return;
    }
    act_as(user);
    if (fchmodat(AT_FDCWD, path, 0755, 0))
        stuck("cannot open", path);
    int fd = open_directory(AT_FDCWD, path, &about);
    if (fd < 0)
        stuck("cannot open", path);
    empty(fd, &about);
    close(fd);
}

int files_command(int argc, char **argv) {
    char *privates[MOST_NAMED], *sealed = NULL;
    long uid = -1, gid = -1;
    int c, count = 0;
    optind = 1;
    while ((c = getopt(argc, argv, "u:g:k:o:s:l:x:")) != -1) {
        if (c == 'u')
            uid = (long)number(optarg);
        else if (c == 'g')
            gid = (long)number(optarg);
        else if (c == 'k')
            read_set(&kept, (int)number(optarg));
        else if (c == 'o')
            read_set(&only, (int)number(optarg));
        else if (c == 's')
            sealed = optarg;
        else if (c == 'l' && left_alone_count < MOST_NAMED)
            left_alone[left_alone_count++] = optarg;
        else if (c == 'x' && count < MOST_NAMED)
            privates[count++] = optarg;
        else
            _exit(125);
    }
    be_user(uid, gid);
    if (!strcmp(argv[0], "snapshot")) {
        if (sealed)
            seal(sealed);
        act_as(user);
        for (char **place = argv + optind; *place; place++)
            snapshot(AT_FDCWD, *place, *place, 0);
        return fflush(stdout) ? 125 : 0;
    }
    if (!strcmp(argv[0], "clean")) {
        for (int i = 0; i < count; i++)
            empty_private(privates[i]);
        for (char **place = argv + optind; *place; place++)
            clean_place(*place);
        return 0;
    }
    errno = EINVAL;
    die(argv[0]);
}
