import { constants, open as openFile } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { failed, failureOf } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'

const open = promisify(openFile)

/** The writing end of the pipe that a command reads. */
export interface InputPipe {
  /**
   * Resolves once the system has taken all bytes: they reach the command whatever becomes of this process. What was not
   * taken when the signal is aborted is dropped.
   * @throws RequestFailed `invalid-params` when the command does not read it any more, or it was closed.
   */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Lets go of this end; whoever still waits is told `reason`. */
  close(reason: Error): void
}

/** Opens the pipe at a path when something is sent for the first time. A command that does not read makes its sender wait. */
export function inputPipe(path: string): InputPipe {
  let end: Promise<Socket> | undefined

  async function opened(): Promise<Socket> {
    // Without O_NONBLOCK it would wait for a reader, and occupy one of the four threads that read and write files.
    const descriptor = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    const socket = new Socket({ fd: descriptor, readable: false, writable: true })
    socket.once('close', () => (end = undefined))
    // Each write is told of its own failure.
    socket.on('error', () => undefined)
    return socket
  }

  return {
    async send(bytes, signal) {
      signal.throwIfAborted()
      if (bytes.length === 0) return
      try {
        const socket = await (end ??= opened())
        signal.throwIfAborted()
        const drop = (): void => void socket.destroy(failureAsError(signal.reason))
        signal.addEventListener('abort', drop, { once: true })
        try {
          await new Promise<void>((resolve, reject) =>
            socket.write(bytes, (error) => (error ? reject(error) : resolve())),
          )
        } finally {
          signal.removeEventListener('abort', drop)
        }
      } catch (error) {
        signal.throwIfAborted()
        throw explained(error)
      }
    },

    close(reason) {
      const closing = end
      end = undefined
      closing?.then(
        (socket) => socket.destroy(reason),
        () => undefined,
      )
    },
  }
}

function failureAsError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(failureOf(reason).message)
}

function explained(error: unknown): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
      return failed(
        'invalid-params',
        'The standard input of this command is closed: nothing more can be sent.',
      )
    case 'ENXIO':
    case 'EPIPE':
      return failed('invalid-params', 'This command does not read its standard input any more.')
    default:
      return error
  }
}
