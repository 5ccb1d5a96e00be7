import { expect, it } from 'vitest'
import { makeNodeChannel, testContract } from './channel-fixture.ts'
import { connect } from './client.ts'
import { dialWithEnvelopes } from './dial.ts'
import { refuseAll } from './refuse-all.ts'

it('calls and streams are both refused with the reason', async () => {
  const [near, far] = makeNodeChannel()
  const failure = { code: 'database', message: 'The app database is damaged.' } as const
  refuseAll(testContract, far, failure)
  const client = connect(testContract, near, dialWithEnvelopes(near))
  await expect(client.call('echo', { text: '' })).rejects.toMatchObject({ failure })
  await expect(client.stream('count', { to: 1 }).result).rejects.toMatchObject({ failure })
  near.close()
})
