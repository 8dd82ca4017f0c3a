/* Files of users: whose rights are used, removing, and lists of what there is. */
#ifndef POLYKERNEL_FILES_H
#define POLYKERNEL_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { STUCK = 3, TOO_MUCH = 4, MOST_DEPTH = 256, BATCH = 8192 };

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[];
};

/* remove.c. `user` is whom files belong to; where the launcher is not root it is that itself. */
extern uid_t user;
void be_user(long uid, long gid);
void act_as(uid_t uid);
/* As whom entries of a directory are removed: of those that all may write to, as their owner. */
void act_for(const struct stat *directory);
void stuck(const char *doing, const char *name) __attribute__((noreturn));
int is_dot(const char *name);
/* Opens a directory whatever its mode, which it sets so that it can be emptied; -1 for what is none. */
int open_directory(int parent, const char *name, struct stat *about);
/* Removes all in a directory, which stays. */
void empty(int directory, const struct stat *about);
/* Removes an entry of a directory and all below it. */
void remove_entry(int parent, const struct stat *parents, const char *name);
char *join(const char *directory, const char *name);

/* entries.c: entries by path, read from a file. */
struct set {
    char **entries;
    size_t room;
    int is_given;
};
void read_set(struct set *set, int fd);
const char *entry_of(const struct set *set, const char *path);

/* seal.c: makes a directory of the user's a copy of itself that belongs to root. */
void seal(const char *path);

#endif
