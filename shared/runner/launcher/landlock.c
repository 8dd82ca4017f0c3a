/* Takes from programs the right to write files of /proc, for the sake of one of them: by writing to
 * oom_score_adj they would have the kernel kill the runner in their place when memory runs out.
 *
 * The rules are the same for all programs, and to make them takes longer than all else that a
 * launcher does. So the runner has them made once (`polykernel-launch rulesets -c FD` sends two
 * descriptors over a socket, the second for programs that are kept apart) and hands one to each
 * launcher. (A second set beside the first would forbid to move files between directories, whatever
 * the first allows.)
 *
 * And from programs of jobs that are to be kept apart the right to send signals to any but their own
 * processes, so that none ends or stops the session, services, the terminal or its watcher.
 *
 * Landlock only knows what is allowed, so all beside /proc is. Where the kernel has no Landlock, or
 * only its first version, which forbids to move files between directories, nothing is done; signals
 * need the sixth.
 * https://docs.kernel.org/userspace-api/landlock.html
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/* linux/landlock.h, which not every C library's headers come with. */
#ifndef SYS_landlock_create_ruleset
enum { SYS_landlock_create_ruleset = 444, SYS_landlock_add_rule, SYS_landlock_restrict_self };
#endif
enum { VERSION = 1 << 0, PATH_BENEATH = 1, FIRST_WITH_REFER = 2 };
enum { WRITE_FILE = 1 << 1, REFER = 1 << 13 };
enum { FIRST_WITH_SIGNALS = 6, SIGNALS = 1 << 1 };
struct ruleset {
    uint64_t handled, network, scoped;
};
struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

static void allow(int ruleset, int root, const char *name) {
    int directory = openat(root, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return;
    struct path_beneath rule = {WRITE_FILE | REFER, directory};
    syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0);
    close(directory);
}

static int make_ruleset(int confined) {
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);
    struct ruleset attributes = {.handled = WRITE_FILE | REFER};
    if (version < FIRST_WITH_REFER)
        return -1;
    if (confined && version >= FIRST_WITH_SIGNALS)
        attributes.scoped = SIGNALS;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
                               attributes.scoped ? sizeof attributes : sizeof attributes.handled, 0);
    DIR *root = ruleset < 0 ? NULL : opendir("/");
    if (!root)
        return -1;
    for (struct dirent *entry; (entry = readdir(root));)
        /* A link leads into one of the others. */
        if (entry->d_type != DT_LNK && entry->d_name[0] != '.' && strcmp(entry->d_name, "proc"))
            allow(ruleset, dirfd(root), entry->d_name);
    /* A file system that mq_open(3) does not come to by way of /dev. */
    allow(ruleset, dirfd(root), "dev/mqueue");
    closedir(root);
    return ruleset;
}

int send_rulesets(int argc, char **argv) {
    int rulesets[2];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof rulesets)];
    } control = {0};
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (argc != 3 || strcmp(argv[1], "-c"))
        return 125;
    for (int confined = 0; confined < 2; confined++)
        if ((rulesets[confined] = make_ruleset(confined)) < 0)
            return 1;
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof rulesets);
    memcpy(CMSG_DATA(header), rulesets, sizeof rulesets);
    return sendmsg((int)number(argv[2]), &message, 0) < 0;
}

void restrict_to(int ruleset) {
    if (ruleset < 0)
        return;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0))
        die("cannot keep the program from /proc");
    close(ruleset);
}
