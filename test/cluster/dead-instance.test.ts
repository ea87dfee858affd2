import { expect, test } from 'vitest';
import { describeWith, join, until } from '../helper.ts';
import type { ServerProcess } from '../process-helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { processes, stats } from './instances.ts';

/** Within this the peers of a dead instance are away or have left, ms. */
const PROMISED = 15_000;

describeWith('redis', 'an instance that dies', () => {
  test('its plain peers have left and its others are away within 15 s, and have left after their grace', async () => {
    const [doomed, other] = (await processes({ GRACE_SECONDS: '6' })) as [ServerProcess, ServerProcess];
    const witness = await join(other, 'r', 'witness');
    const v1Witness = await joinV1(other, 'r', 'v1-witness');
    await join(doomed, 'r', 'plain');
    await joinV1(doomed, 'r', 'v1');
    for (const each of [witness, v1Witness])
      await until(async () => (await each.nextOf('new-peer')).data === 'v1');
    doomed.kill('SIGKILL');
    const killedAt = performance.now();
    // What is sent to them from now on can't be delivered: their senders hear of it.
    witness.send({ type: 'offer', to: 'plain', data: 1, id: 'one' });
    witness.send({ type: 'offer', to: 'v1', data: 1, id: 'two' });
    await until(async () => !(await stats(other)).instances.complete);
    const heard = async (type: string, data: string) =>
      until(async () => {
        const frame = await v1Witness.next();
        expect(['peer-left', 'peer-away']).toContain(frame.type);
        return frame.type === type && frame.data === data;
      });
    // The news and the errors may overtake each other: they come from another instance, in different ways.
    const wanted = new Set(['peer-left plain', 'one peer-not-found', 'two peer-away']);
    const told = until(async () => {
      const { type, id, data } = await witness.next();
      wanted.delete(
        type === 'error' ? `${id} ${(data as unknown as { code: string }).code}` : `${type} ${data}`,
      );
      return wanted.size === 0;
    });
    await Promise.all([heard('peer-away', 'v1'), told]);
    expect(performance.now() - killedAt).toBeLessThan(PROMISED);
    await heard('peer-left', 'v1');
    expect((await witness.nextOf('peer-left')).data).toBe('v1');
    await until(async () => (await stats(other)).totalPeers === 2);
    expect((await stats(other)).instances).toEqual({ heard: 2, expected: 2, complete: true });
  });

  test('one that was stopped until it counted as dead comes back without splitting its rooms', async () => {
    const [stopped, other] = (await processes({ GRACE_SECONDS: '3600' })) as [ServerProcess, ServerProcess];
    const witness = await joinV1(other, 'r', 'witness');
    const plain = await join(stopped, 'r', 'plain');
    const v1 = await joinV1(stopped, 'r', 'v1');
    await until(async () => (await witness.nextOf('new-peer')).data === 'v1');
    stopped.kill('SIGSTOP');
    expect(await witness.nextOf('peer-left')).toMatchObject({ data: 'plain' });
    expect(await witness.nextOf('peer-away')).toMatchObject({ data: 'v1' });
    witness.send({ type: 'chat', data: 'meanwhile' });
    await witness.nextOf('chat');
    await until(async () => (await stats(other)).instances.expected === 2);
    stopped.kill('SIGCONT');
    expect(await witness.nextOf('peer-back')).toMatchObject({ data: 'v1' });
    // The others have seen it leave: it has to come again.
    expect((await plain.closed).code).toBe(1012);
    expect(await v1.nextOf('peer-left')).toMatchObject({ data: 'plain' });
    witness.send({ type: 'offer', to: 'v1', data: 1 });
    expect(await v1.nextOf('offer')).toMatchObject({ data: 1 });
    v1.send({ type: 'chat', data: 'again' });
    expect(await witness.nextOf('chat')).toMatchObject({ data: 'again', seq: 2 });
    const again = await join(stopped, 'r', 'plain');
    for (const each of [witness, v1]) expect(await each.nextOf('new-peer')).toMatchObject({ data: 'plain' });
    again.send({ type: 'peers' });
    expect((await again.next()).data).toEqual(['witness', 'v1', 'plain']);
    // Whoever took its peers over has given them back, long before their grace is over.
    await until(async () => (await stats(other)).totalPeers === 3);
  });
});
