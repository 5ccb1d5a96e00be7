/* Collects rows of a statement and makes chunks of them. */
#ifndef OFFLOOP_PACK_H
#define OFFLOOP_PACK_H

#include "chunk-format.h"
#include "extension.h"

typedef struct PackedColumn PackedColumn;

typedef struct {
  PackedColumn *columns;
  uint32_t column_count;
  uint32_t rows;
  /** About how many bytes the values take. */
  uint64_t bytes;
} Packer;

/** @returns SQLITE_OK or SQLITE_NOMEM. */
int packer_open(Packer *packer, uint32_t column_count);
/** Adds the row that a statement stands on. @returns SQLITE_OK; SQLITE_NOMEM or SQLITE_TOOBIG, and then nothing was added. */
int packer_add(Packer *packer, sqlite3_stmt *statement);
/** Whether the chunk has as many rows or bytes as one should have. */
int packer_is_full(const Packer *packer);
/** Makes a chunk of the rows, and begins anew. @returns memory for sqlite3_free; null without memory, and the rows stay. */
unsigned char *packer_finish(Packer *packer, uint64_t *length);
void packer_close(Packer *packer);

#endif
