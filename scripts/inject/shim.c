// A disk that refuses the n-th call below one folder, and a clock that stands. Loaded before the C library (LD_PRELOAD).
//
//   INJECT_BELOW   the folder; other files are left alone
//   INJECT_AT      the number of the call, from 0; without it every call is written to INJECT_LOG: "CALL PATH"
//   INJECT_ERROR   the error's number
//   INJECT_FOREVER set: every call from that one on is refused
//   INJECT_NOW     seconds since 1970 that the clock stands at
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = dlsym(RTLD_NEXT, #name)
#define REFUSE(value) do { errno = number("INJECT_ERROR", EIO); return value; } while (0)

static long calls;

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static void note(const char *call, const char *path) {
    const char *log = getenv("INJECT_LOG");
    if (!log) return;
    static __typeof__(&open) opens;
    static __typeof__(&write) writes;
    if (!opens) opens = dlsym(RTLD_NEXT, "open");
    if (!writes) writes = dlsym(RTLD_NEXT, "write");
    char line[4200];
    int kept = errno, length = snprintf(line, sizeof line, "%s %s\n", call, path);
    int file = opens(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file >= 0) {
        writes(file, line, length);
        close(file);
    }
    errno = kept;
}

// Whether this call is to be refused. What is no path of a file (a pipe, a socket) is left alone.
static int refused(const char *call, const char *path) {
    const char *below = getenv("INJECT_BELOW");
    char whole[4096];
    if (!below || !path || !*path) return 0;
    if (*path != '/') {
        if (!getcwd(whole, sizeof whole / 2)) return 0;
        strcat(whole, "/");
        path = strncat(whole, path, sizeof whole / 2 - 2);
    }
    if (strncmp(path, below, strlen(below))) return 0;
    long count = __sync_fetch_and_add(&calls, 1), at = number("INJECT_AT", -1);
    if (at < 0) note(call, path);
    return at >= 0 && (count == at || (count > at && getenv("INJECT_FOREVER")));
}

static int refused_open(const char *call, int file) {
    char link[64], path[4096];
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (length <= 0 || *path != '/') return 0;
    path[length] = 0;
    return refused(call, path);
}

// Calls of an open file, of a path, and of two paths.
#define OF_FILE(type, name, call, parameters, arguments) \
    type name parameters { NEXT(name); if (refused_open(call, file)) REFUSE(-1); return next arguments; }
#define OF_PATH(type, name, call, failed, parameters, arguments) \
    type name parameters { NEXT(name); if (refused(call, path)) REFUSE(failed); return next arguments; }

OF_FILE(ssize_t, read, "read", (int file, void *to, size_t count), (file, to, count))
OF_FILE(ssize_t, pread64, "read", (int file, void *to, size_t count, off64_t at), (file, to, count, at))
OF_FILE(ssize_t, pwrite64, "write", (int file, const void *of, size_t count, off64_t at), (file, of, count, at))
OF_FILE(int, fsync, "fsync", (int file), (file))
OF_FILE(int, fdatasync, "fsync", (int file), (file))
OF_FILE(int, ftruncate64, "ftruncate", (int file, off64_t length), (file, length))
OF_FILE(off64_t, lseek64, "lseek", (int file, off64_t at, int from), (file, at, from))
OF_FILE(int, flock, "flock", (int file, int operation), (file, operation))
OF_FILE(int, fchmod, "fchmod", (int file, mode_t mode), (file, mode))
OF_FILE(int, fstat64, "stat", (int file, struct stat64 *to), (file, to))
OF_PATH(int, stat64, "stat", -1, (const char *restrict path, struct stat64 *restrict to), (path, to))
OF_PATH(int, lstat64, "stat", -1, (const char *restrict path, struct stat64 *restrict to), (path, to))
OF_PATH(int, rename, "rename", -1, (const char *path, const char *to), (path, to))
OF_PATH(int, unlink, "unlink", -1, (const char *path), (path))
OF_PATH(int, rmdir, "rmdir", -1, (const char *path), (path))
OF_PATH(int, mkdir, "mkdir", -1, (const char *path, mode_t mode), (path, mode))
OF_PATH(int, chmod, "chmod", -1, (const char *path, mode_t mode), (path, mode))
OF_PATH(char *, realpath, "realpath", 0, (const char *restrict path, char *restrict to), (path, to))
OF_PATH(DIR *, opendir, "opendir", 0, (const char *path), (path))

// Half of it is there before a disk is full.
ssize_t write(int file, const void *of, size_t count) {
    NEXT(write);
    if (file > 2 && refused_open("write", file)) {
        if (count > 1) next(file, of, count / 2);
        REFUSE(-1);
    }
    return next(file, of, count);
}

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict to) {
    NEXT(statx);
    // The compiler believes that this is never null; Rust's library asks so whether there is such a call.
    const char *volatile asked = path;
    if (asked && (*asked ? refused("stat", asked) : refused_open("stat", folder))) REFUSE(-1);
    return next(folder, path, flags, mask, to);
}

struct dirent64 *readdir64(DIR *folder) {
    NEXT(readdir64);
    if (refused_open("readdir", dirfd(folder))) REFUSE(0);
    return next(folder);
}

static int mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        NEXT(name); \
        va_list rest; \
        va_start(rest, flags); \
        int mode = mode_of(flags, rest); \
        va_end(rest); \
        if (refused("open", path)) REFUSE(-1); \
        return next(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

int clock_gettime(clockid_t clock, struct timespec *to) {
    NEXT(clock_gettime);
    long now = number("INJECT_NOW", 0);
    if (clock != CLOCK_REALTIME || !now) return next(clock, to);
    *to = (struct timespec){ .tv_sec = now };
    return 0;
}
