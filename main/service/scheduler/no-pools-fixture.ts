import type { Scheduler } from './open-scheduler.ts'

/** For tests in which nothing stands in a pool. */
export const NO_POOLS: Pick<Scheduler, 'runHosted'> = {
  runHosted: () => Promise.reject(new Error('There are no pools here.')),
}
