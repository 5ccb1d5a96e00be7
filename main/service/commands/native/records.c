#include "records.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a file in /proc that has some numbers and one name of at most 64 bytes. */
enum { STAT_BYTES = 1024 };
/* Behind the name, which may have spaces and parentheses: the start time is field 22 of proc(5), and that is the 20th. */
enum { START_TIME_FIELD = 20 };

static char boot_id[64];

/* Reads a small file whole. Returns its length; 0 when there is none. */
static size_t slurp(const char *path, char *text, size_t room) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, room - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = '\0';
    return (size_t)count;
}

void find_boot_id(void) {
    slurp("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
    boot_id[strcspn(boot_id, " \n")] = '\0';
    if (boot_id[0] == '\0') _exit(EXIT_FAILURE);
}

size_t identity_of(pid_t pid, char identity[IDENTITY_BYTES]) {
    char path[32];
    char stat[STAT_BYTES];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!slurp(path, stat, sizeof stat)) return 0;
    const char *field = strrchr(stat, ')');
    for (int at = 0; field && at < START_TIME_FIELD; at++) {
        field = strchr(field, ' ');
        if (field) field++;
    }
    size_t digits = field ? strspn(field, "0123456789") : 0;
    if (digits == 0) return 0;
    int length = snprintf(identity, IDENTITY_BYTES, "%d\n%.*s\n%s\n", (int)pid, (int)digits, field, boot_id);
    return length < IDENTITY_BYTES ? (size_t)length : 0;
}

int put(int folder, const char *part, const char *text, size_t length) {
    int file = openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    if (write_whole(file, text, length) == 0) return file;
    int why = errno;
    close(file);
    errno = why;
    return -1;
}

int write_whole(int file, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(file, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        text += written;
        length -= (size_t)written;
    }
    return 0;
}

_Noreturn void give_up(int folder, const char *what) {
    char reason[128];
    int length = snprintf(reason, sizeof reason, "%s: %s\n", what, strerror(errno));
    int file = openat(folder, "trouble", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0 && length > 0) write_whole(file, reason, strnlen(reason, sizeof reason));
    _exit(EXIT_FAILURE);
}
