/** `host:port`, an IPv6 address in brackets: as ssh's -L and -W take it, and URLs. */
export function hostPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** A host's name as it stands before a colon: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
