/** What one connection, one room and one instance may take. 0: no limit. */
export interface Limits {
  /** Output that may wait for one peer, bytes. */
  bufferedBytes: number;
  peersPerRoom: number;
  /** Peers of this instance. */
  peers: number;
  /** Messages per second of one connection. */
  messageRate: number;
  messageBurst: number;
  /** Bytes per second of one connection. */
  byteRate: number;
  byteBurst: number;
}
