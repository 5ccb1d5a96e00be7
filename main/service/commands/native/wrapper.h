/* The wrapper of one command: what wrapper.pl does for a command without a terminal whose errors are not told apart. */
#pragma once

/* The status of a wrapper that has said itself how its command has ended, so that nobody else has to. */
enum { HAS_TOLD = 3 };

/* What is asked for one command. All texts end with a zero byte, and live as long as the process. */
struct request {
    /* Stands before each word on standard output. */
    const char *id;
    const char *attempt;
    const char *folder;
    /* "nothing", "file:PATH" or "pipe" */
    const char *input;
    /* The program and its arguments, and the whole environment, with a NULL behind the last. */
    char **command;
    char **environment;
};

/* Runs the command in this process's child. It has /dev/null as standard input, and has no other file open but the first three. */
_Noreturn void run_wrapper(const struct request *request);
