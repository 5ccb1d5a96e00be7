import { init, type EChartsCoreOption } from './echarts.ts'

/** Pixels of a picture for each of the window: sharp on paper and on fine screens. */
const PICTURE_RATIO = 2

export interface MountedChart {
  /** Draws in the frames to come: the first drawing takes 100 ms on a slow machine, and no message waits for it. */
  draw(option: () => EChartsCoreOption): void
  /** What is drawn, as a PNG. @throws Error when there is no room for it. */
  picture(background: string): Promise<Blob>
  dispose(): void
}

/** Makes an element a place where a chart is drawn in its whole size. */
export function mountChart(host: HTMLElement, locale: 'EN' | 'ZH'): MountedChart {
  const chart = init(host, null, { renderer: 'canvas', locale })
  const sizes = new ResizeObserver(() => {
    // A tab in the background has no size.
    if (host.clientWidth > 0 && host.clientHeight > 0) chart.resize()
  })
  sizes.observe(host)
  let frame = 0
  return {
    draw(option) {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => chart.setOption(option(), { notMerge: true, lazyUpdate: true }))
    },
    picture(backgroundColor) {
      const canvas = chart.renderToCanvas({ pixelRatio: PICTURE_RATIO, backgroundColor })
      return new Promise((resolve, reject) =>
        canvas.toBlob(
          (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))),
          'image/png',
        ),
      )
    },
    dispose() {
      cancelAnimationFrame(frame)
      sizes.disconnect()
      chart.dispose()
    },
  }
}
