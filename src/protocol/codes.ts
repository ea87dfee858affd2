/** Codes of the in-band `error` message. None of them closes the socket. */
export const ErrorCode = {
  InvalidJson: 'invalid-json',
  InvalidMessage: 'invalid-message',
  UnknownType: 'unknown-type',
  PeerNotFound: 'peer-not-found',
  PeerAway: 'peer-away',
  RateLimited: 'rate-limited',
  Forbidden: 'forbidden',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/**
 * WebSocket close codes (RFC 6455, section 7.4). Below 4500 a client should come back, with backoff and
 * jitter; from 4500 on it should not until something changes.
 */
export const CloseCode = {
  UnsupportedData: 1003,
  InternalError: 1011,
  Restart: 1012,
  Overloaded: 1013,
  RateLimited: 4400,
  SlowConsumer: 4401,
  RoomFull: 4402,
  InvalidId: 4500,
  Unauthorized: 4501,
  Forbidden: 4503,
  PeerIdInUse: 4509,
  Replaced: 4510,
  Removed: 4511,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** The reason that travels in the close frame beside each code. */
export const closeReason: Record<CloseCode, string> = {
  [CloseCode.UnsupportedData]: 'unsupported-data',
  [CloseCode.InternalError]: 'internal-error',
  [CloseCode.Restart]: 'restart',
  [CloseCode.Overloaded]: 'overloaded',
  [CloseCode.RateLimited]: 'rate-limited',
  [CloseCode.SlowConsumer]: 'slow-consumer',
  [CloseCode.RoomFull]: 'room-full',
  [CloseCode.InvalidId]: 'invalid-id',
  [CloseCode.Unauthorized]: 'unauthorized',
  [CloseCode.Forbidden]: 'forbidden',
  [CloseCode.PeerIdInUse]: 'peer-id-in-use',
  [CloseCode.Replaced]: 'replaced',
  [CloseCode.Removed]: 'removed',
};
