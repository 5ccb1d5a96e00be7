import type { Figure } from './figure.ts'
import type { ProcessReports } from './page/watch-processes.ts'

const BYTES_PER_MB = 1e6

/** What a kind of process may have resident, in megabytes (10^6 bytes). */
export type MemoryGoals = Partial<Record<keyof ProcessReports, number>>

/** The memory that each kind of process had at most while something went on, read once a second, against its goal. */
export function memoryFigures(
  bench: string,
  reports: ProcessReports,
  goals: MemoryGoals,
  during?: string,
): Figure[] {
  const figures: Figure[] = []
  for (const [role, value] of Object.entries(goals)) {
    const values = reports[role as keyof ProcessReports].memoryBytes.map((bytes) => bytes / BYTES_PER_MB)
    figures.push({
      bench,
      figure: `memory of the ${role}${during === undefined ? '' : `, ${during}`}`,
      unit: 'MB',
      values,
      baselines: values.slice(0, 1),
      goal: { kind: 'never-over', value },
    })
  }
  return figures
}
