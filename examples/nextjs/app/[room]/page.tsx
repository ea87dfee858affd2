import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { connection } from 'next/server';
import { Room } from '../../components/room.tsx';
import { roomIdOf } from '../../lib/room-id.ts';

export const metadata: Metadata = { title: 'Meeting', robots: { index: false } };

/** One meeting. Where the signaling server is, the browser learns at the time of its visit: one build does for all. */
export default async function RoomPage({ params }: { params: Promise<{ room: string }> }) {
  await connection();
  const room = roomIdOf((await params).room);
  if (room === undefined) notFound();
  return <Room room={room} signalingUrl={process.env.SIGNALING_URL ?? 'ws://localhost:3001'} />;
}
