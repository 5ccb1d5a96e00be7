/* Finds the chunks of a result on disk, of which no byte is trusted. */
#ifndef OFFLOOP_RESULT_FILE_H
#define OFFLOOP_RESULT_FILE_H

#include "chunk-format.h"
#include "extension.h"

#ifdef _WIN32
#include <windows.h>
typedef HANDLE File;
#else
typedef int File;
#endif

/** Where a chunk is. */
typedef struct {
  uint64_t first_row;
  /** Of its frame, from the start of the file. */
  uint64_t offset;
  uint32_t rows;
  uint32_t length;
  uint32_t checksum;
  /** Its bytes were summed up once and are what was written. */
  int verified;
} ChunkPlace;

typedef struct {
  File file;
  ChunkPlace *chunks;
  uint64_t chunk_count;
  uint64_t rows;
} ResultFile;

/**
 * Opens a result.
 * @param path without the endings of its two files
 * @param columns becomes the JSON of the columns, for sqlite3_free
 * @param trouble becomes what is wrong, for sqlite3_free
 * @returns SQLITE_OK, SQLITE_NOMEM, SQLITE_CANTOPEN, or SQLITE_CORRUPT_VTAB when its beginning is damaged
 */
int result_file_open(ResultFile *file, const char *path, char **columns, char **trouble);
/** The chunk with a row that the result has. */
uint64_t result_file_find(const ResultFile *file, uint64_t row);
/** Reads a chunk into as much memory as it needs. @returns whether it is all there and as it was written. */
int result_file_read(ResultFile *file, uint64_t chunk, unsigned char *bytes);
void result_file_close(ResultFile *file);

#endif
