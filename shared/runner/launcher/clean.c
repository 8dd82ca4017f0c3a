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
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "launcher.h"

enum { STUCK = 3, TOO_MUCH = 4, MOST_NAMED = 256, MOST_DEPTH = 256 };
enum { BATCH = 8192, MOST_SNAPSHOT = 16 << 20, COPY_SIZE = 256 << 10 };

static uid_t user;
static int is_separated;
static char *left_alone[MOST_NAMED];
static int left_alone_count;

static void act_as(uid_t uid) {
    if (!is_separated || geteuid() == uid)
        return;
    if (geteuid() != 0 && seteuid(0))
        die("cannot be root again");
    if (uid && seteuid(uid))
        die("cannot act as the user");
}

static void stuck(const char *doing, const char *name) {
    dprintf(STDERR_FILENO, "%s %.100s: %s\n", doing, name, strerror(errno));
    _exit(STUCK);
}

/* As whom entries of a directory are removed: of those that all may write to, as their owner. */
static void act_for(const struct stat *directory) {
    act_as(directory->st_uid == 0 && !(directory->st_mode & S_ISVTX) ? 0 : user);
}

static int is_dot(const char *name) {
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Opens a directory whatever its mode, which it sets so that it can be emptied; -1 for what is none. */
static int open_directory(int parent, const char *name, struct stat *about) {
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

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[];
};

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

/* Removes all in a directory, which stays. */
static void empty(int directory, const struct stat *about) {
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

/* Removes an entry of a directory and all below it. */
static void remove_entry(int parent, const struct stat *parents, const char *name) {
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

/* Entries by path: a table with open addressing. */
struct set {
    char **entries;
    size_t room;
    int is_given;
};

static char *path_of(char *entry) { return entry + 5; }

static size_t hash(const char *path) {
    uint64_t value = 1469598103934665603u; /* FNV-1a */
    for (; *path; path++)
        value = (value ^ (unsigned char)*path) * 1099511628211u;
    return (size_t)value;
}

static char **find(const struct set *set, const char *path) {
    size_t at = hash(path) & (set->room - 1);
    while (set->entries[at] && strcmp(path_of(set->entries[at]), path))
        at = (at + 1) & (set->room - 1);
    return &set->entries[at];
}

static const char *entry_of(const struct set *set, const char *path) {
    return set->is_given ? *find(set, path) : NULL;
}

/* Makes a set of entries. */
static void fill(struct set *set, char *text, const char *end) {
    size_t count = 0;
    for (char *at = text; at < end; at += strlen(at) + 1)
        count++;
    for (set->room = 64; set->room < 2 * count; set->room *= 2) {
    }
    set->is_given = 1;
    set->entries = calloc(set->room, sizeof *set->entries);
    if (!set->entries)
        die("no memory");
    for (char *at = text; at < end; at += strlen(at) + 1)
        if (strlen(at) > 5)
            *find(set, path_of(at)) = at;
}

static struct set kept, only;

static void read_set(struct set *set, int fd) {
    struct stat about;
    ssize_t got = -1;
    char *text = fstat(fd, &about) ? NULL : malloc((size_t)about.st_size + 1);
    if (text)
        got = pread(fd, text, (size_t)about.st_size, 0);
    if (got != about.st_size)
        die("cannot read what is to be kept");
    text[got] = 0;
    fill(set, text, text + got);
}

static int is_left_alone(const char *path) {
    for (int i = 0; i < left_alone_count; i++)
        if (!strcmp(left_alone[i], path))
            return 1;
    return 0;
}

static char *join(const char *directory, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        die("no memory");
    return path;
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
static void seal(const char *path) {
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
    user = uid < 0 ? geteuid() : (uid_t)uid;
    is_separated = uid >= 0 && user != geteuid();
    umask(0);
    if (uid >= 0 && (setgroups(0, NULL) || setegid((gid_t)gid)))
        die("cannot act as the user");
    act_as(user);
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
