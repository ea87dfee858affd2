import { type CloseCode, closeReason } from './codes.ts';

/** Why a connection may not be here: thrown where that is found out, told to the client as a close. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: CloseCode;

  constructor(code: CloseCode) {
    super(closeReason[code]);
    this.code = code;
  }
}
