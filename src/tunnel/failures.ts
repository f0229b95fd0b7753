import { type FailureDetail, failureGuard } from "../common/failure.js";

/** All failures of forwarding a local port to a remote address. */
export type TunnelFailure =
  | { readonly code: "local-port-taken"; readonly port: number }
  /** `instead` is why the relay cannot help either. */
  | {
      readonly code: "forwarding-refused";
      readonly host: string;
      readonly reason: string;
      readonly instead?: FailureDetail;
    }
  /** The host has no suitable Python for the relay; `version` is that of one that is too old. */
  | { readonly code: "stream-relay-impossible"; readonly host: string; readonly version?: string }
  /** The relay on the host broke the protocol, or ended. */
  | { readonly code: "stream-relay-failed"; readonly host: string; readonly output: string }
  /** The host opens no stream to an address of its own; `reason` begins with the name of the error in errno(3). */
  | {
      readonly code: "address-refused";
      readonly host: string;
      readonly address: string;
      readonly reason: string;
    }
  /**
   * OpenSSH does not trust the host's key, though we did: no other backend is tried. `output` is what it said. `isRevoked`: it
   * knows the key as revoked; else it may have been shown another one than we were.
   */
  | {
      readonly code: "tunnel-host-key-refused";
      readonly host: string;
      readonly output: string;
      readonly isRevoked: boolean;
    }
  /** None of the backends that the setting allows can carry. */
  | { readonly code: "tunnel-not-possible"; readonly host: string; readonly reason: string };

export const isTunnelFailure = failureGuard<TunnelFailure>();
