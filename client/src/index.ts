export { type Call, type CallOptions, type ChannelInit, createCall } from './call.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export { joinRoom, type Room } from './room.ts';
export type * from './types.ts';
