/** The person's: lines of crontab(5) are meant in it. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone
