#ifndef _WIN32
#define _FILE_OFFSET_BITS 64
#endif
#include "result-file.h"
#include <string.h>
#include "checksum.h"
#ifndef _WIN32
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
SQLITE_EXTENSION_INIT3

/* Entries of the index that are read at once: 64 KiB. */
#define ENTRIES_AT_ONCE 2048
/* Room for this many chunks at first: a million rows. */
#define FIRST_CHUNKS 256

/* The file is read and not mapped: one that is cut off while it is mapped would end the process. */
#ifdef _WIN32
#define NO_FILE INVALID_HANDLE_VALUE
static File open_file(const char *path) {
  WCHAR wide[32768];
  if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 32768)) return NO_FILE;
  return CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
}
static void close_file(File file) {
  CloseHandle(file);
}
static uint64_t file_size(File file) {
  LARGE_INTEGER size;
  return GetFileSizeEx(file, &size) ? (uint64_t)size.QuadPart : 0;
}
static uint64_t read_at(File file, uint64_t offset, void *bytes, uint64_t length) {
  uint64_t filled = 0;
  while (filled < length) {
    OVERLAPPED place = {0};
    DWORD wanted = length - filled > 0x40000000 ? 0x40000000 : (DWORD)(length - filled);
    DWORD got = 0;
    place.Offset = (DWORD)(offset + filled);
    place.OffsetHigh = (DWORD)((offset + filled) >> 32);
    if (!ReadFile(file, (char *)bytes + filled, wanted, &got, &place) || got == 0) break;
    filled += got;
  }
  return filled;
}
#else
#define NO_FILE (-1)
static File open_file(const char *path) {
  struct stat about;
  /* Not waiting: a pipe in the place of a result would block the opening. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode)) return file;
  if (file >= 0) close(file);
  return NO_FILE;
}
static void close_file(File file) {
  close(file);
}
static uint64_t file_size(File file) {
  struct stat about;
  return fstat(file, &about) == 0 ? (uint64_t)about.st_size : 0;
}
/** @returns how many bytes there were. */
static uint64_t read_at(File file, uint64_t offset, void *bytes, uint64_t length) {
  uint64_t filled = 0;
  while (filled < length) {
    ssize_t got = pread(file, (char *)bytes + filled, length - filled, (off_t)(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += (uint64_t)got;
  }
  return filled;
}
#endif

static uint32_t word(const unsigned char *bytes, size_t at) {
  uint32_t value;
  memcpy(&value, bytes + at, sizeof(value));
  return value;
}

static uint64_t long_word(const unsigned char *bytes, size_t at) {
  uint64_t value;
  memcpy(&value, bytes + at, sizeof(value));
  return value;
}

/** What is known of the file while its chunks are looked for. */
typedef struct {
  ResultFile *file;
  uint64_t size;
  /** Where the next frame must be. */
  uint64_t end;
  uint64_t capacity;
} Search;

/** Takes the next chunk in. @returns SQLITE_OK; SQLITE_DONE when it does not follow on the last one or is not whole. */
static int accept_chunk(Search *search, ChunkPlace place) {
  ResultFile *file = search->file;
  if (place.offset != search->end || place.first_row != file->rows) return SQLITE_DONE;
  if (place.rows == 0 || place.rows > MAX_CHUNK_ROWS || place.length > MAX_CHUNK_BYTES) return SQLITE_DONE;
  if (place.offset + FRAME_BYTES + place.length > search->size) return SQLITE_DONE;
  if (file->chunk_count == search->capacity) {
    uint64_t capacity = search->capacity ? search->capacity * 2 : FIRST_CHUNKS;
    ChunkPlace *grown = sqlite3_realloc64(file->chunks, capacity * sizeof(ChunkPlace));
    if (!grown) return SQLITE_NOMEM;
    file->chunks = grown;
    search->capacity = capacity;
  }
  file->chunks[file->chunk_count] = place;
  file->chunk_count += 1;
  file->rows += place.rows;
  search->end = place.offset + FRAME_BYTES + place.length;
  return SQLITE_OK;
}

static ChunkPlace place_of_entry(const unsigned char *entry) {
  ChunkPlace place = {long_word(entry, 0), long_word(entry, 8), word(entry, 16), word(entry, 20), word(entry, 24), 0};
  return place;
}

/** Reads the index up to the first entry that is torn. */
static int read_index(Search *search, const char *path) {
  int code = SQLITE_OK;
  uint64_t at = 0;
  File index = open_file(path);
  if (index == NO_FILE) return SQLITE_OK;
  unsigned char *bytes = sqlite3_malloc64(ENTRIES_AT_ONCE * INDEX_ENTRY_BYTES);
  if (!bytes) code = SQLITE_NOMEM;
  while (code == SQLITE_OK) {
    uint64_t length = read_at(index, at, bytes, ENTRIES_AT_ONCE * INDEX_ENTRY_BYTES);
    if (length < INDEX_ENTRY_BYTES) break;
    for (uint64_t next = 0; next + INDEX_ENTRY_BYTES <= length && code == SQLITE_OK; next += INDEX_ENTRY_BYTES) {
      const unsigned char *entry = bytes + next;
      int torn = word(entry, INDEX_ENTRY_CHECKED_BYTES) != checksum(entry, INDEX_ENTRY_CHECKED_BYTES);
      code = torn ? SQLITE_DONE : accept_chunk(search, place_of_entry(entry));
      at += INDEX_ENTRY_BYTES;
    }
  }
  sqlite3_free(bytes);
  close_file(index);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/** Goes from frame to frame where the index says nothing. */
static int read_frames(Search *search) {
  unsigned char frame[FRAME_BYTES];
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    if (read_at(search->file->file, search->end, frame, FRAME_BYTES) < FRAME_BYTES) break;
    if (word(frame, 0) != CHUNK_FRAME_MAGIC) break;
    ChunkPlace place = {long_word(frame, 8), search->end, word(frame, 16), word(frame, 4), word(frame, 20), 0};
    code = accept_chunk(search, place);
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/** Reads the list of columns. */
static int read_columns(Search *search, char **columns) {
  unsigned char header[FILE_HEADER_BYTES];
  if (read_at(search->file->file, 0, header, FILE_HEADER_BYTES) < FILE_HEADER_BYTES) return SQLITE_CORRUPT_VTAB;
  uint32_t length = word(header, 8);
  if (memcmp(header, FILE_MAGIC, 8) != 0 || length > MAX_COLUMNS_BYTES) return SQLITE_CORRUPT_VTAB;
  if (FILE_HEADER_BYTES + (uint64_t)length > search->size) return SQLITE_CORRUPT_VTAB;
  char *json = sqlite3_malloc64((uint64_t)length + 1);
  if (!json) return SQLITE_NOMEM;
  if (read_at(search->file->file, FILE_HEADER_BYTES, json, length) < length || checksum(json, length) != word(header, 12)) {
    sqlite3_free(json);
    return SQLITE_CORRUPT_VTAB;
  }
  json[length] = 0;
  *columns = json;
  search->end = FILE_HEADER_BYTES + (uint64_t)length;
  return SQLITE_OK;
}

int result_file_open(ResultFile *file, const char *path, char **columns, char **trouble) {
  Search search = {file, 0, 0, 0};
  char *rows_path = sqlite3_mprintf("%s.rows", path);
  char *index_path = sqlite3_mprintf("%s.index", path);
  int code = rows_path && index_path ? SQLITE_OK : SQLITE_NOMEM;
  memset(file, 0, sizeof(ResultFile));
  file->file = NO_FILE;
  if (code == SQLITE_OK) {
    file->file = open_file(rows_path);
    if (file->file == NO_FILE) {
      code = SQLITE_CANTOPEN;
      *trouble = sqlite3_mprintf("there is no result file %s", rows_path);
    }
  }
  if (code == SQLITE_OK) {
    search.size = file_size(file->file);
    code = read_columns(&search, columns);
    if (code == SQLITE_CORRUPT_VTAB) {
      *trouble = sqlite3_mprintf("the beginning of the result file %s is damaged", rows_path);
    }
  }
  if (code == SQLITE_OK) code = read_index(&search, index_path);
  if (code == SQLITE_OK) code = read_frames(&search);
  sqlite3_free(rows_path);
  sqlite3_free(index_path);
  if (code != SQLITE_OK) {
    result_file_close(file);
    sqlite3_free(*columns);
    *columns = 0;
  }
  return code;
}

uint64_t result_file_find(const ResultFile *file, uint64_t row) {
  uint64_t low = 0;
  uint64_t high = file->chunk_count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (file->chunks[middle].first_row + file->chunks[middle].rows <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

int result_file_read(ResultFile *file, uint64_t chunk, unsigned char *bytes) {
  ChunkPlace *place = &file->chunks[chunk];
  if (read_at(file->file, place->offset + FRAME_BYTES, bytes, place->length) < place->length) return 0;
  if (!place->verified) place->verified = checksum(bytes, place->length) == place->checksum;
  return place->verified;
}

void result_file_close(ResultFile *file) {
  if (file->file != NO_FILE) close_file(file->file);
  file->file = NO_FILE;
  sqlite3_free(file->chunks);
  file->chunks = 0;
}
