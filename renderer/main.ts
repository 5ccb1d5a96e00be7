import { createApp } from 'vue'
import { z } from 'zod'
import './ui/tokens.css'
import './ui/base.css'
import { applyAppearance } from './features/settings/appearance.ts'
import Workbench from './features/workbench/workbench.vue'
import { followLiveRuns } from './ipc/live-runs.ts'
import { followProcesses } from './ipc/processes.ts'
import { receiveSessions } from './ipc/sessions.ts'
import { followWorkspace } from './ipc/workspace.ts'
import { i18n } from './messages/i18n.ts'
import { frameMeter } from './pacing/frame-meter.ts'

// The content security policy forbids compiling code at run time, which zod would otherwise try for speed.
z.config({ jitless: true })

frameMeter.start()
window.offloopFrames = frameMeter
applyAppearance()
followWorkspace()
followLiveRuns()
followProcesses()
receiveSessions()
createApp(Workbench).use(i18n).mount('#window')
