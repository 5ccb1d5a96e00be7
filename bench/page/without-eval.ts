import { z } from 'zod'

/**
 * The page's content security policy forbids `eval`, which zod would use for schemas. Each decides when it is made, so
 * that this must be imported before any of them.
 */
z.config({ jitless: true })
