import type { ServerTarget } from './connect.ts'
import { openServerSession, type ServerSession } from './server-session.ts'

/** The connections that last, each for one caller. */
export interface ServerSessions {
  /** That of an owner, which is made when there is none. */
  of(owner: number | undefined): ServerSession
  /** That of an owner, if there is one. */
  find(owner: number | undefined): ServerSession | undefined
  end(owner: number): Promise<void>
  endAll(): Promise<void>
}

/** Of a host that is one caller's alone. */
const ONLY_OWNER = 0

/** @param open the server, as it is to be connected to now; throws where none is open. */
export function keepSessions(
  open: () => { readonly target: ServerTarget; readonly looksForClient: boolean },
): ServerSessions {
  const sessions = new Map<number, ServerSession>()

  async function end(owner: number): Promise<void> {
    const session = sessions.get(owner)
    sessions.delete(owner)
    await session?.end()
  }

  return {
    of(owner = ONLY_OWNER) {
      const there = sessions.get(owner)
      if (there) return there
      const { target, looksForClient } = open()
      const session = openServerSession(target, looksForClient)
      sessions.set(owner, session)
      return session
    },
    find: (owner = ONLY_OWNER) => sessions.get(owner),
    end,
    async endAll() {
      await Promise.all([...sessions.keys()].map(end))
    },
  }
}
