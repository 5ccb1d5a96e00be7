import { expect, test } from 'vitest'
import type { PlanStep } from '#contract/database.ts'
import { planNodes } from './plan-nodes.ts'

const step = (id: number, parent: number, detail: string): PlanStep => ({
  id,
  parent,
  detail,
  scan: detail.startsWith('SCAN'),
  covering: false,
})

test('a step stands below the one that it is a part of, and a sort without an index is marked', () => {
  const nodes = planNodes([
    step(3, 0, 'COMPOUND QUERY'),
    step(4, 3, 'LEFT-MOST SUBQUERY'),
    step(7, 4, 'SCAN a'),
    step(9, 3, 'UNION USING TEMP B-TREE'),
    step(12, 0, 'USE TEMP B-TREE FOR ORDER BY'),
  ])
  expect(nodes.map(({ step: { id }, depth }) => [id, depth])).toEqual([
    [3, 0],
    [4, 1],
    [7, 2],
    [9, 1],
    [12, 0],
  ])
  expect(nodes.filter(({ sorts }) => sorts).map(({ step: { id } }) => id)).toEqual([9, 12])
})

test('steps whose parent is not there stand at the top, and a circle ends', () => {
  expect(planNodes([step(5, 99, 'SCAN a')]).map(({ depth }) => depth)).toEqual([0])
  expect(planNodes([step(1, 2, 'a'), step(2, 1, 'b')])).toEqual([])
})
