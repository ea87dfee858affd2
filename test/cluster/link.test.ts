import { expect, test } from 'vitest';
import { decodeNotes, Link, Undelivered } from '../../src/cluster/link.ts';
import type { RedisConnection } from '../../src/cluster/redis-connection.ts';

test('what is too much for one instance is refused; of a chat it is told to read the room', async () => {
  const appended: string[][] = [];
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const run = async (_key: string, args: string[]) => {
    appended.push(args);
    await answered;
    return '1-0';
  };
  const link = new Link({ run } as unknown as RedisConnection, 'inbox', 'self');
  const chat = { is: 'chat', room: 'r', seq: 1, from: 'a', frame: 'x'.repeat(1024 * 1024) } as const;
  const sent = Array.from({ length: 8 }, () => link.send(chat));
  await expect(link.send(chat)).rejects.toBeInstanceOf(Undelivered);
  answer();
  await Promise.all(sent);
  const notes = appended.flatMap((args) => decodeNotes(args.slice(args.indexOf('from'))));
  expect(notes.map(({ is }) => is)).toEqual([...Array(8).fill('chat'), 'room']);
  await link.send(chat);
});
