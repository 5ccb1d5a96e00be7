/** Style sheets are imported for their effect and bundled; they export nothing. */
declare module '*.css'
