import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** The key that a secret stands for: after `whsec_` it is base64, else the text itself. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/**
 * Signs one message, as Standard Webhooks has it: HMAC-SHA-256 over id, time and body.
 *
 * @param timestamp seconds since 1970
 * @returns the value of the header `webhook-signature`
 */
export function sign(key: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
