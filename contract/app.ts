import { z } from 'zod'
import { call, stream, type Contract } from './channel.ts'
import { bytes } from './bytes.ts'
import { work } from './desktop.ts'
import { opening } from './opening.ts'
import { notice, processInfo } from './processes.ts'
import { leavingChoice } from './settings.ts'

/** Which output is meant: each attempt of a run has its own. */
const outputFile = z.object({ id: z.number().int().positive(), attempt: z.number().int().positive() })

/** The most code units of a text that a page saves: whatever may be longer is written by the service. */
const MAX_SAVED_TEXT = 10_000_000

/** The number of a question about leaving. */
const leavingQuestion = z.number().int().nonnegative()

/** What becomes of the runs, from now on too if `remember` says so; null when nobody leaves after all. */
export const leavingAnswer = z.object({ choice: leavingChoice.nullable(), remember: z.boolean() })
export type LeavingAnswer = z.infer<typeof leavingAnswer>

/** What the main process answers to a window. */
export const appContract = {
  info: call(
    z.object({}),
    z.object({
      version: z.string(),
      electron: z.string(),
      chrome: z.string(),
      node: z.string(),
      platform: z.enum(['linux', 'darwin', 'win32']),
      /** The person's home, where new commands start. */
      homeFolder: z.string(),
      /** BCP 47, as the system says. */
      locale: z.string(),
    }),
  ),
  /** Offloop's processes, once a second, and notices as they happen. */
  'processes.watch': stream(
    z.object({}),
    z.object({ processes: z.array(processInfo), notices: z.array(notice) }),
    z.object({}),
  ),
  /**
   * Ends one of Offloop's own processes, whatever it is doing; what is needed is started again. Fails with `not-found`
   * when there is none with that pid, and with `invalid-params` for main, which ends with all others.
   */
  'process.end': call(z.object({ pid: z.number().int().positive() }), z.object({})),
  /** What somebody asks from outside to see; each is given to one window, once. */
  'openings.take': stream(z.object({}), z.object({ opening }), z.object({})),
  /** Starts the service again after it ended too often. */
  'service.restart': call(z.object({}), z.object({})),
  /** Asks for a database file with the system's dialog; null when the person closes it. */
  'dialog.openDatabase': call(z.object({}), z.object({ path: z.string().nullable() })),
  /** Asks for any file. */
  'dialog.chooseFile': call(z.object({}), z.object({ path: z.string().nullable() })),
  /** Asks for a file with rows, to import it. */
  'dialog.openRows': call(z.object({}), z.object({ path: z.string().nullable() })),
  /**
   * Asks where a file is to be saved; the dialog itself asks before one is replaced. `name` is what it begins with: a
   * name in the folder of documents, or an absolute path.
   */
  'dialog.saveFile': call(
    z.object({ name: z.string().min(1).max(1_000) }),
    z.object({ path: z.string().nullable() }),
  ),
  'dialog.chooseFolder': call(z.object({}), z.object({ path: z.string().nullable() })),
  /** Shows the output of one attempt of a run in the system's file manager. Fails with `not-found` when it is gone. */
  'output.reveal': call(outputFile, z.object({})),
  /**
   * Opens that output with the program that the system has for logs. Fails with `not-found` when it is gone, or with
   * `invalid-params` when there is no such program.
   */
  'output.open': call(outputFile, z.object({})),
  /**
   * Copies that output as it is now, byte for byte, to a path that `dialog.saveFile` gave; a file that is there is replaced.
   * Fails with `not-found` when it is gone, `disk-full`, or `invalid-params` when there can be no such file, or nobody chose it.
   */
  'output.saveCopy': call(outputFile.extend({ to: z.string().min(1) }), z.object({})),
  /**
   * Writes a PNG to a path that `dialog.saveFile` gave. Fails with `disk-full`, or `invalid-params` when there can be no such
   * file, the bytes are no PNG, or nobody chose it.
   */
  'picture.save': call(z.object({ png: bytes, to: z.string().min(1) }), z.object({})),
  /**
   * Writes a text to a path that `dialog.saveFile` gave; a file that is there is replaced. Fails with `disk-full`, or with
   * `invalid-params` when there can be no such file, or nobody chose it.
   */
  'text.save': call(z.object({ to: z.string().min(1), text: z.string().max(MAX_SAVED_TEXT) }), z.object({})),
  /** Shows a file in the system's file manager. Fails with `not-found` when it is not there. */
  'file.reveal': call(z.object({ path: z.string().min(1) }), z.object({})),
  /** Opens a file that was exported with the program that the system has for it. Fails with `not-found` or `invalid-params`. */
  'file.open': call(z.object({ path: z.string().min(1) }), z.object({})),
  /** Tells main in which language its own few words are shown. */
  'language.use': call(z.object({ language: z.enum(['en', 'zh-CN']) }), z.object({})),
  /**
   * Keeps the window open while the page has something to lose. An item comes when somebody wants to close the window, or
   * to quit; the page asks the person, lets go by cancelling this, and then asks for the one or the other itself.
   */
  'window.hold': stream(z.object({}), z.object({ quitting: z.boolean() }), z.object({})),
  /** The person has decided not to leave what the window was held for. */
  'window.stay': call(z.object({}), z.object({})),
  'window.close': call(z.object({}), z.object({})),
  /**
   * Somebody leaves while something runs or waits: the page says that it asks (`leaving.seen`; `wanted` is false when it is
   * too late for that), and then what was answered.
   */
  'leaving.ask': stream(
    z.object({}),
    work.pick({ commands: true, others: true, waiting: true }).extend({ question: leavingQuestion }),
    z.object({}),
  ),
  'leaving.seen': call(z.object({ question: leavingQuestion }), z.object({ wanted: z.boolean() })),
  'leaving.answer': call(leavingAnswer.extend({ question: leavingQuestion }), z.object({})),
  quit: call(z.object({}), z.object({})),
} satisfies Contract
export type AppContract = typeof appContract
