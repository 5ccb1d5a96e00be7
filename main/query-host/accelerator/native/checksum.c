#include "checksum.h"
#include <string.h>
#include "mutex.h"

/* Eight bytes at a time by eight tables, as in Intel's "Novel Table Lookup-Based Algorithm for CRC" (2006). */
#define TABLES 8
#define POLYNOMIAL 0xEDB88320u

static uint32_t tables[TABLES][256];
static int ready;
static Mutex mutex = MUTEX_UNLOCKED;

static void make_tables(void) {
  mutex_lock(&mutex);
  if (!ready) {
    for (uint32_t byte = 0; byte < 256; byte += 1) {
      uint32_t sum = byte;
      for (int bit = 0; bit < 8; bit += 1) sum = (sum >> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
      tables[0][byte] = sum;
    }
    for (uint32_t byte = 0; byte < 256; byte += 1) {
      for (int table = 1; table < TABLES; table += 1) {
        uint32_t before = tables[table - 1][byte];
        tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
      }
    }
    ready = 1;
  }
  mutex_unlock(&mutex);
}

uint32_t checksum(const void *pointer, size_t length) {
  const unsigned char *bytes = pointer;
  uint32_t sum = 0xffffffffu;
  make_tables();
  for (; length >= TABLES; bytes += TABLES, length -= TABLES) {
    uint32_t low;
    uint32_t high;
    memcpy(&low, bytes, 4);
    memcpy(&high, bytes + 4, 4);
    low ^= sum;
    sum = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^ tables[4][low >> 24] ^
          tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^ tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
  }
  for (; length > 0; bytes += 1, length -= 1) sum = (sum >> 8) ^ tables[0][(sum ^ *bytes) & 0xff];
  return sum ^ 0xffffffffu;
}
