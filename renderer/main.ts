// First: the validators that the other modules make are made by this rule.
import './interpreted-validators.ts'
import { createApp } from 'vue'
import './ui/tokens.css'
import './ui/base.css'
import './ui/form.css'
import { followRefusals } from './features/recovery/recovery.ts'
import { applyAppearance } from './features/settings/appearance.ts'
import Workbench from './features/workbench/workbench.vue'
import { followLiveRuns } from './ipc/live-runs.ts'
import { followProcesses } from './ipc/processes.ts'
import { receiveSessions } from './ipc/sessions.ts'
import { followWorkspace } from './ipc/workspace.ts'
import { followSavedQueries } from './saved/saved-queries.ts'
import { i18n } from './messages/i18n.ts'
import { frameMeter } from './pacing/frame-meter.ts'

frameMeter.start()
window.offloopFrames = frameMeter
applyAppearance()
followWorkspace()
followRefusals()
followSavedQueries()
followLiveRuns()
followProcesses()
receiveSessions()
createApp(Workbench).use(i18n).mount('#window')
