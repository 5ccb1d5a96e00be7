import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { failureOf } from '#kit/request-failed.ts'
import { openTestBroker } from './broker-fixture.ts'
import { forkHost, type Host } from './fork-host.ts'
import { isExtensionBuilt, NUMBERS, setUp } from './query-runs-fixture.ts'

/** In each way; OFFLOOP_MUTANTS asks for more. */
const MUTANTS = Number(process.env['OFFLOOP_MUTANTS'] ?? 200)
/** A mutant that keeps its host longer than this has it ended, as a person would. */
const PATIENCE_MS = 5_000
/** Time for the slowest machine; most mutants take a few milliseconds. */
const TIME_PER_MUTANT_MS = 250
const SEED = 20_260_101

/** Everything that the file format has: overflow pages, indexes, keys of every kind, virtual tables, views, triggers. */
const SAMPLE = `PRAGMA page_size = 1024; PRAGMA auto_vacuum = incremental;
  CREATE TABLE plain (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, amount REAL, data BLOB, twice AS (amount * 2));
  CREATE INDEX plain_name ON plain (name DESC, amount) WHERE amount > 10;
  CREATE TABLE keyed (a TEXT, b INT, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE VIEW joined AS SELECT name, c FROM plain LEFT JOIN keyed ON a = name;
  CREATE TRIGGER after_plain AFTER INSERT ON plain BEGIN DELETE FROM keyed WHERE b = new.id; END;
  CREATE VIRTUAL TABLE docs USING fts5 (body);
  CREATE VIRTUAL TABLE areas USING rtree (id, low, high);
  INSERT INTO plain (name, amount, data) ${NUMBERS} SELECT 'row ' || i, i * 1.5, randomblob(i * 7) FROM n LIMIT 150;
  INSERT INTO keyed ${NUMBERS} SELECT 'row ' || i, i, hex(zeroblob(i)) FROM n LIMIT 100;
  INSERT INTO docs ${NUMBERS} SELECT 'words of the document ' || i FROM n LIMIT 50;
  INSERT INTO areas ${NUMBERS} SELECT i, i, i + 1 FROM n LIMIT 50;
  DELETE FROM plain WHERE id % 7 = 0`
const TABLES = ['plain', 'keyed', 'joined', 'docs', 'areas', 'sqlite_schema']

/** Numbers that are the same in every run: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Damages a copy: flipped bits, overwritten stretches, a zeroed or repeated page, or an end that is missing. */
function mutate(original: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(original)
  const pageSize = 1024
  const page = (): number => random(bytes.length / pageSize) * pageSize
  switch (random(6)) {
    case 0:
      bytes.writeUInt8(random(256), 16 + random(84))
      return bytes
    case 1:
      // The header of a page and its list of cells, where a wrong number leads furthest.
      for (let i = 0; i < 4; i += 1)
        bytes.writeUInt8(random(256), Math.min(page() + random(40), bytes.length - 1))
      return bytes
    case 2:
      for (let i = 0; i < 20; i += 1) {
        const at = random(bytes.length)
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at)
      }
      return bytes
    case 3: {
      const at = random(bytes.length)
      return bytes.fill(random(256), at, at + 1 + random(64))
    }
    case 4:
      bytes.copy(bytes, page(), page(), page() + pageSize)
      return bytes
    default:
      return bytes.subarray(0, 512 + random(bytes.length - 512))
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

it.each(isExtensionBuilt ? (['off', 'on'] as const) : (['off'] as const))(
  `${MUTANTS} damaged databases, extension %s, end in rows or clear failures and are never changed`,
  async (extension) => {
    const { make, folder } = await setUp()
    const original = await readFile(await make('sample.db', SAMPLE))
    const broker = openTestBroker(extension)
    const random = seeded(SEED)
    const place = join(folder, 'mutants')
    await mkdir(place)
    const resultPath = join(folder, 'result')
    const path = join(place, 'mutant.db')
    const counts = { answered: 0, failed: 0, lost: 0 }
    let host: Host | undefined
    try {
      for (let mutant = 0; mutant < MUTANTS; mutant += 1) {
        const bytes = mutate(original, random)
        await writeFile(path, bytes)
        const mode = mutant % 2 === 0 ? 'read-only' : 'read-write'
        const label = `mutant ${mutant} of seed ${SEED}, ${mode}`

        /** Asks, and counts how it went: a failure must say something to a person, a lost host is only that. */
        const ask = async (work: (asked: Host) => Promise<unknown>): Promise<boolean> => {
          try {
            if (host === undefined || host.gone) {
              await writeFile(join(folder, 'whole.db'), original)
              host = await forkHost(broker.client, { database: join(folder, 'whole.db'), mode }, 'whole.db')
            }
            await work(host)
            counts.answered += 1
            return true
          } catch (error) {
            const failure = failureOf(error)
            expect(
              ['database', 'host-lost', 'deadline', 'cancelled'],
              `${label}: ${failure.message}`,
            ).toContain(failure.code)
            expect(failure.message.length, label).toBeGreaterThan(0)
            if (failure.code === 'database') counts.failed += 1
            else {
              counts.lost += 1
              await host?.kill()
              host = undefined
            }
            return false
          }
        }

        const deadline = { deadlineMs: PATIENCE_MS }
        if (await ask(({ client }) => client.call('open', { path, mode }, deadline))) {
          await ask(({ client }) => client.call('schema', {}, deadline))
          for (const table of TABLES) {
            if (host === undefined) break
            const sql = `SELECT * FROM ${table}`
            await ask(
              ({ client }) => client.stream('execute', { sql, resultPath, rows: 'none' }, deadline).result,
            )
          }
          await ask(({ client }) => client.call('close', {}, deadline))
        }
        expect(hashOf(await readFile(path)), label).toBe(hashOf(bytes))
        expect(await readdir(place), label).toEqual(['mutant.db'])
      }
    } finally {
      await broker.close()
    }
    console.log(`extension ${extension}: ${JSON.stringify(counts)} of ${MUTANTS} mutants`)
    // Damage that nothing notices would say that nothing was tried.
    expect(counts.failed).toBeGreaterThan(MUTANTS / 4)
    expect(counts.answered).toBeGreaterThan(MUTANTS)
  },
  20_000 + MUTANTS * TIME_PER_MUTANT_MS,
)
