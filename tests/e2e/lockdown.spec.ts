import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ElectronApplication, Page } from 'playwright/test'
import { expect, test } from './offloop.ts'

/** Electron's list for secure apps, on the built app, from the side of a page that was taken over. */

// These run scripts in the page that no person sees.
test.use({ watchesFrames: false })

const OUT = join(import.meta.dirname, '..', '..', 'out')
const MAIN = join(import.meta.dirname, '..', '..', 'main')
const PAGE_URL = 'app://offloop/index.html'
/** Longer than anything takes that is let through; there is no event for what does not happen. */
const NOTHING_COMES_MS = 1_000

/** A server on this machine that notes what it is asked for. */
let server: Server
let asked: string[]
let origin: string

test.beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.end('<title>elsewhere</title>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
test.afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** A window with none of the page's policy, and with its preload script: what is refused there is refused by main alone. */
async function openBarePage(app: ElectronApplication): Promise<Page> {
  const opened = app.waitForEvent('window')
  await app.evaluate(
    ({ BrowserWindow }, preload) => {
      const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } })
      return window.loadURL('data:text/html,<title>bare</title>')
    },
    join(OUT, 'preload', 'index.cjs'),
  )
  return opened
}

test('the page is sandboxed, isolated and without Node, and has two things of Offloop', async ({
  offloop: { app, page },
}) => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    // Electron's own way to tell what a window was really made with; its types do not have it.
    const contents: unknown = BrowserWindow.getAllWindows()[0]?.webContents
    return (contents as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()
  })
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  })
  expect(preferences['nodeIntegrationInWorker'] ?? false).toBe(false)
  expect(preferences['enableBlinkFeatures'] ?? '').toBe('')
  expect(page.url()).toBe(PAGE_URL)

  const found = await page.evaluate(() => {
    const names = ['require', 'module', 'process', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname']
    return { node: names.filter((name) => name in window), bridge: Object.keys(window.offloop ?? {}).sort() }
  })
  expect(found).toEqual({ node: [], bridge: ['pathForFile', 'platform'] })
})

test('the page runs its own scripts and no other', async ({ offloop: { page } }) => {
  const ran = await page.evaluate(async () => {
    const ran: string[] = []
    const note = (way: string): unknown => ran.push(way)
    Object.assign(window, { note })
    const attempt = (way: string, run: () => unknown): void => {
      try {
        run()
        ran.push(way)
      } catch {
        // Refused, as it should be.
      }
    }
    const addScript = (change: (script: HTMLScriptElement) => void): void => {
      const script = document.createElement('script')
      change(script)
      document.head.append(script)
    }
    const blob = URL.createObjectURL(new Blob(['note("blob")'], { type: 'text/javascript' }))
    // Not at once: what a test evaluates itself is let past the policy.
    await new Promise((resolve) => setTimeout(resolve, 0))
    Reflect.apply(setTimeout, window, ['note("timer")', 0])
    attempt('eval', () => window.eval('1'))
    attempt('function', () => Reflect.construct(Function, ['return 1']))
    attempt('worker', () => new Worker(blob).postMessage(1))
    attempt('wasm', () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))
    addScript((script) => (script.textContent = 'note("inline")'))
    addScript((script) => (script.src = 'data:text/javascript,note("data")'))
    addScript((script) => (script.src = blob))
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="note(\'handler\')">')
    const link = document.createElement('a')
    link.href = 'javascript:note("link")'
    document.body.append(link)
    link.click()
    for (const address of [blob, 'data:text/javascript,note("import")'])
      await import(/* @vite-ignore */ address).then(
        () => note('import'),
        () => undefined,
      )
    // What the page may do: its own script, once more.
    await new Promise((resolve) =>
      addScript((script) => {
        script.src = document.querySelector<HTMLScriptElement>('script[src]')?.src ?? ''
        script.onload = () => resolve(note('own'))
        script.onerror = resolve
      }),
    )
    return ran
  })
  // A worker is made all the same, and ends before its first line.
  expect(ran.filter((way) => way !== 'worker')).toEqual(['own'])
})

