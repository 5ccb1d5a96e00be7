import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PROGRESS_WINDOW, sightProgress } from './sight-progress.ts'

const fractionOf = (text: string): number | undefined => sightProgress(text)?.fraction

describe('the progress that programs write is recognised', () => {
  test.each([
    ['tqdm', ' 44%|████▍     | 44/100 [00:12<00:15, 3.50it/s]\r 45%|████▌     | 45/100 [00:12<00:15]', 0.45],
    ['pip', '   ━━━━━━━━━━━━━━╸━━━━━━━━ 12.5/50.0 MB 4.2 MB/s eta 0:00:08', 0.25],
    ['wget', 'file.iso   45%[========>           ]   1.20G  45.1MB/s  eta 30s', 0.45],
    ['ninja', '[12/48] Building CXX object src/a.o\n', 0.25],
    ['CMake', '[ 12%] Building C object a.c.o\n[ 25%] Linking b\n', 0.25],
    [
      'git',
      'Receiving objects:  44% (440/1000)\rReceiving objects:  45% (450/1000), 1.2 MiB | 3 MiB/s',
      0.45,
    ],
    ['rsync', '  1,234,567  44%  1.2MB/s    0:00:12\r  2,234,567  45%  1.2MB/s    0:00:12', 0.45],
    ['cargo', '    Building [=======>             ] 45/100: serde, syn', 0.45],
    ['pytest', 'tests/test_a.py ......                [ 30%]\ntests/test_b.py ...    [ 60%]\n', 0.6],
    ['Keras', ' 45/100 [============>.................] - ETA: 3s - loss: 0.12', 0.45],
    ['ctest', ' 3/20 Test  #3: tokens ......   Passed\n 4/20 Test  #4: chunks .....   Passed\n', 0.2],
    ['epochs', 'Epoch 2 of 8 loss 0.3\nEpoch 3 of 8 loss 0.2\nEpoch 4 of 8 loss 0.1\n', 0.5],
    ['a plain percentage that grows', 'done 10%\ndone 20%\ndone 30%\n', 0.3],
    ['steps back instead of a carriage return', '10%\b\b\b20%\b\b\b30%', 0.3],
    ['docker', '\u001b[1A\u001b[2Ka1b2: Downloading [====>     ]  12.5MB/50MB\r\n', 0.25],
    ['in colours', '\u001b[32m[12/48]\u001b[0m compiling\n', 0.25],
  ])('of %s', (_, text, fraction) => {
    expect(fractionOf(text)).toBeCloseTo(fraction, 5)
  })

  test('with what it counts, also beside a percentage of the same', () => {
    expect(sightProgress(' 45%|████▌     | 45/100 [00:12<00:15]')?.counted).toEqual({ done: 45, total: 100 })
    expect(sightProgress('\r12.5/50.0 MB ')?.counted).toEqual({ done: 12_500_000, total: 50_000_000 })
  })
})

describe('what is no progress is not taken for one', () => {
  test.each([
    ['a single percentage', 'coverage: 85% of statements\n'],
    ['a load that goes up and down', 'cpu 12%\ncpu 45%\ncpu 13%\ncpu 60%\ncpu 61%\n'],
    ['several percentages', '\rcpu 12% mem 45%'],
    ['dates', '12/24/2026 started\n11/23 10:22:33 went on\n2026/11/23 ended\n'],
    ['paths', '/usr/lib/12/345\nfetching 3/4/5\n'],
    ['more than all of it', '\r120%'],
    ['a count that is the same all the time', '3/4 workers\n3/4 workers\n3/4 workers\n'],
    ['a total of which more digits may follow', '[12/34'],
    ['a ratio in words', 'retry=1/3\nscore:3/4\n'],
  ])('%s', (_, text) => {
    expect(fractionOf(text)).toBeUndefined()
  })

  test('nothing, and whatever else is written, is looked at without an error', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6_000 }),
      fc.stringMatching(/^[\d%/[\]()=#>. \r\n|]{0,900}$/u),
    )
    fc.assert(
      fc.property(noise, (text) => {
        const fraction = fractionOf(text)
        if (fraction === undefined) return
        expect(fraction).toBeGreaterThanOrEqual(0)
        expect(fraction).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})

test('of a flood only the end is looked at', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 40 }), (percent, shift) => {
      const end = `\n${'x'.repeat(shift)}\r${percent}% of it\r`
      const flood = '[99/100] \r 77% \n'.repeat(2_000) + 'y\n'.repeat(PROGRESS_WINDOW) + end
      expect(fractionOf(flood)).toBe(percent / 100)
    }),
    { numRuns: 30 },
  )
})

test('a number that the window has cut is none', () => {
  const text = `\r${'9'.repeat(3)}/1000 ${' '.repeat(PROGRESS_WINDOW - 6)}`
  expect(fractionOf(text)).toBeUndefined()
})

test('any count that a bar shows is read as it is', () => {
  const count = fc.integer({ min: 2, max: 1e9 }).chain((total) => fc.tuple(fc.nat(total), fc.constant(total)))
  fc.assert(
    fc.property(count, fc.stringMatching(/^[a-z ]{0,20}$/u), ([done, total], words) => {
      expect(sightProgress(`${words} [####....] ${done}/${total} \n`)?.counted).toEqual({ done, total })
    }),
  )
})
