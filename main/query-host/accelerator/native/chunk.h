/* Reads a chunk of which no byte is trusted. */
#ifndef OFFLOOP_CHUNK_H
#define OFFLOOP_CHUNK_H

#include "chunk-format.h"
#include "extension.h"

/** The sections of one column, which lie within the chunk. */
typedef struct {
  int form;
  const uint8_t *nulls;
  const uint8_t *values;
  const uint8_t *tags;
  const uint8_t *heap;
  uint32_t heap_length;
} ChunkColumn;

/** Whether bytes are a chunk of so many rows and columns. They begin at a multiple of 8 in memory. */
int is_chunk(const unsigned char *bytes, uint64_t length, uint32_t rows, uint32_t columns);
/** Looks up a column of such bytes. @returns whether its sections lie within. */
int open_chunk_column(const unsigned char *bytes, uint32_t index, ChunkColumn *column);
/** Makes a value the result of a column. @returns whether it lies within the chunk. */
int result_chunk_value(sqlite3_context *context, const ChunkColumn *column, uint32_t row);

#endif