test('the page talks to nobody', async ({ offloop: { page } }) => {
  await page.evaluate(async (origin) => {
    const add = <K extends keyof HTMLElementTagNameMap>(
      name: K,
      change: (element: HTMLElementTagNameMap[K]) => void,
    ): void => {
      const element = document.createElement(name)
      change(element)
      document.body.append(element)
    }
    await fetch(`${origin}/fetch`).catch(() => undefined)
    navigator.sendBeacon(`${origin}/beacon`, 'what the page knows')
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`)
    socket.onerror = () => undefined
    new EventSource(`${origin}/events`).onerror = () => undefined
    const asker = new XMLHttpRequest()
    asker.open('GET', `${origin}/xhr`)
    asker.onerror = () => undefined
    asker.send()
    add('img', (image) => (image.src = `${origin}/image`))
    add('script', (script) => (script.src = `${origin}/script`))
    add('iframe', (frame) => (frame.src = `${origin}/frame`))
    add('object', (object) => (object.data = `${origin}/object`))
    add('video', (video) => (video.src = `${origin}/video`))
    for (const relation of ['stylesheet', 'prefetch', 'preload', 'modulepreload', 'icon', 'manifest'])
      add('link', (link) => {
        link.rel = relation
        link.as = 'fetch'
        link.href = `${origin}/${relation}`
      })
    add('style', (style) => (style.textContent = `body { background: url(${origin}/style) }`))
    add('form', (form) => {
      form.action = `${origin}/form`
      form.method = 'post'
      form.submit()
    })
  }, origin)
  await fetch(`${origin}/the-test-itself`)
  await delay(NOTHING_COMES_MS)
  expect(asked).toEqual(['/the-test-itself'])
})

test('a page that got rid of its policy talks to nobody either, not even beside the web', async ({
  offloop: { app },
}) => {
  const page = await openBarePage(app)
  const telephone = createSocket('udp4').bind(0, '127.0.0.1')
  await once(telephone, 'listening')
  const calls: string[] = []
  telephone.on('message', (call) => calls.push(call.toString('hex')))

  const reached = await page.evaluate(
    async ({ origin, port }) => {
      const reached: string[] = []
      await fetch(`${origin}/bare`).then(
        () => reached.push('fetch'),
        () => undefined,
      )
      await fetch('file:///etc/hostname').then(
        () => reached.push('file'),
        () => undefined,
      )
      new Image().src = `${origin}/bare-image`
      const call = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] })
      call.createDataChannel('channel')
      await call.setLocalDescription(await call.createOffer())
      return reached
    },
    { origin, port: telephone.address().port },
  )
  await delay(NOTHING_COMES_MS)
  telephone.close()
  const found = await app.evaluate(({ session }) =>
    session.defaultSession.resolveHost('localhost').then(
      () => 'localhost',
      () => undefined,
    ),
  )
  expect({ reached, asked, calls, found }).toEqual({ reached: [], asked: [], calls: [], found: undefined })
})

test('the page cannot be led elsewhere, opens no window and no web view, and downloads nothing', async ({
  offloop: { app, page },
}) => {
  await app.evaluate(({ session }) => {
    const downloads: boolean[] = []
    session.defaultSession.on('will-download', ({ defaultPrevented }) => downloads.push(defaultPrevented))
    Object.assign(globalThis, { downloads })
  })
  await page.evaluate(() => Object.assign(window, { stillThere: true }))
  for (const place of [
    `${origin}/place`,
    'file:///etc/hostname',
    'app://offloop/index.html?another',
    'app://elsewhere/index.html',
    'data:text/html,place',
    'chrome://gpu',
    'offloop://run/1',
    'mailto:somebody@example.com',
  ])
    await page.evaluate((place) => void setTimeout(() => (location.href = place), 0), place)
  const opened = await page.evaluate((origin) => {
    const link = document.createElement('a')
    document.body.append(link)
    link.href = `${origin}/link`
    link.target = '_blank'
    link.click()
    link.removeAttribute('target')
    link.download = 'downloaded.txt'
    link.href = URL.createObjectURL(new Blob(['downloaded']))
    link.click()
    const view = document.createElement('webview')
    view.setAttribute('src', `${origin}/view`)
    document.body.append(view)
    return {
      opened: [`${origin}/window`, '', 'about:blank', location.href].filter((place) => window.open(place)),
      isView: 'getWebContentsId' in view,
    }
  }, origin)
  expect(opened).toEqual({ opened: [], isView: false })
  await delay(NOTHING_COMES_MS)

  expect(await page.evaluate(() => 'stillThere' in window)).toBe(true)
  expect(page.url()).toBe(PAGE_URL)
  expect(app.windows()).toHaveLength(1)
  expect(asked).toEqual([])
  expect(await app.evaluate(() => (globalThis as { downloads?: boolean[] }).downloads)).toEqual([true])
})

test('a page that empties its window is loaded again', async ({ offloop: { page } }) => {
  // Chromium asks nobody before it shows the empty page.
  const emptied = page.waitForEvent('framenavigated')
  await page.evaluate(() => void setTimeout(() => (location.href = 'about:blank'), 0))
  await emptied
  await expect(page.getByTestId('connection')).toContainText('Ready')
  expect(page.url()).toBe(PAGE_URL)
})

test('the page is given no permission but to copy', async ({ offloop: { page } }) => {
  const answers = await page.evaluate(async () => {
    const granted: string[] = []
    const attempt = async (name: string, run: () => unknown): Promise<void> => {
      try {
        await run()
        granted.push(name)
      } catch {
        // Denied, as it should be.
      }
    }
    await attempt('read the clipboard', () => navigator.clipboard.readText())
    await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true }))
    await attempt('microphone', () => navigator.mediaDevices.getUserMedia({ audio: true }))
    await attempt('screen', () => navigator.mediaDevices.getDisplayMedia())
    await attempt('place', () => new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, no)))
    await attempt('notifications', async () => {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied')
    })
    for (const name of ['geolocation', 'camera', 'microphone', 'notifications', 'clipboard-read', 'midi'])
      await attempt(`query ${name}`, async () => {
        const { state } = await navigator.permissions.query({ name: name as PermissionName })
        if (state !== 'granted') throw new Error(state)
      })
    for (const device of ['usb', 'hid', 'serial', 'bluetooth'])
      await attempt(device, async () => {
        const found: unknown = await (
          navigator as unknown as Record<string, { requestDevice(wanted: object): Promise<unknown> }>
        )[device]?.requestDevice({ filters: [] })
        if (!found || (Array.isArray(found) && found.length === 0)) throw new Error('none')
      })
    await attempt('copy', () => navigator.clipboard.writeText('copied'))
    return granted
  })
  expect(answers).toEqual(['copy'])
})

test('the scheme of the page serves the built page, and nothing else by any spelling', async ({
  offloop: { app },
}) => {
  const answers = await app.evaluate(
    async ({ session }, addresses) =>
      Promise.all(
        addresses.map((address) =>
          session.defaultSession.fetch(address, { bypassCustomProtocolHandlers: false }).then(
            ({ status, headers }) => ({ status, policy: headers.get('content-security-policy') ?? '' }),
            () => ({ status: 404, policy: '' }),
          ),
        ),
      ),
    [
      PAGE_URL,
      'app://offloop/../package.json',
      'app://offloop/%2e%2e/%2e%2e/package.json',
      'app://offloop/..%2f..%2f..%2fpackage.json',
      'app://offloop/..%5c..%5cpackage.json',
      'app://offloop//etc/hostname',
      'app://offloop/assets',
      'app://offloop/',
      'app://offloop/index.html%00.js',
      'app://offloop/%E0%A4%A',
      'app://elsewhere/index.html',
    ],
  )
  const [page, ...others] = answers
  expect(page?.status).toBe(200)
  expect(page?.policy).toContain("default-src 'none'")
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 404))
})

test('sessions are given to Offloop’s own page alone', async ({ offloop: { app, page } }) => {
  const askForSessions = (): Promise<number> =>
    new Promise((resolve) => {
      let given = 0
      window.addEventListener('message', ({ ports }) => (given += ports.length))
      window.postMessage({ offloop: 'ready' }, '*')
      setTimeout(() => resolve(given), 1_000)
    })
  expect(await page.evaluate(askForSessions)).toBe(2)
  const bare = await openBarePage(app)
  expect(await bare.evaluate(() => 'offloop' in window)).toBe(true)
  expect(await bare.evaluate(askForSessions)).toBe(0)
})

test('main listens to one message of pages, and hands no address to the system', async ({
  offloop: { app },
}) => {
  const heard = await app.evaluate(({ ipcMain }) => ipcMain.eventNames().map(String))
  // "error" is Electron's own, and no message.
  expect(heard.filter((name) => name !== 'error')).toEqual(['offloop:sessions'])
  const names = (await readdir(MAIN, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const code = await Promise.all(names.map((name) => readFile(join(MAIN, name), 'utf8')))
  expect(code.join('\n').match(/ipcMain\.\w+|openExternal/g)).toEqual(['ipcMain.on'])
})
