import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright/test'
import { expect } from './offloop.ts'

/** Asserts that axe finds nothing on what is shown. It looks at every element in one go, which takes it longer than a frame. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Electron has no second page to run the frames in.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    screen,
  ).toEqual([])
}
