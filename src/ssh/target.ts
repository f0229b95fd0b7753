/** Where a person wants to go, as they wrote it: a host name, an address or a `Host` alias of `~/.ssh/config`. */
export interface Target {
  readonly host: string;
  /** Wins over the configuration when given. */
  readonly user?: string;
  /** 1..65535. Wins over the configuration when given. */
  readonly port?: number;
}
