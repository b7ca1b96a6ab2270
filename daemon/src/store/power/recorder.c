/* Preloaded into a process: writes down, in one order, everything that it does to files under RECORDER_ROOT and
 * everything that it says on its standard output, into RECORDER_TRACE. One lock holds around each call and its
 * entry, so the order of the trace is the order of the calls. What it does not know how to record ends the
 * process. The entry: one letter, then the inode, a number, the length of a path, that of the data, both. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))
#define MOST_FILES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static const char *root;
static char tracked[MOST_FILES];

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static void put(const void *bytes, size_t length) {
    while (length > 0) {
        ssize_t done = REAL(write)(trace, bytes, length);
        if (done <= 0) abort();
        bytes = (const char *)bytes + done;
        length -= (size_t)done;
    }
}

static void note(char kind, uint64_t inode, uint64_t number, const char *path, const void *data, size_t length) {
    int before = errno;
    if (trace < 0) {
        trace = REAL(open)(getenv("RECORDER_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (trace < 0) abort();
    }
    uint32_t lengths[2] = {path ? (uint32_t)strlen(path) : 0, (uint32_t)length};
    put(&kind, 1);
    put(&inode, sizeof inode);
    put(&number, sizeof number);
    put(lengths, sizeof lengths);
    put(path, lengths[0]);
    put(data, length);
    errno = before;
}

static int inside(const char *path) {
    if (!root && !(root = getenv("RECORDER_ROOT"))) return 0;
    return strncmp(path, root, strlen(root)) == 0;
}

static int follows(int fd) { return fd >= 0 && fd < MOST_FILES && tracked[fd]; }

static uint64_t inode_of(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) abort();
    return status.st_ino;
}

/* The whole path of a name in an open directory. */
static const char *whole(int dir, const char *name, char *space) {
    if (name[0] == '/' || dir == AT_FDCWD) return name;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    ssize_t length = readlink(link, space, PATH_MAX);
    if (length < 0) return name;
    snprintf(space + length, PATH_MAX, "/%s", name);
    return space;
}

static int opened(int dir, const char *name, int flags, mode_t mode) {
    char space[2 * PATH_MAX];
    const char *path = whole(dir, name, space);
    if (!inside(path)) return REAL(openat)(dir, name, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int is_new = lstat(path, &before) != 0;
    int fd = REAL(openat)(dir, name, flags, mode);
    if (fd >= MOST_FILES) abort();
    if (fd >= 0) {
        tracked[fd] = 1;
        if (is_new) note('c', inode_of(fd), 0, path, "", 0);
        else if (flags & O_TRUNC) note('t', inode_of(fd), 0, "", "", 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE(flags, mode) return opened(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE(flags, mode) return opened(dir, path, flags, mode); }

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < MOST_FILES) tracked[fd] = 0;
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static ssize_t written(int fd, const void *data, size_t length, off_t at) {
    pthread_mutex_lock(&lock);
    off_t place = at;
    if (at < 0 && fd != STDOUT_FILENO) {
        if (fcntl(fd, F_GETFL) & O_APPEND) abort();
        place = lseek(fd, 0, SEEK_CUR);
    }
    ssize_t done = at < 0 ? REAL(write)(fd, data, length) : REAL(pwrite)(fd, data, length, at);
    if (done > 0) {
        if (fd == STDOUT_FILENO) note('a', 0, 0, "", data, (size_t)done);
        else note('w', inode_of(fd), (uint64_t)place, "", data, (size_t)done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    if (!follows(fd) && fd != STDOUT_FILENO) return REAL(write)(fd, data, length);
    return written(fd, data, length, -1);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    return follows(fd) ? written(fd, data, length, at) : REAL(pwrite)(fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return pwrite(fd, data, length, at); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (follows(fd)) abort();
    return REAL(writev)(fd, parts, count);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *place, size_t length, unsigned flags) {
    if (follows(to)) abort();
    return REAL(copy_file_range)(from, at, to, place, length, flags);
}

/* A call on an open file whose entry is its letter and a number. */
#define ON_FILE(kind, number, call) \
    if (!follows(fd)) return call; \
    pthread_mutex_lock(&lock); \
    int result = call; \
    if (result == 0) note(kind, inode_of(fd), (uint64_t)(number), "", "", 0); \
    pthread_mutex_unlock(&lock); \
    return result;

int ftruncate(int fd, off_t length) { ON_FILE('t', length, REAL(ftruncate)(fd, length)) }
int ftruncate64(int fd, off64_t length) { ON_FILE('t', length, REAL(ftruncate)(fd, length)) }
int fsync(int fd) { ON_FILE('s', 0, REAL(fsync)(fd)) }
int fdatasync(int fd) { ON_FILE('s', 1, REAL(fdatasync)(fd)) }
int fallocate(int fd, int mode, off_t at, off_t length) {
    if (follows(fd)) abort();
    return REAL(fallocate)(fd, mode, at, length);
}

/* A call that changes names. */
#define ON_NAMES(kind, path, other, call) \
    if (!inside(path)) return call; \
    pthread_mutex_lock(&lock); \
    int result = call; \
    if (result == 0) note(kind, 0, 0, path, other, strlen(other)); \
    pthread_mutex_unlock(&lock); \
    return result;

int mkdir(const char *path, mode_t mode) {
    if (!inside(path)) return REAL(mkdir)(path, mode);
    pthread_mutex_lock(&lock);
    struct stat made;
    int result = REAL(mkdir)(path, mode);
    if (result == 0 && lstat(path, &made) == 0) note('d', made.st_ino, 0, path, "", 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) { ON_NAMES('r', from, to, REAL(rename)(from, to)) }
int unlink(const char *path) { ON_NAMES('u', path, "", REAL(unlink)(path)) }
int rmdir(const char *path) { ON_NAMES('u', path, "", REAL(rmdir)(path)) }
int unlinkat(int dir, const char *name, int flags) {
    char space[2 * PATH_MAX];
    const char *path = whole(dir, name, space);
    ON_NAMES('u', path, "", REAL(unlinkat)(dir, name, flags))
}
