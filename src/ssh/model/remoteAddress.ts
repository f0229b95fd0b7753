/** Where a stream from the host leads: an address as the host sees it, or a Unix socket there, by its path. */
export type RemoteAddress = { readonly host: string; readonly port: number } | { readonly socket: string };
