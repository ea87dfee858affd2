import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';

/** Methods of STUN (RFC 8489) and TURN (RFC 8656). */
const BINDING = 0x001;
const ALLOCATE = 0x003;
const CREATE_PERMISSION = 0x008;

/** Attributes; the others of an answer are not looked at. */
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const XOR_PEER_ADDRESS = 0x0012;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;

const COOKIE = 0x2112a442;
const UDP = 17;
const SUCCESS = 0x100;
const ERROR = 0x110;

/** A datagram may get lost, or come before the server listens: asks again this often. */
const AGAIN_MS = 100;

type Attributes = [type: number, value: Uint8Array][];

/** A TURN client over UDP, just large enough to find out whom a server lets do what. */
export class TurnClient {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #username: string;
  readonly #credential: string;
  #realm: Buffer = Buffer.alloc(0);
  #nonce: Buffer = Buffer.alloc(0);

  constructor(port: number, { username = '', credential = '' } = {}) {
    this.#port = port;
    this.#username = username;
    this.#credential = credential;
    this.#socket = createSocket('udp4');
    this.#socket.on('error', () => {});
    onTestFinished(() => void this.#socket.close());
  }

  /** Whether this is a STUN server that answers; waits for it. */
  async binding(): Promise<void> {
    await this.#ask(message(BINDING, []));
  }

  /** Asks for a relay address. @returns 200, or the code of the refusal */
  async allocate(): Promise<number> {
    const wanted: Attributes = [[REQUESTED_TRANSPORT, Buffer.of(UDP, 0, 0, 0)]];
    // The first request goes out without credentials: the refusal names realm and nonce (section 9.2.3).
    const hello = await this.#ask(message(ALLOCATE, wanted));
    this.#realm = hello.get(REALM) ?? this.#realm;
    this.#nonce = hello.get(NONCE) ?? this.#nonce;
    if (codeOf(hello) !== 401 || this.#realm.length === 0) throw new Error('allocated without credentials');
    return codeOf(await this.#ask(this.#signed(ALLOCATE, wanted)));
  }

  /** Asks to relay to this IPv4 address; nothing is sent there. @returns 200, or the code of the refusal */
  async permit(address: string): Promise<number> {
    const peer = Buffer.alloc(8);
    peer.writeUInt8(1, 1);
    peer.writeUInt16BE(9 ^ (COOKIE >>> 16), 2);
    const bits = Buffer.from(address.split('.').map(Number)).readUInt32BE();
    peer.writeUInt32BE((bits ^ COOKIE) >>> 0, 4);
    return codeOf(await this.#ask(this.#signed(CREATE_PERMISSION, [[XOR_PEER_ADDRESS, peer]])));
  }

  /** With a long-term credential (RFC 8489, section 9.2). */
  #signed(method: number, attributes: Attributes): Buffer {
    const credentials: Attributes = [
      [USERNAME, Buffer.from(this.#username)],
      [REALM, this.#realm],
      [NONCE, this.#nonce],
    ];
    const unsigned = message(method, [...attributes, ...credentials]);
    // The length that is signed counts the signature already: its header and its 20 bytes.
    unsigned.writeUInt16BE(unsigned.length - 20 + 24, 2);
    const key = createHash('md5').update(`${this.#username}:${this.#realm}:${this.#credential}`).digest();
    const signature = createHmac('sha1', key).update(unsigned).digest();
    return Buffer.concat([unsigned, attribute(MESSAGE_INTEGRITY, signature)]);
  }

  /** Sends it until the answer to it comes. */
  async #ask(request: Buffer): Promise<Map<number, Buffer>> {
    const id = request.subarray(8, 20);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const read = (answer: Buffer) => {
      if (answer.length >= 20 && answer.subarray(8, 20).equals(id)) resolve(answer);
    };
    this.#socket.on('message', read);
    const send = () => this.#socket.send(request, this.#port, '127.0.0.1');
    send();
    const again = setInterval(send, AGAIN_MS);
    onTestFinished(() => clearInterval(again));
    const answer = await promise;
    clearInterval(again);
    this.#socket.off('message', read);
    return attributesOf(answer, request.readUInt16BE(0));
  }
}

function message(method: number, attributes: Attributes): Buffer {
  const body = Buffer.concat(attributes.map(([type, value]) => attribute(type, value)));
  const head = Buffer.alloc(20);
  head.writeUInt16BE(method, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(head, 8);
  return Buffer.concat([head, body]);
}

/** Type, length, value, and padding to a multiple of four. */
function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}

function attributesOf(answer: Buffer, method: number): Map<number, Buffer> {
  const type = answer.readUInt16BE(0);
  if (type !== (method | SUCCESS) && type !== (method | ERROR)) throw new Error(`no answer: ${type}`);
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= answer.length; ) {
    const length = answer.readUInt16BE(at + 2);
    attributes.set(answer.readUInt16BE(at), answer.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  if (type === (method | ERROR) && !attributes.has(ERROR_CODE)) throw new Error('a refusal without a code');
  return attributes;
}

/** 200, or the code of ERROR-CODE: the hundreds in one byte, the rest in the next. */
function codeOf(attributes: Map<number, Buffer>): number {
  const error = attributes.get(ERROR_CODE);
  return error ? (error.readUInt8(2) & 7) * 100 + error.readUInt8(3) : 200;
}
