/** Maximum number of columns in one message, and in the document: enough for narrow columns in a very wide window. */
export const mostColumnsAtOnce = 250;
