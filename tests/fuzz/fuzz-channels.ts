import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright/test'
import { chances } from '../faults/chances.ts'
import { drawMessages } from './draw-messages.ts'
import { lookAt, type FuzzPlaces } from './fuzz-places.ts'
import { sendMessages } from './send-messages.ts'
import { watchProcesses } from './watch-processes.ts'

/** As many messages at once: together they take about as long as one. */
const BATCH = 1_000
/** What has not answered after this is cancelled, in milliseconds: streams that never end by themselves, mostly. */
const PATIENCE_MS = 150
/** How long a cancel may take under this load, in milliseconds. */
const CANCEL_MS = 20_000
/** What Offloop is made of, and what its valid requests may start. */
const PROGRAMS =
  /^(electron|offloop.*|chrome_crashpad_handler|perl.*|sh|dash|bash|true|echo|printf|cat|exe|xdg-.*|setsid|mknod|mkfifo)$/
/** How a host may end: by itself, or because it was told to. Everything else is a crash. */
const ENDED_WELL = new Set(['0', '9', '15'])

/** What came of it. `broken` is empty when everything held. */
export interface FuzzReport {
  readonly sent: number
  readonly answers: Readonly<Record<string, number>>
  readonly unsendable: number
  readonly programs: readonly string[]
  readonly broken: readonly string[]
  /** Methods of which at least one request was carried out. */
  readonly carriedOut: ReadonlySet<string>
  /** What failed by a fault of Offloop's own: what was said, and the messages that led to it. */
  readonly faults: ReadonlyMap<string, readonly string[]>
}

/** Sends messages with hostile values from the page, by every channel there is, and looks at what became of Offloop. */
export async function fuzzChannels({
  app,
  page,
  places,
  calls,
  seed,
  say = () => undefined,
}: {
  readonly app: ElectronApplication
  readonly page: Page
  readonly places: FuzzPlaces
  readonly calls: number
  readonly seed: number
  readonly say?: (line: string) => void
}): Promise<FuzzReport> {
  const broken: string[] = []
  const answers: Record<string, number> = {}
  const carriedOut = new Set<string>()
  const faults = new Map<string, string[]>()
  let unsendable = 0
  page.once('crash', () => broken.push('The page ended.'))
  await keepDialogsShut(app)
  const main = app.process().pid ?? 0
  const before = { files: await lookAt(places), processes: await lastingProcesses(app) }
  const next = drawMessages(chances(seed), places, [process.pid, process.ppid])
  const watch = watchProcesses(main)

  let sent = 0
  while (sent < calls && broken.length === 0) {
    const messages = Array.from({ length: Math.min(BATCH, calls - sent) }, next)
    const told = await page.evaluate(sendMessages, {
      messages,
      patienceMs: PATIENCE_MS,
      cancelMs: CANCEL_MS,
    })
    sent += messages.length
    unsendable += told.unsendable
    for (const [how, times] of Object.entries(told.answers)) answers[how] = (answers[how] ?? 0) + times
    for (const number of told.unanswered)
      broken.push(`Was not answered: ${JSON.stringify(messages[number]).slice(0, 1_500)}`)
    for (const number of told.carriedOut) {
      const message = messages[number]
      if (message?.kind === 'request' && message.method.is === 'plain')
        carriedOut.add(String(message.method.value))
    }
    for (const [number, said] of told.faults) {
      const kind = said.slice(0, 100)
      faults.set(kind, [...(faults.get(kind) ?? []), JSON.stringify(messages[number]).slice(0, 1_500)])
    }
    const processes = await lastingProcesses(app)
    if (processes !== before.processes)
      broken.push(`Processes were ${before.processes}, and are ${processes}.`)
    if (sent % 5_000 === 0) say(`${sent} sent: ${JSON.stringify(answers)}`)
  }
  await watch.close()

  const files = await lookAt(places)
  const changed = [...files.filter((file) => !before.files.includes(file))]
  const gone = before.files.filter((file) => !files.includes(file))
  if (changed.length + gone.length > 0)
    broken.push(`Outside of the profile changed or came: ${changed.join(', ')}; went: ${gone.join(', ')}`)
  const programs = [...watch.programs].sort()
  const foreign = programs.filter((program) => !PROGRAMS.test(program))
  if (foreign.length > 0) broken.push(`Nobody asked for ${foreign.join(', ')}.`)
  broken.push(...(await crashesIn(places.profile)))
  return { sent, answers, unsendable, programs, broken, faults, carriedOut }
}

/** The system's dialogs wait for a person, and its programs would open on the machine of whoever runs this. */
async function keepDialogsShut(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ dialog, shell }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] })
    dialog.showSaveDialog = () => Promise.resolve({ canceled: true, filePath: '' })
    shell.openPath = () => Promise.resolve('')
    shell.showItemInFolder = () => undefined
  })
}

/** Main, the page and the service, each with its number; another number is another process. */
async function lastingProcesses(app: ElectronApplication): Promise<string> {
  return app.evaluate(({ app }) =>
    app
      .getAppMetrics()
      .filter(({ type, serviceName }) => type !== 'Utility' || serviceName === 'node.mojom.NodeService')
      .filter(({ type, name }) => type !== 'Utility' || name === 'Offloop Service')
      .map(({ pid, type, name }) => `${name ?? type} ${pid}`)
      .sort()
      .join(', '),
  )
}

/** Ends of processes that the log tells of and that nobody wanted. */
async function crashesIn(profile: string): Promise<readonly string[]> {
  const log = join(profile, 'logs', 'offloop.log')
  const isThere = await access(log).then(
    () => true,
    () => false,
  )
  if (!isThere) return []
  const text = await readFile(log, 'utf8')
  return text
    .split('\n')
    .filter(
      (line) => !ENDED_WELL.has(/ended with (\S+)$/.exec(line)?.[1] ?? '0') || line.includes('Uncaught'),
    )
}
