/* The CRC-32 of zip and zlib. */
#ifndef OFFLOOP_CHECKSUM_H
#define OFFLOOP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t checksum(const void *bytes, size_t length);

#endif
