/*
 * Starts a wrapper for each command that it is told of. It takes requests and answers as launcher.pl does, for commands
 * without a terminal whose errors are not told apart; for Linux.
 *
 * On standard input come requests: a length in 4 bytes, the highest first, and so many bytes, which are texts with zero
 * bytes between them: an ID, the number of arguments, the arguments of wrapper.pl, and the whole environment as NAME=VALUE.
 * On standard output go lines: "ID gone" once a wrapper has ended without having told of it, "ID broken ERRNO" when there
 * could be none, and what the wrappers themselves say, each line behind its ID.
 *
 * It ends with its standard input. The wrappers go on: each is in a session of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "records.h"
#include "wrapper.h"

enum { LENGTH_BYTES = 4 };
/* What is read at once. Most requests are smaller: they are about as large as the environment. */
enum { PIECE_BYTES = 64 * 1024 };
/* ATTEMPT FOLDER INPUT TERMINAL PROGRAM */
enum { LEAST_ARGUMENTS = 5 };
/* The longest ID that is remembered, with its end. */
enum { ID_BYTES = 24 };

struct running {
    pid_t pid;
    char id[ID_BYTES];
};

/* The wrappers that have not ended. */
static struct running *all;
static size_t count, room;

static void report(const char *id, const char *what) {
    char line[ID_BYTES + 32];
    int length = snprintf(line, sizeof line, "%s %s\n", id, what);
    write_whole(STDOUT_FILENO, line, (size_t)length);
}

/* Tells of the wrappers that have ended. */
static void bury(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        size_t at = 0;
        while (at < count && all[at].pid != pid) at++;
        if (at == count) continue;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != HAS_TOLD) report(all[at].id, "gone");
        all[at] = all[--count];
    }
}

/* Splits a request, whose text has a zero byte behind it. Returns -1 when there is no room, or it is none. */
static int understand(char *text, size_t length, struct request *request) {
    size_t texts = 1;
    for (size_t at = 0; at < length; at++) texts += text[at] == '\0';
    /* Two lists, each with a NULL behind it. */
    char **list = calloc(texts + 2, sizeof *list);
    if (!list) return -1;
    size_t at = 0;
    for (char *one = text; at < texts; one += strlen(one) + 1) list[at++] = one;
    size_t arguments = texts > 1 ? strtoul(list[1], NULL, 10) : 0;
    if (arguments < LEAST_ARGUMENTS || arguments > texts - 2) {
        free(list);
        errno = EINVAL;
        return -1;
    }
    /* Environment one further, so that the arguments have a NULL behind them. */
    size_t variables = texts - 2 - arguments;
    memmove(list + 2 + arguments + 1, list + 2 + arguments, variables * sizeof *list);
    list[2 + arguments] = NULL;
    *request = (struct request){
        .id = list[0],
        .attempt = list[2],
        .folder = list[3],
        .input = list[4],
        .command = list + 6,
        .environment = list + 2 + arguments + 1,
    };
    return 0;
}

static int make_room(void) {
    if (count < room) return 0;
    size_t wanted = room ? 2 * room : 64;
    struct running *more = realloc(all, wanted * sizeof *all);
    if (!more) return -1;
    all = more;
    room = wanted;
    return 0;
}

/* Starts the wrapper that a request asks for. */
static void serve(char *text, size_t length, const sigset_t *unblocked) {
    char id[ID_BYTES];
    snprintf(id, sizeof id, "%s", text);
    pid_t pid = make_room() == 0 ? fork() : -1;
    if (pid < 0) {
        char what[32];
        snprintf(what, sizeof what, "broken %d", errno);
        report(id, what);
        return;
    }
    if (pid > 0) {
        struct running *mine = &all[count++];
        mine->pid = pid;
        memcpy(mine->id, id, sizeof mine->id);
        return;
    }
    setsid();
    struct request request;
    if (understand(text, length, &request) != 0) _exit(EXIT_FAILURE);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigprocmask(SIG_SETMASK, unblocked, NULL);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) _exit(EXIT_FAILURE);
    dup2(nothing, STDIN_FILENO);
    /* A wrapper that outlives its service must not keep that one's standard error open. */
    dup2(nothing, STDERR_FILENO);
    close(nothing);
    run_wrapper(&request);
}

/* Serves all requests that have come whole. Returns how many bytes they were. */
static size_t serve_all(char *came, size_t held, const sigset_t *unblocked) {
    size_t served = 0;
    while (held - served >= LENGTH_BYTES) {
        const unsigned char *high = (const unsigned char *)came + served;
        size_t length = (size_t)high[0] << 24 | (size_t)high[1] << 16 | (size_t)high[2] << 8 | high[3];
        if (held - served - LENGTH_BYTES < length) break;
        char *text = came + served + LENGTH_BYTES;
        /* The end of its last text, in the place of what comes next. */
        char next = text[length];
        text[length] = '\0';
        serve(text, length, unblocked);
        text[length] = next;
        served += LENGTH_BYTES + length;
        bury();
    }
    return served;
}

static void wake_up(int signal) { (void)signal; }

int main(int argc, char **argv) {
    find_boot_id();
    /* Whoever starts this asks first whether it can. */
    if (argc == 2 && strcmp(argv[1], "check") == 0) return write_whole(STDOUT_FILENO, "ready\n", 6) ? EXIT_FAILURE : EXIT_SUCCESS;

    /* Files that whoever started this has left open are not the commands' business. */
    if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        for (int file = (int)sysconf(_SC_OPEN_MAX) - 1; file > STDERR_FILENO; file--) close(file);

    /* A wrapper that ends wakes this process, but only while it waits. Handlers: what is ignored stays ignored in a command. */
    sigset_t waiting, busy;
    sigprocmask(SIG_SETMASK, NULL, &waiting);
    sigdelset(&waiting, SIGCHLD);
    busy = waiting;
    sigaddset(&busy, SIGCHLD);
    sigprocmask(SIG_SETMASK, &busy, NULL);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = wake_up}, NULL);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = wake_up}, NULL);

    size_t held = 0, size = 0;
    char *came = NULL;
    for (;;) {
        bury();
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (ppoll(&input, 1, NULL, &waiting) <= 0) continue;
        /* With a byte more than is read, for the end of the last text. */
        if (size < held + PIECE_BYTES + 1) {
            size = held + PIECE_BYTES + 1;
            char *larger = realloc(came, size);
            if (!larger) return EXIT_FAILURE;
            came = larger;
        }
        ssize_t piece = read(STDIN_FILENO, came + held, PIECE_BYTES);
        if (piece < 0 && errno == EINTR) continue;
        if (piece <= 0) return EXIT_SUCCESS;
        held += (size_t)piece;
        size_t served = serve_all(came, held, &waiting);
        memmove(came, came + served, held - served);
        held -= served;
    }
}
