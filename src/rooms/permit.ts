/** What a good room token says of the one who brought it. */
export interface Permit {
  room: string;
  peer: string;
  /** May remove others. */
  host: boolean;
  /** Seconds since 1970. */
  issuedAt: number | undefined;
  /** Seconds since 1970, leeway included. */
  expiresAt: number;
  /** The token's signature: tells it from every other one. */
  signature: string;
}
