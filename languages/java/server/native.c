/* What Java itself cannot: stop a thread wherever it is, and read an input that can be left. */
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <jvmti.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PIECE = 8192, STANDARD = 3, LEFT = -2 };

static jvmtiEnv *tool;
static int saved[STANDARD];
static int leaving;

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
    (void)reserved;
    jvmtiCapabilities wanted = {.can_signal_thread = 1};
    if ((*vm)->GetEnv(vm, (void **)&tool, JVMTI_VERSION) != JNI_OK ||
        (*tool)->AddCapabilities(tool, &wanted) != JVMTI_ERROR_NONE)
        return JNI_ERR;
    for (int fd = 0; fd < STANDARD; fd++)
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, STANDARD);
    leaving = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return leaving < 0 ? JNI_ERR : JNI_VERSION_10;
}

/* A thread that has ended meanwhile needs no stopping, so nothing is made of the answer. */
JNIEXPORT void JNICALL Java_polykernel_server_Native_stop(JNIEnv *env, jclass type, jthread thread,
                                                          jthrowable by) {
    (void)env, (void)type;
    (*tool)->StopThread(tool, thread, by);
}

JNIEXPORT void JNICALL Java_polykernel_server_Native_restoreDescriptors(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    for (int fd = 0; fd < STANDARD; fd++)
        if (saved[fd] >= 0)
            dup2(saved[fd], fd);
}

JNIEXPORT void JNICALL Java_polykernel_server_Native_leaveInput(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    eventfd_write(leaving, 1);
}

JNIEXPORT void JNICALL Java_polykernel_server_Native_enterInput(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    eventfd_t count;
    eventfd_read(leaving, &count);
}

/* Returns how much was read, -1 at the end of input, -2 when it is to be left. */
JNIEXPORT jint JNICALL Java_polykernel_server_Native_readInput(JNIEnv *env, jclass type,
                                                               jbyteArray into, jint offset,
                                                               jint size) {
    (void)type;
    jbyte piece[PIECE];
    for (;;) {
        struct pollfd fds[2] = {{0, POLLIN, 0}, {leaving, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents)
            return LEFT;
        ssize_t got = read(0, piece, (size_t)(size < PIECE ? size : PIECE));
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return -1;
        (*env)->SetByteArrayRegion(env, into, offset, (jsize)got, piece);
        return (jint)got;
    }
}
