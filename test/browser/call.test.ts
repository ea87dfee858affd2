import { expect, test } from 'vitest';
import { build, describeWith, until } from '../helper.ts';
import { callPage, launch, openCall, sees, servePage } from './chromium.ts';

describeWith('chromium', "the original frontend's way to call, in a real browser", () => {
  test('two pages see each other; after a reload of one of them the call comes back', async () => {
    const server = await build();
    const [browser, origin] = [await launch(), await servePage(callPage)];
    const a = await openCall(browser, origin, server, 'room-1', 'peer-a');
    const b = await openCall(browser, origin, server, 'room-1', 'peer-b');
    await sees(a, 'peer-b');
    await sees(b, 'peer-a');
    await b.reload();
    await sees(a, 'peer-b');
    await sees(b, 'peer-a');
    expect(server.app.rooms.census.peers).toBe(2);
  });

  test('a page that lost its socket is back by itself, under the same peer id, and the call too', async () => {
    const server = await build();
    const [browser, origin] = [await launch(), await servePage(callPage)];
    const a = await openCall(browser, origin, server, 'room-1', 'peer-a');
    const b = await openCall(browser, origin, server, 'room-1', 'peer-b');
    await sees(a, 'peer-b');
    await b.evaluate('window.lose()');
    await until(() => server.app.rooms.census.peers === 1);
    await until(() => server.app.rooms.census.peers === 2);
    await sees(a, 'peer-b');
    await sees(b, 'peer-a');
  });

  test('three pages are a mesh of three calls; who leaves disappears from the others', async () => {
    const server = await build();
    const [browser, origin] = [await launch(), await servePage(callPage)];
    const a = await openCall(browser, origin, server, 'a room/ü', 'Anna 🎥');
    const b = await openCall(browser, origin, server, 'a room/ü', 'b');
    const c = await openCall(browser, origin, server, 'a room/ü', 'c');
    await sees(a, 'b', 'c');
    await sees(b, 'Anna 🎥', 'c');
    await sees(c, 'Anna 🎥', 'b');
    await c.close();
    await sees(a, 'b');
    await sees(b, 'Anna 🎥');
  });
});
