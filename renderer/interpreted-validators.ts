import { z } from 'zod'

// The content security policy forbids compiling code at run time, which zod would otherwise try for speed.
z.config({ jitless: true })
