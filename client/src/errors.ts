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
  /** A host or the operator removed this peer: only a new token lets it in. */
  | 'removed'
  /** The room or peer id breaks the rules: 1 to 128 characters, no control characters, not `server`. */
  | 'invalid-id'
  /** Another close from which the server wants nobody back: `detail` is its code. */
  | 'refused'
  /** The caller's AbortSignal, or `leave()`, came first: nothing is wrong. */
  | 'aborted'
  /** A message was not delivered, as its receiver has left: take it out of what is shown. */
  | 'peer-left'
  /** The server could not do what a message asked for: `detail` has its code. Without one the message can't be sent. */
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

/** What the closes from 4500 on mean, and what to do. */
const CLOSES: Record<number, [RoomErrorCode, string]> = {
  4500: ['invalid-id', 'This room or peer id is not allowed: take 1 to 128 characters.'],
  4501: ['unauthorized', 'The room token is missing, expired or wrong: get a new one.'],
  4503: ['forbidden', 'The room token is for another room or peer id: get a new one.'],
  4509: ['peer-id-in-use', 'Somebody else has this peer id: take another one.'],
  4510: ['replaced', 'This peer is back elsewhere: go on there.'],
  4511: ['removed', 'This peer was removed: get a new token.'],
};

/** The error that a close from 4500 on stands for. */
export function closeError(code: number): RoomError {
  const [name, text] = CLOSES[code] ?? ['refused', `Closed for good (${code}): update the library.`];
  return new RoomError(name, text, code);
}
