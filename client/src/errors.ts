/** What went wrong, and so what to do. */
export type RoomErrorCode =
  /** The room token is missing, expired or wrong: get a new one. */
  | 'unauthorized'
  /** The token is good, but for another room or peer id: get one for these. */
  | 'forbidden'
  /** Somebody else is connected under this peer id: take another. */
  | 'peer-id-in-use'
  /** This user has come back on a newer socket, in another tab perhaps: go on there. */
  | 'replaced'
  /** A host removed this peer: only a new token lets it in again. */
  | 'removed'
  /** The room or peer id breaks the rules: 1 to 128 characters, no control characters, not `server`. */
  | 'invalid-id'
  /** Another close from which the server wants nobody back: `detail` is its code. */
  | 'refused'
  /** The caller's AbortSignal, or `leave()`, came first: nothing is wrong. */
  | 'aborted'
  /** A message was not delivered, as its receiver has left: take it out of what is shown. */
  | 'peer-left'
  /** The server could not do what a message asked for; `detail` has its own code. */
  | 'rejected';

/** An error of the room: `code` says what to do. */
export class RoomError extends Error {
  override name = 'RoomError';
  readonly code: RoomErrorCode;
  /** The server's own code: of the close, or of the in-band error. */
  readonly detail: number | string | undefined;

  constructor(code: RoomErrorCode, message: string, detail?: number | string) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** The error that a close from 4500 on stands for. */
export function closeError(code: number): RoomError {
  switch (code) {
    case 4500:
      return new RoomError(
        'invalid-id',
        'The room or peer id is not allowed: it takes 1 to 128 characters, no control characters, and not "server".',
        code,
      );
    case 4501:
      return new RoomError(
        'unauthorized',
        'The room token is missing, expired or wrong: get a new one.',
        code,
      );
    case 4503:
      return new RoomError(
        'forbidden',
        'The room token is for another room or peer id: get one for these.',
        code,
      );
    case 4509:
      return new RoomError(
        'peer-id-in-use',
        'Somebody else is connected under this peer id: take another one.',
        code,
      );
    case 4510:
      return new RoomError(
        'replaced',
        'This user has come back on a newer connection, in another tab perhaps: go on there.',
        code,
      );
    case 4511:
      return new RoomError(
        'removed',
        'A host removed this peer from the room: only a new token lets it in again.',
        code,
      );
    default:
      return new RoomError(
        'refused',
        `The server closed the connection for good (${code}): a newer version of this library may know why.`,
        code,
      );
  }
}
