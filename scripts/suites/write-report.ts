import { writeFile } from 'node:fs/promises'
import { REPORT_VARIABLE, type SuiteReport } from './suite-report.ts'

/** Leaves a report where the test command reads it; does nothing when the runner was started by hand. */
export async function writeReport(report: SuiteReport): Promise<void> {
  const file = process.env[REPORT_VARIABLE]
  if (file !== undefined) await writeFile(file, JSON.stringify(report))
}
