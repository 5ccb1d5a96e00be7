/* What a wrapper writes into the folder of its attempt, and says on standard output. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* A pid, a start time and a boot id, a line each. In bytes: two numbers of 20 digits, and a boot id of 36. */
enum { IDENTITY_BYTES = 96 };

/* Reads what the boot is called. To be called once, before anything is forked. Ends the process where there is no /proc. */
void find_boot_id(void);

/* Who a process is. Returns the length, or 0 when that cannot be known. */
size_t identity_of(pid_t pid, char identity[IDENTITY_BYTES]);

/* Makes a file that does not have its name yet, and returns it open, or -1. */
int put(int folder, const char *part, const char *text, size_t length);

/* Writes all of a text, whatever signals come. Returns 0, or -1 when the system takes no more of it. */
int write_whole(int file, const char *text, size_t length);

/* Ends a wrapper that cannot do its work, with the reason in the file "trouble" of its attempt. */
_Noreturn void give_up(int folder, const char *what);
