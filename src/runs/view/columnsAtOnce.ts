/** Columns whose values are in one message, and so in the document: what a very wide window shows of very narrow ones. */
export const mostColumnsAtOnce = 250;
