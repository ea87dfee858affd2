import fc from 'fast-check';
import { check } from '../domain/history.ts';
import { type TestServer, until } from '../helper.ts';
import { World } from '../world.ts';

/** What one peer does in one moment; all peers do it at the same time. */
const act = fc.constantFrom('join', 'join', 'leave', 'cut', 'talk', 'talk', 'rest');
const moment = fc.array(act, { minLength: 8, maxLength: 8 });

/** Lets peers do anything at random on these instances, and checks what each of them hears. */
export async function agreeWithModel(servers: TestServer[], numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 6 }), async (moments) => {
      const world = new World(servers);
      try {
        for (const acts of moments) await world.run(acts);
        check(world.all, true);
        world.checkOutcomes();
        await world.run(Array(8).fill('cut'));
      } finally {
        for (const { socket } of world.all) socket.ws.terminate();
      }
      await until(() => servers.every(({ app }) => [...app.rooms.known].length === 0));
    }),
    { numRuns },
  );
}
