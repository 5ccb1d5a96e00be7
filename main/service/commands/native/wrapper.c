#include "wrapper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "records.h"

/* What the record of an end is made of; the space is taken before the command begins. In bytes. */
enum { RECORD_BYTES = 64 };
/* The longest word has two records of who a process is. */
enum { WORD_BYTES = 2 * IDENTITY_BYTES + RECORD_BYTES };
/* Between two tries to write where the disk is full, in seconds. */
enum { FULL_DISK_PAUSE_S = 1 };
/* What a shell says of a program that could not be executed. */
enum { NOT_EXECUTED = 127 };

/* What ends or stops ordinary programs. A handler, because what is ignored would stay ignored in the command. */
static const int outlived[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
enum { OUTLIVED = sizeof outlived / sizeof outlived[0] };

/* Of the attempt; and the pipe that the command reads, which this process keeps open. -1 for none. */
static int folder = -1;
static volatile sig_atomic_t kept_open = -1;

static void do_nothing(int signal) { (void)signal; }

/* Also a signal handler. */
static void close_input(int signal) {
    (void)signal;
    int why = errno;
    int pipe = kept_open;
    kept_open = -1;
    if (pipe >= 0) {
        unlinkat(folder, "input", 0);
        close(pipe);
    }
    errno = why;
}

static void on(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigaction(signal, &action, NULL);
}

/* Says one line, whatever is in it. */
static void say(const char *id, const char *format, ...) {
    char word[WORD_BYTES];
    int start = snprintf(word, sizeof word, "%s ", id);
    if (start < 0 || start >= (int)sizeof word) return;
    va_list values;
    va_start(values, format);
    vsnprintf(word + start, sizeof word - (size_t)start - 1, format, values);
    va_end(values);
    size_t length = strlen(word);
    for (size_t at = 0; at < length; at++)
        if (word[at] == '\n') word[at] = '\t';
    word[length] = '\n';
    /* Offloop may have ended, and nobody reads this then. */
    write_whole(STDOUT_FILENO, word, length + 1);
}

/* Opens a pipe in the folder for the command to read, and keeps it open for others to write. */
static int open_input_pipe(void) {
    if (mkfifoat(folder, "input", 0600) != 0) give_up(folder, "input");
    /* The reading end first, and without waiting: each end waits for the other. */
    int reading = openat(folder, "input", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (reading < 0) give_up(folder, "input");
    /* Without a writing end of its own, the command would be at the end of its input whenever Offloop is not there. */
    kept_open = openat(folder, "input", O_WRONLY | O_CLOEXEC);
    if (kept_open < 0 || fcntl(reading, F_SETFL, 0) != 0) give_up(folder, "input");
    on(SIGUSR1, close_input);
    return reading;
}

/* The named pipe that standard output goes to instead of the file; -1 where there is none. */
static int open_output_pipe(void) {
    struct stat link;
    if (fstatat(folder, "stdout", &link, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(link.st_mode)) return -1;
    /* Without waiting: whoever reads it is there, or never will be. */
    int pipe = openat(folder, "stdout", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (pipe < 0) give_up(folder, "the pipe for its output is gone");
    if (fcntl(pipe, F_SETFL, 0) != 0) give_up(folder, "stdout");
    return pipe;
}

/* Writes down by what in their environment all processes of the attempt are found. */
static void write_marker(char **environment) {
    static const char name[] = "OFFLOOP_RUN=";
    for (; *environment; environment++) {
        if (strncmp(*environment, name, strlen(name)) != 0) continue;
        const char *marker = *environment + strlen(name);
        int file = put(folder, "intent", marker, strlen(marker));
        if (file < 0) give_up(folder, "intent");
        close(file);
    }
}

/* Becomes the command. `reading` is -1 where its input is still to be opened, `piped` where its output is the file. */
static _Noreturn void become_command(const struct request *request, int reading, int output, int piped, int word) {
    for (size_t at = 0; at < OUTLIVED; at++) on(outlived[at], SIG_DFL);
    const char *step = "input";
    if (strncmp(request->input, "file:", strlen("file:")) == 0)
        /* Without waiting, because it may be the pipe of somebody who is gone. */
        reading = open(request->input + strlen("file:"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    else if (reading < 0)
        reading = STDIN_FILENO;
    if (reading >= 0) step = "chdir";
    if (reading >= 0 && chdir(request->folder) == 0) {
        step = "exec";
        if (reading != STDIN_FILENO) {
            fcntl(reading, F_SETFL, 0);
            dup2(reading, STDIN_FILENO);
        }
        dup2(piped >= 0 ? piped : output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        /* By this one's PATH the program is looked for. */
        environ = request->environment;
        execvp(request->command[0], request->command);
    }
    char refusal[RECORD_BYTES];
    int length = snprintf(refusal, sizeof refusal, "%s %d", step, errno);
    write_whole(word, refusal, (size_t)length);
    _exit(NOT_EXECUTED);
}

/* Writes how the command ended into the space that was taken, and gives it its name. Returns 0, or -1. */
static int record(int file, const char *how) {
    char line[RECORD_BYTES + 1];
    snprintf(line, sizeof line, "%-*s\n", RECORD_BYTES - 1, how);
    if (lseek(file, 0, SEEK_SET) != 0 || write_whole(file, line, RECORD_BYTES) != 0) return -1;
    /* Its size stays the same, so its times alone may be older after a power cut. */
    if (fdatasync(file) != 0) return -1;
    /* The system puts the new name on disk by itself; after a power cut before that the end is not known, and said so. */
    return renameat(folder, "exit.part", folder, "exit");
}

_Noreturn void run_wrapper(const struct request *request) {
    for (size_t at = 0; at < OUTLIVED; at++) on(outlived[at], do_nothing);
    folder = open(request->attempt, O_PATH | O_DIRECTORY | O_CLOEXEC);
    /* Its trouble has no place to be written to. */
    if (folder < 0) _exit(EXIT_FAILURE);

    write_marker(request->environment);
    char self[IDENTITY_BYTES];
    size_t self_length = identity_of(getpid(), self);
    if (self_length == 0) give_up(folder, "wrapper");
    int file = put(folder, "wrapper.part", self, self_length);
    if (file < 0) give_up(folder, "wrapper");
    close(file);
    /* A link fails where a name exists, a rename does not: Offloop may have given this start up. */
    if (linkat(folder, "wrapper.part", folder, "wrapper", 0) != 0) _exit(EXIT_SUCCESS);
    unlinkat(folder, "wrapper.part", 0);
    /* The space for the record of the end is taken now, while there is some. */
    char space[RECORD_BYTES];
    memset(space, ' ', sizeof space);
    int end = put(folder, "exit.part", space, sizeof space);
    if (end < 0) give_up(folder, "exit");

    int output = openat(folder, "output", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) give_up(folder, "output");
    int reading = strcmp(request->input, "pipe") == 0 ? open_input_pipe() : -1;
    int piped = open_output_pipe();
    int go[2], word[2];
    if (pipe2(go, O_CLOEXEC) != 0 || pipe2(word, O_CLOEXEC) != 0) give_up(folder, "pipe");

    clock_t begun = times(&(struct tms){0});
    pid_t pid = fork();
    if (pid < 0) give_up(folder, "fork");
    if (pid == 0) {
        close(go[1]);
        close(word[0]);
        setsid();
        char letter;
        ssize_t count;
        while ((count = read(go[0], &letter, 1)) < 0 && errno == EINTR) continue;
        /* Nothing runs before it is written down: without the word to go, its wrapper is dead. */
        if (count != 1) _exit(EXIT_SUCCESS);
        become_command(request, reading, output, piped, word[1]);
    }
    close(go[0]);
    close(word[1]);
    close(output);
    if (reading >= 0) close(reading);
    if (piped >= 0) close(piped);

    char own[IDENTITY_BYTES];
    size_t own_length = identity_of(pid, own);
    if (own_length == 0) give_up(folder, "command");
    file = put(folder, "command.part", own, own_length);
    if (file < 0) give_up(folder, "command");
    close(file);
    if (renameat(folder, "command.part", folder, "command") != 0) give_up(folder, "command");
    write_whole(go[1], ".", 1);
    close(go[1]);

    /* Both pipes close by themselves when the program takes over, so a word on this one means that it did not. */
    char refusal[RECORD_BYTES] = "";
    size_t said = 0;
    while (said < sizeof refusal - 1) {
        ssize_t count = read(word[0], refusal + said, sizeof refusal - 1 - said);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        said += (size_t)count;
    }
    close(word[0]);
    if (said > 0)
        say(request->id, "refused %s", refusal);
    else
        say(request->id, "started %s%s", own, self);

    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    long ticks = (long)(times(&(struct tms){0}) - begun);
    on(SIGUSR1, do_nothing);
    close_input(SIGUSR1);

    char how[RECORD_BYTES];
    if (said > 0)
        snprintf(how, sizeof how, "refused %.48s", refusal);
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "signal %d %ld", WTERMSIG(status), ticks);
    else
        snprintf(how, sizeof how, "exit %d %ld", WEXITSTATUS(status), ticks);
    /* A full disk must not cost the status: wait for space. Where the folder is gone there is nobody left to tell. */
    while (record(end, how) != 0 && (errno == ENOSPC || errno == EDQUOT)) sleep(FULL_DISK_PAUSE_S);
    say(request->id, "ended %s", how);
    _exit(HAS_TOLD);
}
