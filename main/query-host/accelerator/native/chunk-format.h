/* The layout of a chunk and of a result's files. The reference is contract/chunk/, described in docs/result-format.md. */
#ifndef OFFLOOP_CHUNK_FORMAT_H
#define OFFLOOP_CHUNK_FORMAT_H

#include <stdint.h>

#define CHUNK_MAGIC 0x3143464fu
#define CHUNK_HEADER_BYTES 16
#define COLUMN_ENTRY_BYTES 24
#define MAX_CHUNK_ROWS 4096
#define CHUNK_BYTES_GOAL (1024 * 1024)
#define MAX_CHUNK_BYTES 2147483640u

#define FORM_NULL 0
#define FORM_INT32 1
#define FORM_INT64 2
#define FORM_FLOAT64 3
#define FORM_TEXT 4
#define FORM_BLOB 5
#define FORM_MIXED 6

#define TAG_NULL 0
#define TAG_INTEGER 1
#define TAG_REAL 2
#define TAG_TEXT 3
#define TAG_BLOB 4

#define FILE_MAGIC "OFLROWS1"
#define FILE_HEADER_BYTES 16
#define CHUNK_FRAME_MAGIC 0x4b4e4843u
#define FRAME_BYTES 24
#define INDEX_ENTRY_BYTES 32
#define INDEX_ENTRY_CHECKED_BYTES 28
#define MAX_COLUMNS_BYTES (64u * 1024 * 1024)

/** The next multiple of 8, where a section may begin. */
static inline uint64_t aligned(uint64_t offset) {
  return (offset + 7) & ~(uint64_t)7;
}

static inline uint32_t bitmap_bytes(uint32_t rows) {
  return (rows + 7) >> 3;
}

#endif
