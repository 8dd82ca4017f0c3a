/* Entries by path, as `snapshot` prints them (clean.c): a table with open addressing. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "launcher.h"

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

const char *entry_of(const struct set *set, const char *path) {
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

void read_set(struct set *set, int fd) {
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
