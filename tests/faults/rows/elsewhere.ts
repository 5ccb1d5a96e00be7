/** Rows that another test tries, or that no test can: with the reason. */
export const ELSEWHERE: readonly { readonly name: string; readonly where: string }[] = [
  { name: 'the process of the window is killed', where: 'tests/e2e/faults.spec.ts, which has a window' },
  {
    name: 'the process of the window is stopped',
    where: 'not tried: nothing offers yet to load the page again',
  },
  {
    name: 'the clock jumps by an hour or ten years',
    where:
      'no clock can be set for one program alone; scheduler/open-schedules.test.ts jumps with a clock of its own',
  },
  {
    name: 'a text and a blob of 100 MB in a cell, 10,000 runs in a window',
    where: 'tests/e2e/results.spec.ts and bench/, which have a window',
  },
]
