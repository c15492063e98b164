/*
 * A slow disk for one process (LD_PRELOAD): every fsync and fdatasync takes longer, by as many microseconds as the file
 * that SYNC_DELAY names says at that moment. The disk does its own work first; nothing becomes less durable.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_longer(void)
{
    const int error = errno;
    const char *path = getenv("SYNC_DELAY");
    char text[16] = "";
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) < 0)
            text[0] = '\0';
        close(file);
    }
    const long micros = atol(text);
    if (micros > 0) {
        struct timespec left = {micros / 1000000, micros % 1000000 * 1000};
        while (nanosleep(&left, &left) && errno == EINTR) {
        }
    }
    errno = error;
}

int fsync(int file)
{
    const long done = syscall(SYS_fsync, file);
    wait_longer();
    return (int)done;
}

int fdatasync(int file)
{
    const long done = syscall(SYS_fdatasync, file);
    wait_longer();
    return (int)done;
}
