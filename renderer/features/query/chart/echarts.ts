// The bundle that echarts publishes: its parts would need another package beside it for what they draw with.
// It is loaded when the first chart is opened.
// @ts-expect-error The bundle has no types of its own.
import { init as initBundle } from 'echarts/dist/echarts.esm.min.mjs'
import type { init as Init } from 'echarts/core'

export type { EChartsCoreOption } from 'echarts/core'

/** Makes a chart in an element. */
export const init: typeof Init = initBundle
