import { contextBridge, ipcRenderer, webUtils } from 'electron'
import {
  readyMessage,
  type OffloopBridge,
  type PageReady,
  type SessionDelivery,
} from '#contract/session-ports.ts'

/** Hands session ports from main to the page. It runs sandboxed and decides nothing. */

ipcRenderer.on(readyMessage, (event, role: SessionDelivery['role']) => {
  const message: SessionDelivery = { offloop: 'session', role }
  window.postMessage(message, location.origin, event.ports)
})

window.addEventListener('message', ({ source, data }: MessageEvent<Partial<PageReady> | null>) => {
  if (source === window && data?.offloop === 'ready') ipcRenderer.send(readyMessage)
})

const bridge: OffloopBridge = {
  pathForFile: (file) => webUtils.getPathForFile(file),
  platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
}
contextBridge.exposeInMainWorld('offloop', bridge)
