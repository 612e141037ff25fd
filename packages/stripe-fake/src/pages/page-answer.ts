/** What a page answers to a browser: itself, or where to go. */
export type PageAnswer = { status: number; html: string } | { location: string };
