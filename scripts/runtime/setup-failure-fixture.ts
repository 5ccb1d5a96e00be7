import { SetupFailure } from './setup-failure.ts'

/** @returns the SetupFailure that a promise is rejected with; throws when it is not */
export async function setupFailure(promise: Promise<unknown>): Promise<SetupFailure> {
  try {
    await promise
  } catch (error) {
    if (error instanceof SetupFailure) return error
    throw error
  }
  throw new Error('nothing failed')
}
