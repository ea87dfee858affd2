import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from './domain/history.ts';
import { build, until } from './helper.ts';
import { PEERS, World } from './world.ts';

/** What one peer does in one moment; all peers do it at the same time. */
const act = fc.constantFrom('join', 'join', 'leave', 'cut', 'talk', 'talk', 'rest');
const moment = fc.array(act, { minLength: 8, maxLength: 8 });

test('real sockets that join, leave, are cut and speak all at once: each pair meets exactly once', async () => {
  const server = await build({ JOIN_RATE: '0', MESSAGE_RATE: '0' });
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 8 }), async (moments) => {
      const world = new World([server]);
      try {
        // One in each room who stays, so that the room's chats are counted from beginning to end.
        await world.run(['join', 'rest', 'rest', 'rest', 'join', 'rest', 'rest', 'rest']);
        const anchors = [...world.here.values()];
        for (const [i, acts] of moments.entries()) {
          const stay = acts.map((act, peer) => (peer % PEERS.length !== 0 ? act : i % 2 ? 'rest' : 'talk'));
          await world.run(stay);
        }
        check(world.all);
        world.checkOutcomes();
        for (const { heard } of anchors) {
          const chats = heard.filter(({ frame }) => frame.type === 'chat').map(({ frame }) => frame.seq);
          // The count goes on from the run before.
          const first = chats[0] ?? 1;
          expect(chats).toEqual(chats.map((_, n) => first + n));
        }
        await world.run(Array(8).fill('cut'));
      } finally {
        for (const { socket } of world.all) socket.ws.terminate();
      }
      check(world.all);
      await until(() => server.app.rooms.census.peers === 0);
      expect(server.app.rooms.census.rooms).toBe(0);
      expect(server.app.rooms.list(undefined, 10)).toEqual([]);
      expect(server.app.rooms.sessions.size).toBe(0);
    }),
    { numRuns: 15 },
  );
});
